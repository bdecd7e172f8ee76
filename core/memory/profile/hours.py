"""Spans of the day and working hours, as the owner writes them."""

import re
from datetime import datetime, time, timedelta
from typing import NamedTuple

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)"
_SPAN = re.compile(rf"\s*{_CLOCK}\s*[-–]\s*{_CLOCK}\s*")
_PART = re.compile(rf"\s*(?:([A-Za-z][A-Za-z ,–-]*?)\s+)?{_CLOCK}\s*[-–]\s*{_CLOCK}\s*")
SHORTEST_DAY = 3


class Span(NamedTuple):
    """A span of the day; it may pass midnight, and its end is not part of it."""

    start: time
    end: time

    def covers(self, moment: time) -> bool:
        """Say whether the local time of day `moment` lies in it."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def until(self, local: datetime) -> datetime | None:
        """Return when the span that `local` lies in ends, in its zone; None outside of it."""
        if not self.covers(local.time()):
            return None
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def span(text: str) -> Span | None:
    """Return the span that `text` such as `22:00-07:00` names, None where it names none."""
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    found = _of(match.groups())
    return None if found.start == found.end else found


def working_hours(text: str) -> str | None:
    """Return `Mon-Fri 09:00-18:00; Sat 10:00-12:00` in its one form, None for another text.

    Without days the hours are those of every day.
    """
    parts = [_part(part) for part in text.split(";") if part.strip()]
    if not parts or None in parts:
        return None
    return "; ".join(part for part in parts if part)


def _part(text: str) -> str | None:
    match = _PART.fullmatch(text)
    if match is None:
        return None
    hours = _of(match.groups()[1:])
    days = _days(match[1]) if match[1] else ""
    if hours.start == hours.end or days is None:
        return None
    return f"{days} {hours}".strip()


def _of(found: tuple[str, ...]) -> Span:
    start_h, start_m, end_h, end_m = (int(number) for number in found)
    return Span(time(start_h, start_m), time(end_h, end_m))


def _days(text: str) -> str | None:
    """Return `Mon-Fri,Sun` in its one form; None for words that are no days."""
    found = []
    for one in re.split(r"[,\s]+", re.sub(r"\s*[-–]\s*", "-", text.strip(" ,"))):
        days = [_day(word) for word in one.split("-")]
        if None in days or len(days) > 2:  # noqa: PLR2004 - a first and a last day
            return None
        found.append("-".join(day for day in days if day))
    return ",".join(found)


def _day(word: str) -> str | None:
    whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    word = word.casefold()
    if len(word) < SHORTEST_DAY:
        return None
    return next((s for s, day in zip(DAYS, whole, strict=True) if day.startswith(word)), None)
