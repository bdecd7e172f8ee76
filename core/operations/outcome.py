"""What the end of an operation means: for its task, for the owner, for others who wait for it."""

from typing import Any, Literal

from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.gates import CardOpened
from core.domain.events.goals import GoalWoken, TaskFailed, TaskFinished
from core.domain.ids import short_id
from core.domain.sources import Source, Taint, merged
from core.gates.views import joined_goals
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
    if task.ruling is None:
        message = f"Task {task.planned.id!r} has no ruling."
        raise ValueError(message)
    item = card_item(task, case, task.marker, task.ruling).model_copy(update={"editable": ()})
    card = short_id("C", state.id, task.marker, "again", str(task.attempt))
    opened = CardOpened(
        card=card,
        kind="unknown",
        conversation=state.conversation,
        agent=state.plan_agent,
        items=(item,),
        title=Erasable.of(f"Do it again? {item.title.text}"),
        why=Erasable.of(what),
        route="review",
    )
    return NewEvent(
        stream=f"card:{card}", payload=opened, goal=state.id, actor="executor", key=f"card:{card}"
    )


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
