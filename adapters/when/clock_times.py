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
NOON: Final = 12
MORNING_BEGINS: Final = 6
"""Until this hour it is night; before it a `night` is the one that began the evening before."""
HALF_OF: Final = {
    "afternoon": (12, 18),
    "evening": (16, 24),
    "morning": (0, 12),
    "lunch": (11, 15),
}
"""Hours that a part of the day may hold, from and before."""

_LEAD = r"(?:(?:at|by|around|about|@) ?)?"
_EXACT = re.compile(rf"{_LEAD}\b(\d{{1,2}})[:h](\d{{2}})(?::\d{{2}})? ?(am|pm)?(?![\w:])")
_DOTTED = re.compile(r"(?:at|by|around|@) ?(\d{1,2})\.(\d{2}) ?(am|pm)?(?![\w.])")
_DOTTED_HALF = re.compile(r"\b(\d{1,2})\.(\d{2}) ?(am|pm)\b")
_TWELVE = re.compile(rf"{_LEAD}\b(\d{{1,2}})() ?(am|pm)\b")
_BARE = re.compile(
    r"(?:\b(?:at|by|around|about) |@ ?)(\d{1,2})(?![\w:./-])(?: oclock)?|\b(\d{1,2}) oclock"
    r"|\b(\d{1,2})(?= in the (?:morning|afternoon|evening)| at night)"
)
_PAST = re.compile(
    rf"{_LEAD}(?<!from )\b(?:(half)(?: past)?"
    rf"|(quarter|5|10|15|20|25|five|ten|twenty|{NUMBER}(?= min))"
    r"(?: minutes?)? (past|to))"
    rf" ({NUMBER})(?: oclock)? ?(am|pm)?\b"
)
_PART = re.compile(r"(?:\b(?:in|at|by|around|this|the) )*\b(" + "|".join(PARTS) + r")(?:time)?\b")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """What was said of the time of day: the times it may be, the likeliest first.

    `rest` is the phrase without it, `today` says that it can only mean today. `by_night`: it comes
    after midnight and belongs to the evening before as people count, so a day named beside it may
    be either.
    """

    times: tuple[time, ...]
    today: bool = False
    rest: str = ""
    by_night: bool = False


def take_clock(text: str) -> ClockTime | None:
    """Return the time of day in a tidied phrase, None for none.

    Raises ValueError for one that no clock shows, such as 25:00, or `9pm in the morning`.
    """
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            rest = _without(text, match)
            named = _PART.search(rest)
            part = named[1] if named else None
            found = read(match, part)
            if named:
                rest = _without(rest, named)
                found = _checked(found, named[1])
            return replace(found, rest=rest)
    named = _PART.search(text)
    if named is None:
        return None
    rest = _without(text, named)
    if named[1] == "tonight":
        if late := re.fullmatch(r"(.*?)(?:at |by )?midnight", rest):
            return ClockTime((time(0),), rest=late[1].strip(), by_night=True)
        return ClockTime((PARTS["tonight"], time(22), time(23, 59)), today=True, rest=rest)
    return ClockTime((PARTS[named[1]],), rest=rest, by_night=named[1] == "midnight")


def _checked(found: ClockTime, part: str) -> ClockTime:
    """Return a time with what its part of the day says; raises ValueError where they differ."""
    if part in {"noon", "midday", "midnight"}:
        if found.times[0] != PARTS[part]:
            message = "Two times."
            raise ValueError(message)
        return found
    low, high = HALF_OF.get(part, (0, 24))
    if not low <= found.times[0].hour < high:
        message = "No such hour of that part of the day."
        raise ValueError(message)
    if part in {"night", "tonight"}:
        hour = found.times[0].hour
        if MORNING_BEGINS <= hour < NOON + MORNING_BEGINS:
            message = "No hour of the night."
            raise ValueError(message)
        late = hour < MORNING_BEGINS
        return replace(found, by_night=late, today=part == "tonight" and not late)
    return found


def _exact(match: re.Match[str], part: str | None) -> ClockTime:
    return ClockTime((_at(int(match[1]), int(match[2] or 0), match[3], part),))


def _plain_hour(match: re.Match[str], part: str | None) -> ClockTime:
    return bare(int(match[1] or match[2] or match[3]), part)


def bare(hour: int, part: str | None = None, minute: int = 0) -> ClockTime:
    """Return what an hour without am or pm may mean; `part` is the part of the day, when named."""
    if part is not None or hour > NOON or hour == 0:
        return ClockTime((_at(hour, minute, None, part),))
    later = time((hour + NOON) % 24 if hour < NOON else NOON, minute)
    if hour < FIRST_WORKING_HOUR:
        return ClockTime((later,))
    return ClockTime((time(hour, minute), later))


def _spoken(match: re.Match[str], part: str | None) -> ClockTime:
    word = match[2] or "30"
    minute = 15 if word == "quarter" else number(word)
    hour = number(match[4])
    if hour > NOON or minute >= 60:  # noqa: PLR2004 - minutes of an hour
        message = "No such hour."
        raise ValueError(message)
    if match[3] == "to":
        hour, minute = hour - 1, 60 - minute
    if match[5]:
        hour = NOON if hour == 0 else hour
        return ClockTime((_at(hour, minute, match[5], part),))
    return bare(hour, part, minute)


def _at(hour: int, minute: int, half: str | None, part: str | None) -> time:
    if half is None and part in {"night", "tonight"} and hour <= NOON:
        if hour == NOON or hour < MORNING_BEGINS:
            hour = hour % NOON
            return time(hour, minute)
        half = "pm"
    if half is None and part in {"afternoon", "evening"} and hour < NOON:
        half = "pm"
    if half is None:
        return time(hour, minute)
    if not 1 <= hour <= NOON:
        message = "No such hour."
        raise ValueError(message)
    return time(hour % NOON + (NOON if half == "pm" else 0), minute)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}".strip()


_READERS: Final = (
    (_PAST, _spoken),
    (_EXACT, _exact),
    (_DOTTED, _exact),
    (_DOTTED_HALF, _exact),
    (_TWELVE, _exact),
    (_BARE, _plain_hour),
)
