"""Times and repetitions as people write them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_WORKDAYS = "MO,TU,WE,TH,FR"
_UNITS = {
    "MINUTELY": "minute",
    "HOURLY": "hour",
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
}
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})")


_MINUTE = timedelta(minutes=1)


def utc(at: datetime) -> datetime:
    """Return a time from outside with a zone; one without is meant in UTC.

    Raises ValueError for a time that lies outside the calendar in UTC.
    """
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        moment = at.astimezone(UTC)
    except OverflowError as error:
        message = f"{at.isoformat()} is no time of the years 1 to 9999 in UTC"
        raise ValueError(message) from error
    # A zone with parts of a minute is written in a way that is not read back.
    return moment if (at.utcoffset() or _MINUTE) % _MINUTE else at


def local(at: datetime, zone: tzinfo) -> datetime:
    """Return a time in a zone; at the ends of the calendar, where it has none there, as it is."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def spoken_exactly(at: str) -> str:
    """Return an ISO time as people write it, to the second, with its zone; other words stay."""
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return at
    seconds = f":{when:%S}" if when.second else ""
    zone = f" (UTC{when:%z})" if when.tzinfo else ""
    return f"{spoken(at)}{seconds}{zone}"


def spoken(at: str) -> str:
    """Return an ISO time as people write it: `Fri 27 Nov 2026 09:00`; other words stay."""
    try:
        return datetime.fromisoformat(at).strftime("%a %d %b %Y %H:%M")
    except ValueError:
        return at


def legible(text: str) -> str:
    """Return a text with the ISO times in it as people write them."""
    return _ISO.sub(lambda found: spoken(found[0]), text)


def spoken_rule(rule: str) -> str:
    """Return an iCalendar rule in words, `every Monday`; one with more in it stays as it is."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    unit = _UNITS.get(parts.pop("FREQ", ""))
    days, every = parts.pop("BYDAY", None), parts.pop("INTERVAL", "1")
    if unit is None or parts or not every.isdecimal():
        return rule
    if days is None:
        return f"every {unit}" if every == "1" else f"every {every} {unit}s"
    if unit != "week" or every != "1" or not set(days.split(",")) <= _DAYS.keys():
        return rule
    if days == _WORKDAYS:
        return "every weekday"
    *others, last = (_DAYS[day] for day in days.split(","))
    return f"every {', '.join(others)} and {last}" if others else f"every {last}"
