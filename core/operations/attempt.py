"""The events of one attempt of an operation: its start, its result, its failure, its doubt."""

from datetime import datetime
from typing import Any, Literal

from core.domain.erasable import Erasable
from core.domain.events import NewEvent, Payload
from core.domain.events.operations import (
    OperationFailed,
    OperationFinished,
    OperationStarted,
    OperationUnknown,
)
from core.domain.money import ZERO
from core.domain.sources import merged
from core.gates.budget import Hold
from core.goals.cases import Case
from core.goals.state import GoalState, TaskState
from core.operations.context import newest_attempt
from core.operations.outcome import concluded, ending
from core.ports.action import ActionResult


def started(state: GoalState, task: TaskState, case: Case, attempt: int) -> NewEvent:
    """Return the marker that stands before an attempt; no other attempt has its key."""
    payload = OperationStarted(
        marker=task.marker,
        task=task.planned.id,
        action=case.action.name,
        args=Erasable.of(case.wire),
        impact=task.ruling.impact if task.ruling else "high",
        attempt=attempt,
        by=task.cleared_by,
        card=task.card,
    )
    return _event(state, payload, key=f"op:{task.marker}:{attempt}")


def finished(
    state: GoalState,
    task: TaskState,
    case: Case,
    result: ActionResult,
    undo: dict[str, Any] | None,
    day: str,
) -> list[NewEvent]:
    """Return the ends of an operation that had its effect and of its task; each appended once.

    `undo` is what takes the effect back, with nothing redacted; `day` is the one that pays.
    """
    output, said = Erasable.of(result.output), Erasable.of(result.said)
    payload = OperationFinished(
        marker=task.marker,
        task=task.planned.id,
        action=case.action.name,
        attempt=task.attempt,
        output=output,
        said=said,
        undo=Erasable.of(undo) if undo is not None else None,
        usd=result.usd,
        day=day if result.usd else "",
        sources=merged(result.sources, state.given(task)),
        written=result.written,
    )
    end = _event(state, payload, key=f"op:{task.marker}:end")
    return [end, ending(state, task, concluded(state, task, result, output, said))]


def failed(
    state: GoalState, task: TaskState, case: Case, error: str, retry_at: datetime | None = None
) -> NewEvent:
    """Return the failure of the newest attempt; `retry_at` is when the next one is due."""
    payload = OperationFailed(
        marker=task.marker,
        task=task.planned.id,
        action=case.action.name,
        attempt=task.attempt,
        error=Erasable.of(error),
        retry_at=retry_at,
    )
    return _of_newest(state, task, payload, "failed")


def unknown(
    state: GoalState,
    task: TaskState,
    case: Case,
    then: Literal["repeat", "found", "ask"],
    hold: Hold | None = None,
) -> NewEvent:
    """Return the doubt about the newest attempt, what comes of it, and what it may have cost."""
    payload = OperationUnknown(
        marker=task.marker,
        task=task.planned.id,
        action=case.action.name,
        attempt=task.attempt,
        next=then,
        usd=hold.usd if hold else ZERO,
        day=hold.day if hold and hold.usd else "",
    )
    return _of_newest(state, task, payload, "unknown")


def _of_newest(state: GoalState, task: TaskState, payload: Payload, what: str) -> NewEvent:
    """Return an event that only the newest attempt may append.

    That an effect happened is true whoever says it; that one did not, only the newest knows.
    """
    event = _event(state, payload, key=f"op:{task.marker}:{task.attempt}:{what}")
    if not task.attempt:  # none was begun on this log
        return event
    return event.model_copy(update={"claim": newest_attempt(task.marker, task.attempt)})


def _event(state: GoalState, payload: Payload, key: str) -> NewEvent:
    goal = state.id
    return NewEvent(stream=f"goal:{goal}", payload=payload, goal=goal, actor="executor", key=key)
