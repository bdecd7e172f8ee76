"""Running an operation: a marker before the effect, its outcome after it, and what a crash left.

`operation.started` is unique on marker and attempt and appended at the version the goal was folded
at, so a worker that lost the race fails before it can begin the effect.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from core.domain.errors import (
    DiskError,
    FileChangedError,
    OutcomeUnknownError,
    OvertakenError,
    RefusedError,
    StandbyError,
    StorageError,
    TransientError,
    is_passing,
)
from core.domain.events import NewEvent
from core.domain.files import Pin, pin_changes
from core.domain.money import ZERO
from core.domain.quoting import quoted as words
from core.gates.budget import Hold
from core.goals.cases import Case, settled_case
from core.goals.finishing import Replies
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.attempt import failed, finished, started, unknown
from core.operations.cleaning import without_secrets
from core.operations.context import action_context
from core.operations.outcome import (
    changed_card,
    closing,
    labelled,
    quoted,
    retry_card,
    second_card,
    undone_card,
    wakes,
)
from core.operations.paying import Payment
from core.operations.pinning import binding, described, sent_taint
from core.operations.retrying import (
    MAX_ATTEMPTS,
    again_at,
    held_back,
    is_low,
    is_told,
    patience_of,
    waiting_message,
)
from core.ports.action import ActionContext, ActionResult, Trace
from core.ports.chat_surface import Progress
from core.ports.outcome_spool import Outcome
from core.telemetry.health import weigh
from core.telemetry.restored import Restored, restored

MAX_RECOVERIES = 20

End = Literal["finished", "failed", "refused"]

logger = logging.getLogger(__name__)


async def operate(kernel: Kernel, replies: Replies, state: GoalState, task: TaskState) -> None:
    """Begin a cleared operation, or take up one that a crash left in the middle."""
    try:
        case = settled_case(kernel, task)
    except RefusedError as error:
        heard = state.given(task)
        await kernel.log.append(closing(state, task, str(error), "refused", heard))
        return
    since = await restored(kernel.rows)
    run = Run(kernel, replies, state, task, case)
    again = _once_more(state, task, case, since) if task.status == "cleared" else None
    if again is not None:
        if not await run.is_done():
            await kernel.log.append([again], expect={f"goal:{state.id}": state.version})
        return
    if since.before(max(task.cleared_at, task.begun_at)):
        await run.recover_restored(since)
    elif task.status == "running":
        await run.recover()
    else:
        await run.go_on()


def _once_more(state: GoalState, task: TaskState, case: Case, since: Restored) -> NewEvent | None:
    """Return the card that asks once more before what was accepted happens; None for no need."""
    if task.cleared_by == "owner" and since.before(task.asked_at):
        what = f"You accepted {task.card}. {since.asks}"
        return retry_card(state, task, case, what, f"restored at {since.position}")
    return second_card(state, task, case)


class Run:
    """One operation on its way; lives for the attempts of one drain."""

    def __init__(
        self, kernel: Kernel, replies: Replies, state: GoalState, task: TaskState, case: Case
    ) -> None:
        """Take the folded task; its attempt and version move on as this run appends."""
        self._kernel, self._replies, self._state, self._task = kernel, replies, state, task
        self._case = replace(case, pins=task.pins)
        self._pins: tuple[Pin, ...] = ()
        self._payment = Payment(kernel, state, task, case)
        self._version = state.version
        self._plain = ""
        self._charged = ZERO
        self._committed = False
        action = case.action
        self._kept = not action.repeatable(case.args) and not action.can_look_up

    async def begin(self, before: list[NewEvent]) -> None:
        """Append the start of the next attempt after `before`, then make the attempt."""
        kernel, state, task = self._kernel, self._state, self._task
        attempt = task.attempt + 1
        if paid := await self._payment.settled(task.attempt, before):
            await kernel.log.append(paid)
        changes: tuple[str, ...] = ()
        unread: StorageError | None = None
        try:
            try:
                changes = await self._file_changes()
            except StorageError as error:  # the disk, and no word against the operation
                unread = error
            if not changes:
                await self._payment.reserve(attempt)
        except RefusedError as error:
            await kernel.log.append([*before, *self._closing(self._clean(error), "refused")])
            return
        if changes:
            asked = changed_card(state, task, self._case, changes)
            await kernel.log.append([*before, asked], expect={f"goal:{state.id}": self._version})
            return
        event = started(state, task, self._case, attempt)
        appended = await kernel.log.append(
            [*before, event], expect={f"goal:{state.id}": self._version}
        )
        if appended.duplicate:
            return
        self._version = appended.events[-1].version
        task.attempt, task.status, task.committing = attempt, "running", False
        self._committed, self._charged = False, ZERO
        since = await restored(kernel.rows)
        if since.before(appended.events[-1].position):  # noticed as the start was anchored
            await self.recover_restored(since)
        elif unread is not None:
            said, passing = self._clean(unread), is_passing(unread)
            await self._conclude(self._outcome("failed", error=said, passing=passing))
        else:
            await self._attempt()

    async def _attempt(self) -> None:
        """Have the effect; what came of it is kept until it is on the log."""
        kernel, action = self._kernel, self._case.action
        kernel.progress(Progress(self._state.conversation, self._state.id, status=action.name))
        try:
            if not action.commits:
                await self._reserve()
            async with asyncio.timeout(action.timeout_s):
                result = await action.run(self._case.args, self._context())
        except (OvertakenError, StandbyError):
            raise  # a newer attempt, or whoever leads now, says how it ends
        except FileChangedError as error:
            await self._changed_meanwhile(error)
        except OutcomeUnknownError as error:
            await self._in_doubt(words(self._clean(error)))
        except Exception as error:  # noqa: BLE001 - an action may raise anything: it is told
            outcome = self._without_effect(error)
            if outcome is None:
                await self._in_doubt(self._broke_off(error))
            else:
                await self._conclude(outcome)
        else:
            result = without_secrets(result, kernel.redactor)
            await self._conclude(self._outcome("finished", result=result))

    def _without_effect(self, error: Exception) -> Outcome | None:
        """Return how an attempt failed that certainly had no effect; None where it may have had."""
        said, plain = self._clean(error), getattr(error, "plain", "")
        self._charged = self._payment.charged(error) if self._committed else ZERO
        passing = is_passing(error)
        if isinstance(error, TransientError):
            pause = error.retry_after
            return self._outcome(
                "failed", error=said, plain=plain, retry_after=pause, passing=passing
            )
        before, action = not self._committed, self._case.action
        # A full disk, say, is no word of the other side: the same may succeed later.
        again = before or action.repeatable(self._case.args)
        again = again or (action.can_look_up and isinstance(error, DiskError))
        if isinstance(error, StorageError) and again:
            return self._outcome("failed", error=said, plain=plain, passing=passing)
        if isinstance(error, RefusedError):
            return self._outcome("refused", error=said, plain=plain)
        if not before:
            return None
        end: End = "failed" if isinstance(error, TimeoutError) else "refused"
        return self._outcome(end, error=self._broke_off(error))

    def _broke_off(self, error: Exception) -> str:
        action = self._case.action
        if isinstance(error, TimeoutError):
            return f"no answer in {action.timeout_s:.0f} s"
        logger.error("action %s failed inside", action.name, exc_info=error)
        return f"something broke inside Equerry ({type(error).__name__})"

    def _outcome(self, end: End, **more: Any) -> Outcome:  # noqa: ANN401 - the fields of Outcome
        return Outcome(marker=self._task.marker, attempt=self._task.attempt, end=end, **more)

    async def _conclude(self, outcome: Outcome, before: list[NewEvent] | None = None) -> None:
        """Write down how an attempt ended. Raises StorageError where that has to wait."""
        if self._kept:
            await self._kernel.outcomes.keep(outcome)
        self._plain = outcome.plain
        try:
            if outcome.result is not None:
                await self._finish(outcome.result, before)
            elif outcome.end == "failed":
                await self._failed(outcome.error, outcome.retry_after, passing=outcome.passing)
            else:
                await self._refused(outcome.error)
        except (StorageError, TransientError):
            raise
        except Exception as error:
            if not self._kept:
                raise
            message = f"What came of {self._case.action.name} could not be written down."
            raise StorageError(message) from error

    async def _reserve(self, commit_point: Callable[[], Awaitable[None]] | None = None) -> None:
        """See to it that the end can be written down; from here on the effect may happen."""
        if self._kept:
            await self._kernel.outcomes.reserve(self._task.marker)
        if commit_point is not None:
            await commit_point()
        self._committed = True

    async def _file_changes(self) -> tuple[str, ...]:
        """Pin the files anew, and return what differs from those that were approved."""
        case, task = self._case, self._task
        there = await case.action.pins(case.args)
        self._pins = binding(task, there)
        pins = await described(self._kernel, there)
        self._case = replace(case, pins=pins, content=sent_taint(pins))
        return pin_changes(binding(task, task.pins), binding(task, pins))

    async def _changed_meanwhile(self, error: FileChangedError) -> None:
        """Ask anew for an attempt that found other bytes than it began with."""
        await self._file_changes()
        why = self._clean(error)
        asked = changed_card(self._state, self._task, self._case, [why.rstrip(".")])
        await self._append([self._failure(why), asked])

    def _clean(self, error: BaseException) -> str:
        """Return the words of an error without the secrets that a server may have repeated."""
        return self._kernel.redactor.text(str(error))

    def _context(self) -> ActionContext:
        """Return what the action is handed; its files as it names them itself."""
        context = action_context(self._kernel, self._state, self._task, self._task.attempt)

        async def commit_point() -> None:
            await self._reserve(context.commit_point)

        return replace(context, pins=self._pins, commit_point=commit_point)

    async def _finish(self, result: ActionResult, before: list[NewEvent] | None = None) -> None:
        task, undo = self._task, result.undo
        result = labelled(self._state, task, self._case, result)
        result = without_secrets(result, self._kernel.redactor)
        hold = await self._payment.held(task.attempt)
        ended = finished(self._state, task, self._case, result, undo, hold.day)
        await self._append([*(before or []), *ended])

    async def _failed(
        self, error: str, pause: float | None = None, *, passing: bool = False
    ) -> None:
        """Try again later what certainly did not happen, as long as there is patience."""
        kernel, state, task, case = self._kernel, self._state, self._task, self._case
        patience = patience_of(task, case, passing=passing)
        at = again_at(task, patience, kernel.clock.now(), pause)
        if at is not None:
            told = waiting_message(kernel, self._replies, state, task, case, patience, error)
            ends = [self._failure(error, retry_at=at), *(told if is_told(task) else [])]
            await self._append(ends)
        elif is_low(task):
            ended = self._closing(error, "failed")
            await self._append([self._failure(error), *ended])
        else:
            card = undone_card(state, task, case, f"It did not happen: {words(error)}.")
            await self._append([self._failure(error), card])

    async def _refused(self, error: str) -> None:
        ended = self._closing(error, "refused")
        await self._append([self._failure(error), *ended])

    def _closing(self, error: str, end: Literal["failed", "refused"]) -> list[NewEvent]:
        heard = quoted(self._state, self._task, self._case.action)
        return closing(self._state, self._task, error, end, heard, self._plain)

    async def recover(self) -> None:
        """Say what became of a start without an end, and go on from there."""
        kept = await self._found()
        if kept is not None:
            await self._conclude(kept)
            return
        self._committed = self._task.committing or not self._case.action.commits
        await self._in_doubt("Equerry stopped while it was under way", MAX_RECOVERIES)

    async def recover_restored(self, since: Restored) -> None:
        """Say what became of what was allowed or begun on a log that went backwards since.

        What the log says of it is no proof of what did not happen.
        """
        if await self.is_done():
            return
        self._committed = True
        await self._in_doubt(since.happened.rstrip("."), MAX_RECOVERIES)

    async def go_on(self) -> None:
        """Begin what is cleared, unless it happened already or may not begin by itself now."""
        if await self.is_done():
            return
        held = await held_back(self._kernel, self._task)
        if held:
            error = words(self._task.error or "it failed")
            what = f"It did not happen: {error}. It was to be tried again now, but {held}."
            card = undone_card(self._state, self._task, self._case, what)
            await self._kernel.log.append(
                [card], expect={f"goal:{self._state.id}": self._state.version}
            )
            return
        await self.begin([])

    async def is_done(self) -> bool:
        """Return whether it is known beside the log that it happened; then it is on the log too."""
        kept = await self._found()
        if kept is None or kept.end != "finished":
            return False
        await self._conclude(kept)
        return True

    async def _found(self) -> Outcome | None:
        if not self._kept:
            return None
        return await self._kernel.outcomes.find(self._task.marker, self._task.attempt)

    async def _in_doubt(self, why: str, most: int = MAX_ATTEMPTS) -> None:
        action, again = self._case.action, self._task.attempt < most
        if again and (action.repeatable(self._case.args) or not self._committed):
            hold = await self._payment.begun(self._task.attempt)
            await self.begin([self._unknown("repeat", hold)])
        elif not self._committed:
            await self._failed(why)
        elif again and action.can_look_up:
            await self._look_up(why)
        else:
            await self._ask(why)

    async def _look_up(self, why: str) -> None:
        try:
            found = await self._case.action.look_up(self._case.args, self._context())
        except (TransientError, RefusedError) as error:
            lost = words(self._clean(error))
            await self._ask(f"{why}, and it could not be looked up: {lost}")
            return
        if found.trace is Trace.APPLIED and found.result is not None:
            await self._conclude(
                self._outcome("finished", result=found.result), [self._unknown("found")]
            )
        elif found.trace is Trace.ABSENT:
            await self.begin([self._unknown("repeat")])
        else:
            await self._ask(why)

    async def _ask(self, why: str) -> None:
        card = retry_card(self._state, self._task, self._case, f"It may have happened: {why}.")
        hold = await self._payment.held(self._task.attempt)
        await self._append([self._unknown("ask", hold), card])

    def _unknown(
        self, then: Literal["repeat", "found", "ask"], hold: Hold | None = None
    ) -> NewEvent:
        return unknown(self._state, self._task, self._case, then, hold)

    def _failure(self, error: str, retry_at: datetime | None = None) -> NewEvent:
        return failed(self._state, self._task, self._case, error, retry_at)

    async def _append(self, events: list[NewEvent]) -> None:
        paid = await self._payment.settled(self._task.attempt, events, self._charged)
        woken = await wakes(self._kernel, self._state, self._task, events)
        await self._kernel.log.append([*events, *paid, *woken])
        if self._kept:
            await self._kernel.outcomes.drop(self._task.marker)
        await weigh(self._kernel.log, self._kernel.rows, f"action:{self._case.action.name}")
