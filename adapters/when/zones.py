"""Zones inside a phrase: `UTC`, `+02:00`, `GMT-5`, `Europe/Berlin`, `New York time`, `PST`."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

_OFFSET: Final = re.compile(
    r"(?<![\d-])(?:(?:utc|gmt) ?|(?<=[\dm]) ?)([+-])(\d{1,2})(?::?(\d{2}))?(?![\d:.])$"
    r"|\b(?:utc|gmt) ?([+-])(\d{1,2})(?::?(\d{2}))?(?![\d:.])"
)
_ZULU: Final = re.compile(r"\b(?:utc|gmt|zulu)\b(?: time)?|(?<=\d)z\b")
_MINE: Final = re.compile(r"\b(?:my|our|local) time(?: zone)?\b")
_NAME: Final = re.compile(r"\[?\b([a-z]+(?:/[a-z_+-]+\d*)+)\b\]?")
_CITY: Final = re.compile(r"\b((?:[a-z]+ ){0,2}[a-z]+) time\b")
_LETTERS: Final = re.compile(r"(?<=[\d:apm]) ?\b([a-z]{2,5})\b(?: time)?(?= |$)")

_FIXED: Final = {
    "est": (-5, "America/New_York"), "edt": (-4, "America/New_York"),
    "cdt": (-5, "America/Chicago"),
    "mst": (-7, "America/Denver"), "mdt": (-6, "America/Denver"),
    "pst": (-8, "America/Los_Angeles"), "pdt": (-7, "America/Los_Angeles"),
    "cet": (1, "Europe/Berlin"), "cest": (2, "Europe/Berlin"),
    "eet": (2, "Europe/Athens"), "eest": (3, "Europe/Athens"),
    "wet": (0, "Europe/Lisbon"), "west": (1, "Europe/Lisbon"),
    "jst": (9, "Asia/Tokyo"), "aest": (10, "Australia/Sydney"), "aedt": (11, "Australia/Sydney"),
}  # fmt: skip
"""Hours from UTC, and where the clocks are that show it for a part of the year. What stands for
several zones (IST, CST, BST, AST) is not here: it is asked about."""
_PLACES: Final = {
    "et": "America/New_York", "eastern": "America/New_York", "ct": "America/Chicago",
    "central european": "Europe/Berlin", "mt": "America/Denver", "mountain": "America/Denver",
    "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
}  # fmt: skip


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@cache
def _cities() -> dict[str, str]:
    """Return the names of places by the last word of their zone: `new york` is America/New_York."""
    found: dict[str, str] = dict(_PLACES)
    for name in sorted(available_timezones()):
        area, _, city = name.rpartition("/")
        if area and area.split("/")[0] not in {"Etc", "SystemV", "US", "Canada", "Brazil"}:
            found.setdefault(city.lower().replace("_", " "), name)
    return found


def take_zone(text: str) -> tuple[str, tzinfo | None]:
    """Return a tidied phrase without its zone, and the zone; None where none is named.

    The owner's own (`my time`) is none. A season's name such as PST is its offset, and
    `other_season` says what else may be meant by it.
    """
    if match := _MINE.search(text):
        return _without(text, match), None
    for read in (_named, _offset, _city, _letters):
        if found := read(text):
            return found
    return text, None


_Found = tuple[str, tzinfo] | None


def _named(text: str) -> _Found:
    match = _NAME.search(text)
    name = _names().get(match[1]) if match else None
    return (_without(text, match), ZoneInfo(name)) if match and name else None


def _offset(text: str) -> _Found:
    if match := _OFFSET.search(text):
        sign, hours, minutes = match[1] or match[4], match[2] or match[5], match[3] or match[6]
        span = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return _without(text, match), timezone(-span if sign == "-" else span)
    match = _ZULU.search(text)
    return (_without(text, match), UTC) if match else None


def _city(text: str) -> _Found:
    match = _CITY.search(text)
    words = match[1].split() if match else []
    for count in range(len(words), 0, -1):
        place = " ".join(words[-count:])
        if match and (name := _cities().get(place)):
            rest = f"{text[: match.end(1) - len(place)]} {text[match.end() :]}"
            return " ".join(rest.split()), ZoneInfo(name)
    return None


def _letters(text: str) -> _Found:
    for match in _LETTERS.finditer(text):
        if match[1] in _FIXED:
            hours, name = _FIXED[match[1]]
            return _without(text, match), timezone(timedelta(hours=hours), name)
        if match[1] in {"et", "ct", "mt", "pt"}:
            return _without(text, match), ZoneInfo(_PLACES[match[1]])
    return None


def is_place(words: str) -> bool:
    """Return whether words name a place that has a zone, or a part of a continent that has one."""
    return words in _cities() or words in {"my", "our", "local"}


def other_season(at: datetime) -> datetime | None:
    """Return the other time that is meant where a season's zone is said in the other season."""
    place = at.tzinfo.tzname(at) if isinstance(at.tzinfo, timezone) else None
    if place is None or "/" not in place:
        return None
    other = at.replace(tzinfo=ZoneInfo(place))
    return other if other.utcoffset() != at.utcoffset() else None


def _without(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
