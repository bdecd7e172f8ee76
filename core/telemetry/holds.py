"""What holds timers until the owner says go: reminders, and whatever is due by age."""

from dataclasses import dataclass
from typing import Literal

from core.domain.events.holds import ClockDoubted, ClockTrusted, LogAccepted, LogRestored
from core.ports.read_models import ReadModels
from core.telemetry.clock_doubt import clock_doubt
from core.telemetry.restored import restored

HOLDING = frozenset({LogRestored.wire, ClockDoubted.wire})
"""Events from which on timers are held."""
RELEASING = frozenset({LogAccepted.wire, ClockTrusted.wire})
"""Events from which on they may go."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds timers, the log or the clock, with a name of its own each time, and in a line."""

    what: Literal["log", "clock"]
    position: int
    line: str

    @property
    def name(self) -> str:
        """Return a name that no other hold has."""
        return f"{self.what}:{self.position}"


async def holds(rows: ReadModels) -> list[Hold]:
    """Return what holds timers; nothing where they go."""
    log, clock = await restored(rows), await clock_doubt(rows)
    found = [Hold("log", log.position, log.line)] if log.held else []
    return [*found, *([Hold("clock", clock.position, clock.line)] if clock else [])]


async def timers_held(rows: ReadModels) -> bool:
    """Return whether timers wait for the owner's go."""
    return bool(await holds(rows))


async def hold_lines(rows: ReadModels) -> list[str]:
    """Return what holds timers, a line each; none where they go."""
    return [hold.line for hold in await holds(rows)]
