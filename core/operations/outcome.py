"""What the end of an operation means: for its task, for the owner, for others who wait for it."""

from collections.abc import Sequence
from typing import Any, Literal

from core.domain.cards import Ruling
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

End = Literal["finished", "refused", "failed", "rejected", "expired", "skipped"]


def closing(
    state: GoalState,
    task: TaskState,
    what: ActionResult | str,
    end: End,
    heard: Taint = (),
    plain: str = "",
) -> list[NewEvent]:
    """Return the event that ends the task: with a result, or with what went wrong.

    `heard` are the outside sources that the words of an error may quote; `plain` says it without
    them.
    """
    payload: TaskFinished | TaskFailed
    if isinstance(what, ActionResult):
        given = state.given(task)
        payload = TaskFinished(
            task=task.planned.id,
            agent="executor",
            output=Erasable.of(what.output),
            said=Erasable.of(what.said),
            sources=merged(what.sources, given),
            private=what.private,
        )
    else:
        kind = "failed" if end == "finished" else end
        payload = TaskFailed(
            task=task.planned.id,
            agent=task.planned.agent,
            error=Erasable.of(what),
            kind=kind,
            sources=heard,
            plain=plain,
        )
    goal = state.id
    return [
        NewEvent(
            stream=f"goal:{goal}",
            payload=payload,
            goal=goal,
            actor="executor",
            key=task.end_key(goal),
        )
    ]


def quoted(state: GoalState, task: TaskState, action: Action[Any]) -> Taint:
    """Return the outside sources that an error of an action may quote: its arguments, others."""
    others = (Source(kind="tool", ref=action.name),) if action.quotes_others else ()
    return merged(state.given(task), others)


def retry_card(state: GoalState, task: TaskState, case: Case, what: str) -> NewEvent:
    """Return the card that asks whether to do it (again) after an attempt that did not end well."""
    item = card_item(task, case, task.marker, _ruling(task)).model_copy(update={"editable": ()})
    opened = CardOpened(
        card=short_id("C", state.id, task.marker, "again", str(task.attempt)),
        kind="unknown",
        conversation=state.conversation,
        agent=state.plan_agent,
        items=(item,),
        title=Erasable.of(f"Do it again? {item.title.text}"),
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
