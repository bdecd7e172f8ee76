"""A clock that stands still until it is told, and names that count."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY_S = 86_400.0


class FakeClock:
    """Time as a test wants it; it moves by `advance` only.

    `up` is how long its machine has been up at the start, in seconds.
    """

    def __init__(self, start: datetime = START, up: float = DAY_S) -> None:
        self._now, self._up = start.astimezone(UTC), up
        self._passed = timedelta()
        self._order = 0
        self._sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = []

    @property
    def sleepers(self) -> int:
        """How many tasks wait for a time."""
        return sum(not sleeper.done() for _, _, sleeper in self._sleepers)

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return self._now

    def uptime(self) -> float:
        """Return the seconds since its machine started."""
        return self._up + self._passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was advanced by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        due = self._passed + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (due, self._order, sleeper))
        await sleeper

    def advance(self, seconds: float) -> None:
        """Move on by `seconds` and release whoever waits no longer than that, earliest first.

        They run when the caller next awaits something.
        """
        self._now += timedelta(seconds=seconds)
        self._passed += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)

    def jump(self, by: timedelta) -> None:
        """Show another time while none passes, as a clock that is set, or read wrongly, does."""
        self._now += by

    def set(self, now: datetime) -> None:
        """Let time pass until a time, or take it back to an earlier one; `jump` lets none pass."""
        self.advance((now - self._now).total_seconds())


class SequentialIds:
    """Makes names that count from 1, so that a test can write them out."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        """Return the next id, 32 hexadecimal characters."""
        self._last += 1
        return f"{self._last:032x}"
