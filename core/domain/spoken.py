"""Times and repetitions as people write them."""

import calendar
import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo

from core.domain.recurrence import Rule, parse_rule

_SETS = {
    frozenset(range(5)): "weekday",
    frozenset({5, 6}): "weekend day",
    frozenset(range(7)): "day",
}
"""Days of the week that have a word together, Monday as 0."""
_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_LEAP_DAY = (2, frozenset({29}))
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


def spoken_rule(rule: str, at: str) -> str:
    """Return an iCalendar rule in words: `on the last Friday of every month, 6 times`.

    `at` is its first time as ISO 8601. A rule that there are no words for stays as it is, so that
    nothing of it is left out.
    """
    try:
        found, first = parse_rule(rule), datetime.fromisoformat(at)
    except ValueError:
        return rule
    if found.weeks or found.year_days or (found.week_start and found.interval > 1):
        return rule
    days = _in_month(found) if found.frequency in {"MONTHLY", "YEARLY"} else _in_week(found)
    times = _times_of_day(found, first)
    return rule if days is None or times is None else f"{days}{times}{_end(found)}"


def _in_week(rule: Rule) -> str | None:
    """Return the days of a rule that counts weeks or less; None where there are no words."""
    if rule.month_days or rule.positions or any(nth for _, nth in rule.days):
        return None
    every, days = _every(rule), frozenset(day for day, _ in rule.days)
    if days:
        whole = rule.frequency in {"DAILY", "WEEKLY"} and rule.interval == 1
        on = f"{_SETS[days]}s" if days in _SETS else _weekdays(days)
        every = f"every {_weekdays(days)}" if whole else f"{every} on {on}"
    return f"{every} in {_months(rule)}" if rule.months else every


def _in_month(rule: Rule) -> str | None:
    """Return the days of a rule that counts months or years; None where there are no words."""
    named = rule.days or rule.month_days or rule.positions
    if not named and not rule.months:
        return _every(rule)
    monthly = rule.frequency == "MONTHLY"
    if (rule.days and rule.month_days) or (monthly and rule.months and rule.interval > 1):
        return None
    if not monthly and (not rule.months or (rule.positions and len(rule.months) > 1)):
        return None
    days = _days_of_month(rule)
    if days is None:
        return None
    if monthly:
        return f"{days} of {_months(rule) if rule.months else _each(rule)}"
    if (*rule.months, rule.month_days) == _LEAP_DAY and rule.interval == 1:
        return "on 29 February of every leap year"
    if len(rule.month_days) == 1 and len(rule.months) == 1 and min(rule.month_days) > 0:
        return f"on {min(rule.month_days)} {_months(rule)} {_every(rule)}"
    return f"{days} of {_months(rule)} {_every(rule)}"


def _days_of_month(rule: Rule) -> str | None:
    """Return `on the 1st and 15th`, `on the last weekday`, `on every Friday`; None for others."""
    if rule.month_days:
        if rule.positions:
            return None
        ordered = sorted(rule.month_days, key=lambda day: (day < 0, day))
        said = [_nth(day) if day > 0 else f"{_nth(day)} day" for day in ordered]
        return f"on the {_listed(said)}"
    if not rule.days:
        return None if rule.positions else "on the same day"
    days, places = frozenset(day for day, _ in rule.days), {nth for _, nth in rule.days}
    if rule.positions:
        one = _SETS.get(days) or (_weekdays(days) if len(days) == 1 else None)
        if places != {0} or one is None:
            return None
        return f"on the {_listed(_nth(n) for n in rule.positions)} {one}"
    if places == {0}:
        return f"on every {_weekdays(days)}"
    if 0 in places:
        return None
    placed = sorted(rule.days, key=lambda one: (one[1] < 0, one[1], one[0]))
    return f"on the {_listed(f'{_nth(nth)} {calendar.day_name[day]}' for day, nth in placed)}"


def _times_of_day(rule: Rule, first: datetime) -> str | None:
    """Return the times of day that a rule names itself; None where there are no words."""
    if rule.seconds not in {(), (0,)}:
        return None
    if not rule.hours and not rule.minutes:
        return ""
    if rule.under_a_day:
        return None
    times = [
        time(hour, minute)
        for hour in rule.hours or (first.hour,)
        for minute in rule.minutes or (first.minute,)
    ]
    return f" at {_listed(f'{at:%H:%M}' for at in times)}"


def _end(rule: Rule) -> str:
    """Return when a rule ends, empty where it does not."""
    count = "" if rule.count is None else f", {rule.count} times" if rule.count > 1 else ", once"
    if rule.until is None:
        return count
    zone = " UTC" if rule.until.tzinfo == UTC else ""
    day_end = rule.until.time() == time.max
    return f"{count}, until {rule.until:{'%a %d %b %Y' if day_end else '%a %d %b %Y %H:%M'}}{zone}"


def _every(rule: Rule) -> str:
    unit = _UNITS[rule.frequency]
    return f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"


def _each(rule: Rule) -> str:
    """Return `every month`, or `every second month`: what a day is one of."""
    return "every month" if rule.interval == 1 else f"every {_nth(rule.interval)} month"


def _months(rule: Rule) -> str:
    return _listed(calendar.month_name[month] for month in sorted(rule.months))


def _weekdays(days: frozenset[int]) -> str:
    return _SETS.get(days) or _listed(calendar.day_name[day] for day in sorted(days))


def _nth(number: int) -> str:
    """Return an ordinal; one from the end is `last`, `second last`."""
    if number < -1:
        return f"{_nth(-number)} last"
    if number in _NTH:
        return _NTH[number]
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{ending or 'th'}"


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
