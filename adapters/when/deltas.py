"""Spans from now: `in 2 hours`, `in half an hour`, `90 minutes from now`."""

import re
from datetime import timedelta
from typing import Any, Final

from adapters.when.vocabulary import NUMBER, NUMBERS, UNITS, any_of, number

_UNIT: Final = (
    "seconds?|secs?|minutes?|mins?|m|hours?|hrs?|hr|h|days?|d|weeks?|wks?|wk|fortnights?"
    "|months?|years?"
)
_ITEM: Final = (
    r"(?:(?:a )?half an hour|(?:a )?quarter of an hour|(?:three )?quarters of an hour"
    rf"|{NUMBER} and a half hours?|(?:\d{{1,3}}\.\d+|{NUMBER}) ?(?:{_UNIT})\b(?: and a half)?)"
)
SPAN: Final = rf"{_ITEM}(?:(?: and)? ?{_ITEM})*"
DELTA: Final = (
    rf"(?:in|after|within) (?:about |another |exactly )?{SPAN}(?: time)?"
    rf"|{SPAN} (?:from now|later)"
)

_DELTA = re.compile(DELTA)
_FIXED: Final = (
    (re.compile(r"(?:three )?quarters of an hour"), 45),
    (re.compile(r"(?:a )?quarter of an hour"), 15),
    (re.compile(r"(?:a )?half an hour"), 30),
)
_COUNTED = re.compile(
    rf"(?<![\w.])(\d{{1,3}}\.\d+|\d{{1,4}}|{any_of(NUMBERS)}(?= ))"
    rf"( and a half)? ?({_UNIT})\b( and a half)?"
)
_CALENDAR: Final = frozenset({"days", "weeks", "months", "years"})


def find_delta(text: str) -> tuple[dict[str, int], timedelta] | None:
    """Return the span that a tidied phrase names, None for none or for days and more alone.

    Days and longer are counted on the calendar, hours and less as they pass. Raises ValueError for
    what cannot be counted, such as half a month.
    """
    if not _DELTA.fullmatch(text):
        return None
    total, calendar, clock = timedelta(), dict[str, Any](), False
    for pattern, minutes in _FIXED:
        text, times = pattern.subn(" ", text)
        total, clock = total + timedelta(minutes=minutes * times), clock or bool(times)
    for count, half, word, and_half in _COUNTED.findall(text):
        unit, amount = UNITS[word], float(count) if "." in count else number(count)
        amount += 0.5 if half or and_half else 0
        if unit == "fortnights":
            unit, amount = "weeks", amount * 2
        if unit not in _CALENDAR:
            total, clock = total + timedelta(**{unit: amount}), True
        elif amount != int(amount):
            message = "No part of a day or month."
            raise ValueError(message)
        else:
            calendar[unit] = calendar.get(unit, 0) + int(amount)
    return (calendar, total) if clock or len(calendar) > 1 else None
