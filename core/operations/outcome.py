"""What the end of an operation means: for its task, for the owner, for others who wait for it."""

from collections.abc import Sequence
from typing import Any, Literal

from core.domain.cards import CardItem, CardKind, Ruling
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.gates import CardOpened
from core.domain.events.goals import GoalWoken, TaskFailed, TaskFinished
from core.domain.ids import short_id
from core.domain.sources import Source, Taint, merged
from core.gates.views import joined_goals
from core.goals.asked import who_asked
from core.goals.cases import Case
from core.goals.gating import card_item
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.ports.action import Action, ActionResult

End = Literal["refused", "failed", "rejected", "expired", "skipped"]


def concluded(
    state: GoalState, task: TaskState, result: ActionResult, output: Erasable, said: Erasable
) -> TaskFinished:
    """Return the end of a task with a result, whose texts are sealed already."""
    return TaskFinished(
        task=task.planned.id,
        agent="executor",
        output=output,
        said=said,
        sources=merged(result.sources, state.given(task)),
        private=result.private,
    )


def closing(
    state: GoalState, task: TaskState, what: str, end: End, heard: Taint = (), plain: str = ""
) -> list[NewEvent]:
    """Return the event that ends the task without a result.

    `heard` are the outside sources that the words of an error may quote; `plain` says it without
    them.
    """
    payload = TaskFailed(
        task=task.planned.id,
        agent=task.planned.agent,
        error=Erasable.of(what),
        kind=end,
        sources=heard,
        plain=plain,
    )
    return [ending(state, task, payload)]


def ending(state: GoalState, task: TaskState, payload: TaskFinished | TaskFailed) -> NewEvent:
    """Return the event that ends the task; it is appended once."""
    goal = state.id
    return NewEvent(
        stream=f"goal:{goal}",
        payload=payload,
        goal=goal,
        actor="executor",
        key=task.end_key(goal),
    )


def quoted(state: GoalState, task: TaskState, action: Action[Any]) -> Taint:
    """Return the outside sources that an error of an action may quote: its arguments, others."""
    others = (Source(kind="tool", ref=action.name),) if action.quotes_others else ()
    return merged(state.given(task), others)


def labelled(state: GoalState, task: TaskState, case: Case, result: ActionResult) -> ActionResult:
    """Return a result with its labels: whose words it holds, and what of the owner's own.

    What was read is outside text, said or not; private is what it gave, and what it was given.
    """
    action, own = case.action, (Source(kind="tool", ref=case.action.name),)
    reads = action.quotes_others and action.impact(case.args) == "none"
    private = merged(state.private(task), (result.private or own) if action.gives_private else ())
    sources = result.sources or (own if reads else ())
    return result.model_copy(update={"sources": sources, "private": private})


def retry_card(
    state: GoalState, task: TaskState, case: Case, what: str, after: str = ""
) -> NewEvent:
    """Return the card that asks whether to do again what may have happened.

    `after` names what it is asked after, where that is no attempt.
    """
    item = card_item(task, case, task.marker, _ruling(task)).model_copy(update={"editable": ()})
    title = f"Do it again? {item.title.text}"
    return _asks_again(state, task, item, "unknown", title, what, after)


def undone_card(state: GoalState, task: TaskState, case: Case, what: str) -> NewEvent:
    """Return the card that asks whether to try again what certainly did not happen."""
    item = card_item(task, case, task.marker, _ruling(task))
    return _asks_again(state, task, item, "operation", f"Try again? {item.title.text}", what)


def _asks_again(
    state: GoalState,
    task: TaskState,
    item: CardItem,
    kind: CardKind,
    title: str,
    what: str,
    after: str = "",
) -> NewEvent:
    opened = CardOpened(
        card=short_id("C", state.id, task.marker, "again", after or str(task.attempt)),
        kind=kind,
        conversation=state.conversation,
        agent=state.plan_agent,
        items=(item,),
        title=Erasable.of(title),
        why=Erasable.of(f"{what} {_sentence(who_asked(state))}"),
        route="review",
    )
    return _opens(state, opened)


def changed_card(state: GoalState, task: TaskState, case: Case, changes: Sequence[str]) -> NewEvent:
    """Return the card that asks anew, because the files are not those that were approved."""
    allowed = "accepted this" if task.cleared_by == "owner" else "allowed this before"
    reason = "a file changed after this was allowed"
    before = _ruling(task)
    ruling = before.model_copy(
        update={
            "route": "review",
            "reasons": (reason, *(one for one in before.reasons if one != reason)),
            "sources": merged(before.sources, case.content),
        }
    )
    item = card_item(task, case, task.marker, ruling)
    opened = CardOpened(
        card=short_id("C", state.id, task.marker, "changed", str(len(task.cards))),
        kind="operation",
        conversation=state.conversation,
        agent=state.plan_agent,
        items=(item,),
        title=item.title,
        why=Erasable.of(f"You {allowed}, but {'; '.join(changes)}. Nothing went out."),
        route="review",
    )
    return _opens(state, opened)


def second_card(state: GoalState, task: TaskState, case: Case) -> NewEvent | None:
    """Return the card that asks once more before an operation that gives much away may begin.

    None where it needs no second answer, or has it. Whatever surface the first accept came from,
    nothing has happened by it yet.
    """
    if not case.action.asks_twice or task.ruling is None or len(task.cards) != 1:
        return None
    item = card_item(task, case, task.marker, task.ruling).model_copy(update={"asks_twice": False})
    (first,) = task.cards
    opened = CardOpened(
        card=short_id("C", state.id, task.marker, "twice"),
        kind="operation",
        conversation=state.conversation,
        agent=state.plan_agent,
        items=(item,),
        title=Erasable.of(f"Really? {item.title.text}"),
        why=Erasable.of(
            f"you accepted {first}, and nothing has happened yet. {_sentence(who_asked(state))}"
        ),
        route="review",
        confirms=first,
    )
    return _opens(state, opened)


def _opens(state: GoalState, opened: CardOpened) -> NewEvent:
    return NewEvent(
        stream=f"card:{opened.card}",
        payload=opened,
        goal=state.id,
        actor="executor",
        key=f"card:{opened.card}",
    )


def _ruling(task: TaskState) -> Ruling:
    if task.ruling is None:
        message = f"Task {task.planned.id!r} has no ruling."
        raise ValueError(message)
    return task.ruling


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


async def wakes(
    kernel: Kernel, state: GoalState, task: TaskState, events: list[NewEvent]
) -> list[NewEvent]:
    """Return events that wake the goals which wait for the same card, once the task has ended."""
    if not any(isinstance(event.payload, TaskFinished | TaskFailed) for event in events):
        return []
    woken = []
    joined = await joined_goals(kernel, state.id, task.cards)
    for goal, conversation in joined.items():
        payload = GoalWoken(conversation=conversation, reason=f"{state.id} ended it")
        key = f"woken:{goal}:{state.id}:{task.planned.id}"
        woken.append(NewEvent(stream=f"goal:{goal}", payload=payload, goal=goal, key=key))
    return woken
