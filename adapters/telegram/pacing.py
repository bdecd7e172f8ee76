"""How fast Telegram may be talked to.

About a message a second in a chat, 20 a minute in a group, 30 a second in all; edits spend the same
allowance. Calls of a chat keep their order.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.telegram.places import Place
from core.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Rates:
    """Allowances: `burst` at once, then one each `every` seconds.

    In the first minute of a group these are 20 together.
    """

    chat: tuple[float, float] = (3, 1.0)
    group: tuple[float, float] = (4, 3.75)
    all: tuple[float, float] = (25, 1 / 28)


@dataclass(slots=True)
class _Bucket:
    """An allowance that fills up again; times are in seconds of the loop's clock."""

    burst: float
    every: float
    spent: float = 0.0
    at: float = 0.0
    blocked: float = 0.0

    @property
    def held(self) -> float:
        """The seconds for which nothing may be spent, because that was asked for."""
        return max(0.0, self.blocked - asyncio.get_running_loop().time())

    def block(self, seconds: float) -> None:
        """Let nothing be spent for so long; a longer pause from before still holds."""
        self.blocked = max(self.blocked, asyncio.get_running_loop().time() + seconds)

    def wait(self, now: float) -> float:
        """Return how long to wait before one may be spent."""
        self.spent = max(0.0, self.spent - (now - self.at) / self.every)
        self.at = now
        lacking = max(0.0, self.spent + 1 - self.burst) * self.every
        return max(lacking, self.blocked - now)


@dataclass(slots=True)
class Turn:
    """One call's place in the order of its chat."""

    buckets: tuple[_Bucket, ...]
    clock: Clock

    async def ready(self) -> None:
        """Return when the call may be made; it counts as made then."""
        loop = asyncio.get_running_loop()
        while (pause := max(bucket.wait(loop.time()) for bucket in self.buckets)) > 0:
            await self.clock.sleep(pause)
        for bucket in self.buckets:
            bucket.spent += 1

    def pause(self, seconds: float) -> None:
        """Make no call in this chat for so long."""
        self.buckets[0].block(seconds)

    @property
    def held(self) -> float:
        """The seconds for which no call may be made in this chat."""
        return self.buckets[0].held


@dataclass(slots=True)
class Pacer:
    """Gives turns."""

    clock: Clock
    rates: Rates = field(default_factory=Rates)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _chats: dict[str, _Bucket] = field(default_factory=dict)
    _all: _Bucket | None = None

    def held(self, chat: str) -> float:
        """Return the seconds for which no call may be made in a chat."""
        return self._bucket(chat).held

    def hold(self, chat: str, seconds: float) -> None:
        """Make no call in a chat for so long."""
        self._bucket(chat).block(seconds)

    def _bucket(self, chat: str) -> _Bucket:
        rates = self.rates.group if Place(chat).is_group else self.rates.chat
        return self._chats.setdefault(chat, _Bucket(*rates))

    @asynccontextmanager
    async def turn(self, chat: str) -> AsyncIterator[Turn]:
        """Wait for the calls of this chat that came before."""
        bucket = self._bucket(chat)
        self._all = self._all or _Bucket(*self.rates.all)
        async with self._locks[chat]:
            yield Turn((bucket, self._all), self.clock)
