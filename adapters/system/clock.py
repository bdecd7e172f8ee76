"""The machine's clock."""

import asyncio
import time
from datetime import UTC, datetime

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux the monotonic clock stands still in a suspend; elsewhere it goes on."""


class SystemClock:
    """Tells the machine's time in UTC and really waits."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    def uptime(self) -> float:
        """Return the seconds since the machine started, suspends included."""
        return time.clock_gettime(_STEADY)

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)
