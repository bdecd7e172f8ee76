"""What holds timers until the owner says go: a log that went backwards."""

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
