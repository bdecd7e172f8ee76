"""When an attempt that certainly had no effect is made again, and what holds it back then."""

from datetime import datetime, timedelta

from core.domain.events import NewEvent
from core.domain.ids import short_id
from core.domain.pauses import nth_pause
from core.domain.quoting import one_line
from core.domain.quoting import quoted as words
from core.goals.cases import Case
from core.goals.finishing import Replies
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.outcome import quoted
from core.projections.permissions import AUTONOMY_KEY

MAX_ATTEMPTS = 4
BACKOFF_S = (2.0, 10.0, 60.0)
"""Attempts of what is the owner's own and can be undone, and the pauses between them."""
QUEUE_S = (60.0, 300.0, 900.0, 3600.0)
"""Pauses before what others must take is offered again, the last one from then on, as mail queues
have them: greylisting ends within minutes, a server that is down within hours."""


MACHINE = timedelta(days=2)
"""How long a full disk is waited for where the action itself is soon given up: a weekend."""


def is_low(task: TaskState) -> bool:
    """Return whether an operation is soon given up: nobody else waits for it."""
    return task.ruling is not None and task.ruling.impact in {"none", "low"}


def patience_of(task: TaskState, case: Case, *, passing: bool) -> timedelta:
    """Return for how long what did not happen is tried again; none for what is soon given up.

    `passing`: the machine was at fault, which lasts as long as it lasts, whatever the impact.
    """
    if not is_low(task):
        return case.action.patience
    return MACHINE if passing else timedelta()


def again_at(
    task: TaskState, patience: timedelta, now: datetime, pause: float | None
) -> datetime | None:
    """Return when a failed attempt is made again; None where the patience is at its end.

    `pause` is what the other side asked for in seconds, an hour at most as in TransientError.
    """
    if is_low(task) and task.attempt < MAX_ATTEMPTS:
        wait = pause or nth_pause(BACKOFF_S, task.attempt - 1)
        return now + timedelta(seconds=wait)
    tries = task.attempt - MAX_ATTEMPTS if is_low(task) else task.failures
    wait = max(pause or 0, nth_pause(QUEUE_S, tries))
    at = now + timedelta(seconds=wait)
    return at if at <= _until(task, patience, now) else None


def is_told(task: TaskState) -> bool:
    """Return whether the owner is told now that something waits: once, and not of a few seconds."""
    return task.attempt == MAX_ATTEMPTS if is_low(task) else not task.failures


def _until(task: TaskState, patience: timedelta, now: datetime) -> datetime:
    return (task.failing_since or now) + patience


async def held_back(kernel: Kernel, task: TaskState) -> str:
    """Return why an attempt that is made again by itself may not be made now; empty: it may."""
    if task.retry_at is None or (task.ruling is not None and task.ruling.impact == "none"):
        return ""
    brake = await kernel.rows.get("autonomy", AUTONOMY_KEY)
    if brake is not None and brake.state == "paused":
        return "Equerry is paused"
    if task.cleared_by == "grant" and task.grant is not None:
        grant = await kernel.rows.get("grants", task.grant)
        if grant is not None and grant.state != "active":
            return f"the permission {grant.key} was taken back"
    return ""


def waiting_message(
    kernel: Kernel,
    replies: Replies,
    state: GoalState,
    task: TaskState,
    case: Case,
    patience: timedelta,
    why: str,
) -> list[NewEvent]:
    """Return the message that tells the owner once that something waits to be tried again."""
    now = kernel.clock.now()
    at = again_at(task, patience, now, None) or now
    until = _until(task, patience, now).astimezone(kernel.zone)
    title = case.action.preview(case.args).title
    text = (
        f"Not done yet: {one_line(title)}. The reason: {words(why)}. I try again at "
        f"{at.astimezone(kernel.zone):%H:%M} and go on until {until:%a %H:%M}; /stop {state.id} "
        "gives it up."
    )
    name = short_id("W", state.id, task.marker, str(task.attempt))
    heard = quoted(state, task, case.action)
    return replies.message(state.conversation, text, name, state=state, sources=heard)
