"""What holds timers until the owner says go: a log that went backwards, a clock that jumped."""

from datetime import datetime
from typing import ClassVar, Literal

from core.domain.events.base import Payload


class LogRestored(Payload):
    """The log is an older one, or another one, than it was: what came after it is unknown here.

    `ended` is where it ended then. `anchored` is the position that its anchor knew of, and
    `anchored_at` the time of that event; 0 and empty where no anchor said so. From here on timers
    wait for `log.accepted.v1`, and what was asked or begun before asks once more, for ever.
    """

    wire: ClassVar[str] = "log.restored.v1"
    why: Literal["behind", "differs", "other", "unsigned", "restore"]
    ended: int
    anchored: int = 0
    anchored_at: str = ""


class LogAccepted(Payload):
    """The owner takes the log as it is: timers go on."""

    wire: ClassVar[str] = "log.accepted.v1"
    by: str


class ClockDoubted(Payload):
    """The clock is not believed: it said `reading` where `expected` was due by what had passed.

    Where `newest` is set, the newest event of the log lies in the future of a clock that is
    believed. Timers wait for `clock.trusted.v1`.
    """

    wire: ClassVar[str] = "clock.doubted.v1"
    reading: datetime
    expected: datetime
    newest: bool = False


class ClockTrusted(Payload):
    """The clock is believed: the owner says so, or (`by` is `clock`) it came back by itself."""

    wire: ClassVar[str] = "clock.trusted.v1"
    by: str
