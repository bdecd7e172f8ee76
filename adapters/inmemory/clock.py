"""A clock that stands still until it is told, and names that count."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class FakeClock:
    """Time as a test wants it; it moves by `advance` only."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)
        self._order = 0
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    @property
    def sleepers(self) -> int:
        """How many tasks wait for a time."""
        return sum(not sleeper.done() for _, _, sleeper in self._sleepers)

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was advanced by `seconds`."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        due = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (due, self._order, sleeper))
        await sleeper

    def advance(self, seconds: float) -> None:
        """Move on by `seconds` and release whoever waits no longer than that, earliest first.

        They run when the caller next awaits something.
        """
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)

    def set(self, now: datetime) -> None:
        """Move to a time, also back to an earlier one, as real clocks do."""
        self._now = now.astimezone(UTC)
        self.advance(0)


class SequentialIds:
    """Makes names that count from 1, so that a test can write them out."""

    def __init__(self) -> None:
        self._last = 0

    def new(self) -> str:
        """Return the next id, 32 hexadecimal characters."""
        self._last += 1
        return f"{self._last:032x}"
