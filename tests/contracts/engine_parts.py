"""What the engine suite is made of: an agenda to fill, a drain that remembers, a harness."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from core.ports.engine import Agenda, Drain, Engine
from tests.waiting import PATIENCE_S


class MemoryAgenda:
    """An agenda that a test fills by hand; `fails` makes its reads raise."""

    def __init__(self) -> None:
        self.work: dict[str, list[int]] = {}
        self.timers: dict[str, list[datetime]] = {}
        self.fails = False

    async def unfinished(self) -> Sequence[str]:
        """Return the conversations that have work."""
        self._check()
        return [name for name, items in self.work.items() if items]

    async def due(self, now: datetime) -> Sequence[str]:
        """Return the conversations with a timer at or before `now`."""
        self._check()
        return [name for name, times in self.timers.items() if any(at <= now for at in times)]

    async def next_due(self) -> datetime | None:
        """Return the earliest timer."""
        self._check()
        return min((at for times in self.timers.values() for at in times), default=None)

    def fire(self, conversation: str, now: datetime) -> None:
        """Remove the timers of a conversation that are due."""
        later = [at for at in self.timers.get(conversation, []) if at > now]
        self.timers[conversation] = later

    def _check(self) -> None:
        if self.fails:
            raise OSError


class Recorder:
    """A drain that remembers: how often, how many at once, in all and per conversation.

    `hold` keeps the drains of a conversation inside until it is set; `broken` makes them raise.
    """

    def __init__(self, agenda: MemoryAgenda) -> None:
        self._agenda = agenda
        self.begun: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.order: list[str] = []
        self.did: dict[str, list[int]] = {}
        self.inside: Counter[str] = Counter()
        self.most_inside = 0
        self.most_together = 0
        self.hold: dict[str, asyncio.Event] = {}
        self.broken: set[str] = set()
        self.cancelled: list[str] = []

    async def __call__(self, conversation: str) -> None:
        """Do the work of a conversation, one item after the other."""
        self.begun[conversation] += 1
        self.order.append(conversation)
        self.inside[conversation] += 1
        self.most_inside = max(self.most_inside, self.inside[conversation])
        self.most_together = max(self.most_together, self.inside.total())
        try:
            await self._work(conversation)
        except asyncio.CancelledError:
            self.cancelled.append(conversation)
            raise
        finally:
            self.inside[conversation] -= 1
        self.ended[conversation] += 1

    async def _work(self, conversation: str) -> None:
        if conversation in self.hold:
            await self.hold[conversation].wait()
        if conversation in self.broken:
            message = f"secret of {conversation}"
            raise ValueError(message)
        items = self._agenda.work.get(conversation, [])
        while items:
            await asyncio.sleep(0)
            self.did.setdefault(conversation, []).append(items[0])
            del items[0]


class EngineHarness(ABC):
    """What an implementation gives the suite.

    `engine()` makes an engine over the agenda; making another one is a restart: nothing that lived
    in memory is handed over. `pass_time` lets its clock go on, in real time or not.
    """

    def __init__(self) -> None:
        self.agenda = MemoryAgenda()
        self.drain = Recorder(self.agenda)

    @abstractmethod
    def engine(self, agenda: Agenda | None = None, *, real_time: bool = False) -> Engine:
        """Make an engine over the agenda of the harness, or a given one."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time of the clock that the engines have."""

    @abstractmethod
    async def pass_time(self, seconds: float) -> None:
        """Let so many seconds go by."""


async def eventually(holds: Callable[[], bool], patience: float = PATIENCE_S) -> None:
    """Return when the condition holds; fails after `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "what was waited for did not happen"
        await asyncio.sleep(0.002)


@asynccontextmanager
async def running(engine: Engine, drain: Drain) -> AsyncIterator[asyncio.Task[None]]:
    """Run an engine meanwhile, and stop it at the end."""
    task = asyncio.create_task(engine.run(drain))
    try:
        yield task
    finally:
        await stopped(task)


async def stopped(task: asyncio.Task[None]) -> None:
    """Cancel a run and wait for its end."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
