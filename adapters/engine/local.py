"""The embedded engine: asyncio tasks in one process.

It keeps nothing that the log does not know: after a crash the agenda says who has unfinished work
and whose time has come. What waits costs neither a task nor a timer, only a row.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from adapters.engine.alarms import Alarms
from adapters.engine.failures import Failures, describe, pause_after
from core.domain.errors import BugError
from core.ports.clock import Clock
from core.ports.engine import Agenda, Drain, EngineHealth

PARALLEL = 64
LONGEST_REST_S = 60.0
"""So that a suspended laptop or a clock that was set is noticed within a minute."""

STUCK_AFTER = 3
"""Failures in a row after which a conversation no longer holds up `idle`."""

_log = logging.getLogger(__name__)


class LocalEngine:
    """Runs up to `parallel` conversations at once, the others in the order of their wakes.

    All methods are for the event loop that `run` is on.
    """

    def __init__(self, agenda: Agenda, clock: Clock, *, parallel: int = PARALLEL) -> None:
        self._agenda = agenda
        self._clock = clock
        self._parallel = parallel
        self._alarms = Alarms(agenda)
        self._failures = Failures()
        self._drain: Drain | None = None
        self._asked: dict[str, None] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._begun: set[str] = set()
        self._again: set[str] = set()
        self._news = asyncio.Event()
        self._quiet = asyncio.Event()
        self._started = False
        self._agenda_failed: str | None = None

    async def wake(self, conversation: str, at: datetime | None = None) -> None:
        """Ask for a drain, now or `at` an aware time; a wake before `run` is kept for it."""
        if at is not None and at > self._clock.now():
            self._alarms.hint(conversation, at)
            self._look_again()
        elif self._failures.pausing(conversation):
            self._failures.hasten(conversation)
            self._look_again()
        else:
            self._ask(conversation)

    async def run(self, drain: Drain) -> None:
        """Wake everything unfinished, then run drains until cancelled; drains end with it."""
        if self._drain is not None:
            message = "The engine is running already."
            raise BugError(message)
        self._drain = drain
        self._start_drains()
        try:
            await self._patiently(self._wake_unfinished)
            while True:
                await self._patiently(self._look)
                self._started = True
                self._settle()
                await self._rest(self._rest_seconds())
        finally:
            await self._stop()

    async def idle(self) -> None:
        """Return when no drain runs and none is asked for; wait for the start if need be.

        A timer that is due counts as asked for, and so does a retry, up to the third failure in a
        row. Returns also when `run` has ended, as then nothing will run.
        """
        if self._drain is not None and self._rest_seconds() <= 0:
            self._look_again()
        await self._quiet.wait()

    async def health(self) -> EngineHealth:
        """Return how many drains run and wait; `failures` counts conversations that fail now."""
        return EngineHealth(
            running=len(self._running),
            waiting=len(self._asked) + self._failures.planned(),
            failures=len(self._failures),
            problem=self._agenda_failed or self._failures.sentence(),
        )

    async def _wake_unfinished(self) -> None:
        for conversation in await self._agenda.unfinished():
            self._ask(conversation)

    async def _look(self) -> None:
        """Wake whose time has come."""
        now = self._clock.now()
        for conversation in await self._alarms.take(now):
            if not self._failures.pausing(conversation):
                self._ask(conversation)
        for conversation in self._failures.take(now):
            self._ask(conversation)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step that reads the agenda until it succeeds."""
        failures = 0
        while True:
            self._news.clear()
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - a read that fails must not end the engine
                failures += 1
                what = describe(error)
                self._agenda_failed = f"The engine cannot read what is due: {what}; it tries again."
                _log.warning("agenda failed", extra={"error": what, "failures": failures})
                await self._clock.sleep(pause_after(failures))
            else:
                self._agenda_failed = None
                return

    def _rest_seconds(self) -> float:
        alarms = (at for at in (self._alarms.next, self._failures.next()) if at is not None)
        first = min(alarms, default=None)
        if first is None:
            return LONGEST_REST_S
        return min(LONGEST_REST_S, (first - self._clock.now()).total_seconds())

    async def _rest(self, seconds: float) -> None:
        """Sleep until the next alarm, or until there is news."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({sleep, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            news.cancel()
            await asyncio.gather(sleep, news, return_exceptions=True)

    def _look_again(self) -> None:
        self._news.set()
        self._settle()

    def _ask(self, conversation: str) -> None:
        if conversation in self._begun:
            self._again.add(conversation)
        elif conversation in self._running:
            return  # its drain will see whatever this wake is about
        else:
            self._asked[conversation] = None
        self._start_drains()

    def _start_drains(self) -> None:
        """Start what was asked for longest, as far as there is room."""
        while self._drain is not None and self._asked and len(self._running) < self._parallel:
            conversation = next(iter(self._asked))
            del self._asked[conversation]
            task = asyncio.create_task(self._run_one(self._drain, conversation), name=conversation)
            self._running[conversation] = task
            task.add_done_callback(self._ended)
        self._settle()

    async def _run_one(self, drain: Drain, conversation: str) -> None:
        self._begun.add(conversation)
        await drain(conversation)

    def _ended(self, task: asyncio.Task[None]) -> None:
        conversation = task.get_name()
        del self._running[conversation]
        self._begun.discard(conversation)
        again = conversation in self._again
        self._again.discard(conversation)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self._drain is None:
            self._asked[conversation] = None
        elif error is not None:
            self._failed(conversation, error)
        else:
            self._failures.forget(conversation)
            if again:
                self._asked[conversation] = None
        self._news.set()
        self._start_drains()

    def _failed(self, conversation: str, error: BaseException) -> None:
        failure = self._failures.note(conversation, error, self._clock.now())
        fields = {"conversation": conversation, "error": failure.what, "failures": failure.count}
        _log.error("drain failed", extra=fields)

    def _settle(self) -> None:
        """Say whether all is quiet."""
        busy = self._asked or self._running or self._news.is_set() or not self._started
        if busy or self._failures.pausing_under(STUCK_AFTER):
            self._quiet.clear()
        else:
            self._quiet.set()

    async def _stop(self) -> None:
        """End every drain, and keep the wakes for another run."""
        self._drain = None
        self._started = False
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._quiet.set()
