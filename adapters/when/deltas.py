"""Spans from now: `in 2 hours`, `in half an hour`, `90 minutes from now`."""

import re
from datetime import timedelta
from typing import Final

from adapters.when.vocabulary import NUMBER, UNITS, number

_UNIT: Final = "seconds?|secs?|minutes?|mins?|m|hours?|hrs?|hr|h"
_ITEM: Final = (
    r"(?:(?:a )?half an hour|(?:a )?quarter of an hour|(?:three )?quarters of an hour"
    rf"|{NUMBER} and a half hours?|(?:\d{{1,3}}\.\d+|{NUMBER}) ?(?:{_UNIT})(?: and a half)?)"
)
SPAN: Final = rf"{_ITEM}(?:(?: and)? ?{_ITEM})*"
DELTA: Final = (
    rf"(?:in|after|within) (?:about |another |exactly )?{SPAN}(?: time)?|{SPAN} (?:from now|later)"
)

_DELTA = re.compile(DELTA)
_FIXED: Final = (
    (re.compile(r"(?:three )?quarters of an hour"), 45),
    (re.compile(r"(?:a )?quarter of an hour"), 15),
    (re.compile(r"(?:a )?half an hour"), 30),
)
_COUNTED = re.compile(rf"(\d{{1,3}}\.\d+|{NUMBER})( and a half)? ?({_UNIT})\b( and a half)?|$")


def find_delta(text: str) -> timedelta | None:
    """Return the span that a tidied phrase names, None for none."""
    if not _DELTA.fullmatch(text):
        return None
    total = timedelta()
    for pattern, minutes in _FIXED:
        text, times = pattern.subn(" ", text)
        total += timedelta(minutes=minutes * times)
    for count, half, unit, and_half in _COUNTED.findall(text):
        if unit:
            amount = float(count) if "." in count else number(count)
            amount += 0.5 if half or and_half else 0
            total += timedelta(**{UNITS[unit]: amount})
    return total
