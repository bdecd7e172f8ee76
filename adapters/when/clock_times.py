"""Times of the day inside a phrase: `9am`, `at 17.30`, `half past nine`, `noon`, `evening`."""

import re
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from adapters.when.vocabulary import NUMBER, number

PARTS: Final = {
    "morning": time(9),
    "lunch": time(12, 30),
    "afternoon": time(15),
    "evening": time(18),
    "tonight": time(20),
    "night": time(20),
    "noon": time(12),
    "midday": time(12),
    "midnight": time(0),
}
FIRST_WORKING_HOUR: Final = 7
"""A bare hour below this one is taken for the afternoon: `friday at 3` is 15:00."""

_LEAD = r"(?:(?:at|by|around|about|@) ?)?"
_EXACT = re.compile(rf"{_LEAD}\b(\d{{1,2}})[:h](\d{{2}})(?::\d{{2}})? ?(am|pm)?(?![\w:])")
_DOTTED = re.compile(r"(?:at|by|around|@) ?(\d{1,2})\.(\d{2}) ?(am|pm)?(?![\w.])")
_TWELVE = re.compile(rf"{_LEAD}\b(\d{{1,2}})() ?(am|pm)\b")
_BARE = re.compile(
    r"(?:\b(?:at|by|around|about) |@ ?)(\d{1,2})(?![\w:./-])(?: oclock)?|\b(\d{1,2}) oclock"
)
_PAST = re.compile(rf"{_LEAD}\b(half past|quarter past|quarter to|half) ({NUMBER})\b")
_PART = re.compile(
    r"(?:\b(?:in|at|by|around|this|the|before) )*\b(" + "|".join(PARTS) + r")(?:time)?\b"
)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """What was said of the time of day: the times it may be, the likeliest first.

    `rest` is the phrase without it, `today` says that it can only mean today.
    """

    times: tuple[time, ...]
    today: bool = False
    rest: str = ""


def take_clock(text: str) -> ClockTime | None:
    """Return the time of day in a tidied phrase, None for none.

    Raises ValueError for one that no clock shows, such as 25:00.
    """
    named = _PART.search(text)
    part, rest = (named[1], _without(text, named)) if named else (None, text)
    for pattern, read in _READERS:
        if match := pattern.search(rest):
            return replace(read(match, part), rest=_without(rest, match))
    if part is None:
        return None
    if part == "tonight":
        return ClockTime((PARTS[part], time(22), time(23, 59)), today=True, rest=rest)
    return ClockTime((PARTS[part],), rest=rest)


def _exact(match: re.Match[str], part: str | None) -> ClockTime:
    at = _at(int(match[1]), int(match[2] or 0), match[3], part)
    return ClockTime((at,), today=part == "tonight")


def _plain_hour(match: re.Match[str], part: str | None) -> ClockTime:
    return bare(int(match[1] or match[2]), part)


def bare(hour: int, part: str | None = None, minute: int = 0) -> ClockTime:
    """Return what an hour without am or pm may mean; `part` is the part of the day, when named."""
    if part is not None or hour > 12 or hour == 0:  # noqa: PLR2004 - hours of a clock face
        return ClockTime((_at(hour, minute, None, part),), today=part == "tonight")
    later = time((hour + 12) % 24 if hour < 12 else 12, minute)  # noqa: PLR2004 - as above
    if hour < FIRST_WORKING_HOUR:
        return ClockTime((later,))
    return ClockTime((time(hour, minute), later))


def _spoken(match: re.Match[str], part: str | None) -> ClockTime:
    hour, minute = number(match[2]), {"quarter past": 15, "quarter to": 45}.get(match[1], 30)
    return bare(hour - 1 if minute == 45 else hour, part, minute)  # noqa: PLR2004 - quarter to


def _at(hour: int, minute: int, half: str | None, part: str | None) -> time:
    if half is None and part in {"afternoon", "evening", "night", "tonight"} and hour < 12:  # noqa: PLR2004
        half = "pm"
    if half is None:
        return time(hour, minute)
    if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a clock face
        message = "No such hour."
        raise ValueError(message)
    return time(hour % 12 + (12 if half == "pm" else 0), minute)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}".strip()


_READERS: Final = (
    (_EXACT, _exact),
    (_DOTTED, _exact),
    (_TWELVE, _exact),
    (_PAST, _spoken),
    (_BARE, _plain_hour),
)
