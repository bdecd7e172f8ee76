"""The machine's clock."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """Tells the machine's time in UTC and really waits."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)
