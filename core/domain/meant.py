"""What the words of a time mean: the first time, and how it comes again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Meant:
    """A time that lies ahead; `repeat` is an RRULE value, None for a single time."""

    at: datetime
    repeat: str | None = None
