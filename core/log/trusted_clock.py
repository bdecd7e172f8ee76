"""A clock that is not believed when it jumps: time goes on from the last reading that was right.

Whoever asks for the time gets a plausible one, so that no event is stamped and no timer is spent by
a wrong reading. `core/telemetry/clock_doubt.py` writes down what is doubted, and timers wait.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.ports.clock import Clock, SteppableClock

JUMP = timedelta(hours=1)
"""What a clock may be off against the time that passed: less is a correction."""
LONG = timedelta(days=730)
"""How long Equerry may have been off: a clock further ahead than that at a start is doubted."""
FUTURE = timedelta(days=30)
"""A newest event that much in the future of a clock is wrong itself; a clock that is less behind it
is the one that is wrong."""
PLAUSIBLE = datetime(2026, 1, 1, tzinfo=UTC)
"""This program is younger than that: a clock that says less is wrong."""
LAST = datetime.max.replace(tzinfo=UTC)
BOOTING_S = 300.0
"""So long after a start of the machine the network may yet tell it the time. Until then its clock
may be that of its last day, and nothing tells that from a right one."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A reading that is not believed, and what was expected in its place."""

    reading: datetime
    expected: datetime


class TrustedClock:
    """The time of a clock as long as it agrees with the time that passed; threads may share it."""

    def __init__(self, clock: SteppableClock) -> None:
        """Believe the first reading, until `begin` knows better."""
        self._clock, self._turn = clock, threading.Lock()
        self._at, self._up = clock.now(), clock.uptime()
        self._begun: tuple[datetime, datetime] | None = None
        self._settled = False
        self._jump: Jump | None = None

    @property
    def jump(self) -> Jump | None:
        """What is doubted now; reads the clock."""
        self.now()
        return self._jump

    @property
    def settles_s(self) -> float:
        """Seconds until a machine that just started has been told the time, if it ever is."""
        return max(0.0, BOOTING_S - self._clock.uptime())

    def now(self) -> datetime:
        """Return the clock's time, or while that is doubted the one that it should show."""
        with self._turn:
            reading, up = self._clock.now(), self._clock.uptime()
            expected = self._at + timedelta(seconds=up - self._up)
            if expected - JUMP <= reading <= expected + JUMP or self._may_be_told(reading, up):
                self._believe(reading, up)
                return reading
            self._jump = Jump(reading, expected)
            return expected

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`, whatever the clock says."""
        await self._clock.sleep(seconds)

    def begin(self, newest: datetime | None, wrong_from: datetime | None = None) -> bool:
        """Compare the clock with the newest event of the log; return whether that one can be right.

        `newest` is None for a log without events. `wrong_from` is a reading that was doubted before
        and not settled: from there on it is still doubted. Nothing is known of how long Equerry was
        off, so anything up to `LONG` is believed.
        """
        with self._turn:
            reading = self._clock.now()
            self._at, self._up = newest or PLAUSIBLE, self._clock.uptime()
            latest = LAST if newest is None else newest + LONG
            if newest is not None and wrong_from is not None and wrong_from > newest:
                latest = min(latest, wrong_from - JUMP)
            self._begun, self._settled = (self._at - JUMP, latest), False
            right = self._at <= reading + FUTURE or reading < PLAUSIBLE
            if not right:
                self._trust()
        return right

    def confirm(self, at: datetime) -> None:
        """Take a time that another clock has shown: believe a jump ahead that it agrees with.

        A machine in a machine that was put to sleep does not count the time that passed. An old
        time says nothing, so that a jump back is not believed by it.
        """
        with self._turn:
            jump, reading = self._jump, self._clock.now()
            if jump is not None and at > jump.expected + JUMP and abs(reading - at) <= JUMP:
                self._trust()

    def trust(self) -> None:
        """Believe the clock as it is: the owner says that it is right."""
        with self._turn:
            self._trust()

    def _trust(self) -> None:
        self._begun = None
        self._believe(self._clock.now(), self._clock.uptime())

    def _may_be_told(self, reading: datetime, up: float) -> bool:
        """Whether a reading may be right although another was believed, or none was yet."""
        if self._begun is None or (self._settled and up >= BOOTING_S):
            return False
        earliest, latest = self._begun
        return earliest <= reading <= latest

    def _believe(self, reading: datetime, up: float) -> None:
        self._at, self._up = reading, up
        self._settled, self._jump = True, None


def trusted(clock: Clock) -> Clock:
    """Return the clock as one that is not believed when it jumps, where that can be told."""
    return TrustedClock(clock) if isinstance(clock, SteppableClock) else clock
