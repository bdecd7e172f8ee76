"""A clock that is doubted: written down, told, and settled by the owner or by itself."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.events import Event, NewEvent
from core.domain.events.holds import ClockDoubted, ClockTrusted
from core.domain.own_words import Own
from core.log.trusted_clock import TrustedClock
from core.ports.clock import Clock
from core.ports.event_log import EventLog, EventQuery
from core.ports.read_models import ReadModels
from core.projections.holds import CLOCK, HELD

STREAM = "clock"
ITSELF = "clock"
LOOK_S = 10.0
"""How often a clock that nobody asks is read: its timers look once a minute."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """What is doubted; `position` is that of the event that says so."""

    position: int
    reading: datetime
    expected: datetime
    newest: bool

    @property
    def line(self) -> str:
        """What is held, and how it goes on, in a line."""
        reading, expected = (f"{at:%Y-%m-%d %H:%M}" for at in (self.reading, self.expected))
        if self.newest:
            return Own(
                f"Clock: it says {reading} UTC, and the newest event of the log is of {expected}. "
                "Reminders and retention wait: /resume if the clock is right."
            )
        return Own(
            f"Clock: it says {reading} UTC where {expected} was expected, and is not believed. "
            "Reminders and retention wait until it is back; /resume if it is right now."
        )


async def clock_doubt(rows: ReadModels) -> ClockDoubt | None:
    """Return what is doubted of the clock; None where it is believed."""
    row = await rows.get("holds", CLOCK)
    if row is None or row.state != HELD:
        return None
    reading, expected = (datetime.fromisoformat(row.doc[name]) for name in ("reading", "expected"))
    return ClockDoubt(row.doc["position"], reading, expected, row.doc["newest"])


async def begin_clock(log: EventLog, rows: ReadModels, clock: Clock) -> datetime | None:
    """Hold the clock to the newest event; return the time of that where it cannot be right."""
    position, _ = await log.head()
    if not isinstance(clock, TrustedClock):
        return None
    if not position:
        clock.begin(None)
        return None
    (newest,) = await log.read(EventQuery(after=position - 1), limit=1)
    before = await clock_doubt(rows)
    right = clock.begin(newest.at, before.reading if before and not before.newest else None)
    return None if right else newest.at


async def note_clock(
    log: EventLog, rows: ReadModels, clock: Clock, newest: datetime | None
) -> None:
    """Write down what `begin_clock` found, before anything that is due can begin."""
    if newest is not None and await clock_doubt(rows) is None:
        doubted = ClockDoubted(reading=clock.now(), expected=newest, newest=True)
        await log.append([NewEvent(stream=STREAM, payload=doubted, actor="clock")])
    await look_at_clock(log, rows, clock)


async def look_at_clock(log: EventLog, rows: ReadModels, clock: Clock) -> None:
    """Write down that the clock jumped, or that it came back."""
    if not isinstance(clock, TrustedClock):
        return
    jump, before = clock.jump, await clock_doubt(rows)
    if jump is not None and before is None:
        doubted = ClockDoubted(reading=jump.reading, expected=jump.expected)
        await log.append([NewEvent(stream=STREAM, payload=doubted, actor="clock")])
    elif jump is None and before is not None and not before.newest:
        await log.append([_settles(before, ITSELF)])


async def watch_clock(log: EventLog, rows: ReadModels, clock: Clock) -> None:
    """Look at the clock now and then, without end. Raises what the log raises."""
    while True:
        await look_at_clock(log, rows, clock)
        await clock.sleep(LOOK_S)


async def accept_clock(log: EventLog, rows: ReadModels, clock: Clock, by: str) -> bool:
    """Believe the clock, at the owner's word; return whether it was doubted."""
    if isinstance(clock, TrustedClock):
        clock.trust()
    before = await clock_doubt(rows)
    if before is None:
        return False
    await log.append([_settles(before, by)])
    return True


def _settles(doubt: ClockDoubt, by: str) -> NewEvent:
    """Return the event that settles a doubt, once whoever is quicker."""
    key = f"clock:trusted:{doubt.position}"
    return NewEvent(stream=STREAM, payload=ClockTrusted(by=by), actor=by, key=key)


def is_accepted(event: Event) -> bool:
    """Whether the owner says by it, perhaps to another process, that the clock is right."""
    return event.type == ClockTrusted.wire and event.payload["by"] != ITSELF
