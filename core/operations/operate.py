"""Running an operation: a marker before the effect, its outcome after it, and what a crash left.

`operation.started` is unique on marker and attempt and appended at the version the goal was folded
at, so a worker that lost the race fails before it can begin the effect.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from core.domain.erasable import Erasable
from core.domain.errors import (
    FileChangedError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from core.domain.events import NewEvent, Payload
from core.domain.events.operations import (
    OperationFailed,
    OperationFinished,
    OperationStarted,
    OperationUnknown,
)
from core.domain.files import Pin, pin_changes
from core.domain.money import ZERO
from core.domain.quoting import quoted as words
from core.domain.sources import Source, merged
from core.gates.budget import Hold
from core.goals.cases import Case, settled_case
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.cleaning import without_secrets
from core.operations.context import action_context
from core.operations.outcome import (
    changed_card,
    closing,
    quoted,
    retry_card,
    second_card,
    wakes,
)
from core.operations.paying import Payment
from core.operations.pinning import binding, described, sent_taint
from core.ports.action import ActionContext, ActionResult, Trace
from core.ports.chat_surface import Progress
from core.telemetry.health import weigh

MAX_ATTEMPTS = 4
MAX_RECOVERIES = 20
BACKOFF_S = (2.0, 10.0, 60.0)

logger = logging.getLogger(__name__)


async def operate(kernel: Kernel, state: GoalState, task: TaskState) -> None:
    """Begin a cleared operation, or take up one that a crash left in the middle."""
    try:
        case = settled_case(kernel, task)
    except RefusedError as error:
        heard = state.given(task)
        await kernel.log.append(closing(state, task, str(error), "refused", heard))
        return
    again = second_card(state, task, case) if task.status == "cleared" else None
    if again is not None:
        await kernel.log.append([again], expect={f"goal:{state.id}": state.version})
        return
    run = Run(kernel, state, task, case)
    if task.status == "running":
        await run.recover()
    else:
        await run.begin([])


class Run:
    """One operation on its way; lives for the attempts of one drain."""

    def __init__(self, kernel: Kernel, state: GoalState, task: TaskState, case: Case) -> None:
        """Take the folded task; its attempt and version move on as this run appends."""
        self._kernel, self._state, self._task = kernel, state, task
        self._case = replace(case, pins=task.pins)
        self._pins: tuple[Pin, ...] = ()
        self._payment = Payment(kernel, state, task, case)
        self._version = state.version
        self._plain = ""

    async def begin(self, before: list[NewEvent]) -> None:
        """Append the start of the next attempt after `before`, then make the attempt."""
        kernel, state, task = self._kernel, self._state, self._task
        attempt = task.attempt + 1
        if paid := await self._payment.settled(task.attempt, before):
            await kernel.log.append(paid)
        try:
            changes = await self._file_changes()
            if not changes:
                await self._payment.reserve(attempt)
        except RefusedError as error:
            await kernel.log.append([*before, *self._closing(self._clean(error), "refused")])
            return
        if changes:
            asked = changed_card(state, task, self._case, changes)
            await kernel.log.append([*before, asked], expect={f"goal:{state.id}": self._version})
            return
        started = OperationStarted(
            marker=task.marker,
            task=task.planned.id,
            action=self._case.action.name,
            args=Erasable.of(self._case.wire),
            impact=task.ruling.impact if task.ruling else "high",
            attempt=attempt,
            by=task.cleared_by,
            card=task.card,
        )
        event = self._event(started, key=f"op:{task.marker}:{attempt}")
        appended = await kernel.log.append(
            [*before, event], expect={f"goal:{state.id}": self._version}
        )
        if appended.duplicate:
            return
        self._version = appended.events[-1].version
        task.attempt, task.status, task.committing = attempt, "running", False
        await self._attempt()

    async def _attempt(self) -> None:
        kernel, task, action = self._kernel, self._task, self._case.action
        kernel.progress(Progress(self._state.conversation, self._state.id, status=action.name))
        context = self._context()
        try:
            async with asyncio.timeout(action.timeout_s):
                result = await action.run(self._case.args, context)
        except TransientError as error:
            self._plain = error.plain
            await self._failed(self._clean(error), error.retry_after)
        except FileChangedError as error:
            await self._changed_meanwhile(error)
        except RefusedError as error:
            self._plain = error.plain
            await self._refused(self._clean(error))
        except (OutcomeUnknownError, TimeoutError) as error:
            task.committing = True
            said = self._clean(error)
            why = words(said) if said else f"no answer in {action.timeout_s:.0f} s"
            await self._in_doubt(why, MAX_ATTEMPTS)
        except Exception as error:
            logger.exception("action %s failed inside", action.name)
            task.committing = True
            why = f"something broke inside Equerry ({type(error).__name__})"
            await self._in_doubt(why, MAX_ATTEMPTS)
        else:
            await self._finish(result)

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
        return replace(context, pins=self._pins)

    async def _finish(self, result: ActionResult, before: list[NewEvent] | None = None) -> None:
        task, undo = self._task, result.undo
        result = self._labelled(self._named(result))
        result = without_secrets(result, self._kernel.redactor)
        hold = await self._payment.held(task.attempt)
        finished = OperationFinished(
            marker=task.marker,
            task=task.planned.id,
            action=self._case.action.name,
            attempt=task.attempt,
            output=Erasable.of(result.output),
            said=Erasable.of(result.said),
            undo=Erasable.of(undo) if undo is not None else None,
            usd=result.usd,
            day=hold.day if result.usd else "",
            sources=merged(result.sources, self._state.given(task)),
            written=result.written,
        )
        key = f"op:{task.marker}:end"
        ended = closing(self._state, task, result, "finished")
        await self._append([*(before or []), self._event(finished, key=key), *ended])

    def _named(self, result: ActionResult) -> ActionResult:
        """Return what was read with a source: text of others is outside text, said or not."""
        action = self._case.action
        reads = action.quotes_others and action.impact(self._case.args) == "none"
        if result.sources or not reads:
            return result
        source = Source(kind="tool", ref=action.name)
        return result.model_copy(update={"sources": (source,)})

    def _labelled(self, result: ActionResult) -> ActionResult:
        """Return what came of it with its private label: what it gave, and what it was given."""
        action = self._case.action
        given = self._state.private(self._task)
        gave = result.private or (Source(kind="tool", ref=action.name),)
        private = merged(given, gave if action.gives_private else ())
        return result.model_copy(update={"private": private})

    async def _failed(self, error: str, pause: float | None) -> None:
        task = self._task
        low = task.ruling is not None and task.ruling.impact in {"none", "low"}
        if low and task.attempt < MAX_ATTEMPTS:
            wait = pause or BACKOFF_S[min(task.attempt, len(BACKOFF_S)) - 1]
            at = self._kernel.clock.now() + timedelta(seconds=wait)
            await self._append([self._failure(error, retry_at=at)])
        elif low:
            ended = self._closing(error, "failed")
            await self._append([self._failure(error), *ended])
        else:
            card = retry_card(self._state, task, self._case, f"It did not happen: {words(error)}.")
            await self._append([self._failure(error), card])

    async def _refused(self, error: str) -> None:
        ended = self._closing(error, "refused")
        await self._append([self._failure(error), *ended])

    def _closing(self, error: str, end: Literal["failed", "refused"]) -> list[NewEvent]:
        heard = quoted(self._state, self._task, self._case.action)
        return closing(self._state, self._task, error, end, heard, self._plain)

    async def recover(self) -> None:
        """Say what became of a start without an end, and go on from there."""
        await self._in_doubt("Equerry stopped while it was under way", MAX_RECOVERIES)

    async def _in_doubt(self, why: str, most: int) -> None:
        action, task = self._case.action, self._task
        if task.attempt < most:
            if action.repeatable(self._case.args) or (action.commits and not task.committing):
                await self.begin([self._unknown("repeat")])
                return
            if action.can_look_up:
                await self._look_up(why)
                return
        await self._ask(why)

    async def _look_up(self, why: str) -> None:
        try:
            found = await self._case.action.look_up(self._case.args, self._context())
        except (TransientError, RefusedError) as error:
            lost = words(self._clean(error))
            await self._ask(f"{why}, and it could not be looked up: {lost}")
            return
        if found.trace is Trace.APPLIED and found.result is not None:
            await self._finish(found.result, [self._unknown("found")])
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
        task = self._task
        payload = OperationUnknown(
            marker=task.marker,
            task=task.planned.id,
            action=self._case.action.name,
            attempt=task.attempt,
            next=then,
            usd=hold.usd if hold else ZERO,
            day=hold.day if hold and hold.usd else "",
        )
        return self._event(payload, key=f"op:{task.marker}:{task.attempt}:unknown")

    def _failure(self, error: str, retry_at: datetime | None = None) -> NewEvent:
        task = self._task
        payload = OperationFailed(
            marker=task.marker,
            task=task.planned.id,
            action=self._case.action.name,
            attempt=task.attempt,
            error=Erasable.of(error),
            retry_at=retry_at,
        )
        return self._event(payload, key=f"op:{task.marker}:{task.attempt}:failed")

    async def _append(self, events: list[NewEvent]) -> None:
        paid = await self._payment.settled(self._task.attempt, events)
        woken = await wakes(self._kernel, self._state, self._task, events)
        await self._kernel.log.append([*events, *paid, *woken])
        await weigh(self._kernel.log, self._kernel.rows, f"action:{self._case.action.name}")

    def _event(self, payload: Payload, key: str) -> NewEvent:
        goal = self._state.id
        return NewEvent(
            stream=f"goal:{goal}", payload=payload, goal=goal, actor="executor", key=key
        )
