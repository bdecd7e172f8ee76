"""Time as a port."""

from datetime import datetime
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Tells the time and waits for it."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


@runtime_checkable
class SteppableClock(Clock, Protocol):
    """A clock that somebody may set, with a measure of time that nobody can."""

    def uptime(self) -> float:
        """Return the seconds since the machine started, in which it was suspended or not."""
        ...
