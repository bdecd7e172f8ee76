"""Days inside a phrase: `tomorrow`, `next friday`, `the 3rd`, `25 dec`, `in 3 days`.

A phrase names a row of candidates; the first that lies ahead is meant.
"""

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from adapters.when.vocabulary import (
    MONTH,
    MONTHS,
    NUMBER,
    ORDINAL,
    ORDINALS,
    UNITS,
    WEEKDAY,
    WEEKDAYS,
    number,
)

CLOSE: Final = time(18)
"""When a working day ends: what `end of day` means."""


@dataclass(frozen=True, slots=True)
class Days:
    """Candidate days in order. `exact` means said with its year, and so meant even when past.

    `unclear`: any of the days may be meant, and only the owner knows which.
    """

    dates: tuple[date, ...]
    exact: bool = False
    keep_time: bool = False
    times: tuple[time, ...] = (time(9),)
    unclear: bool = False


_FILLER = re.compile(r"\b(?:on|at|by|for|the|this|coming|due|of)\b")
_END = re.compile(r"(?:by )?(?:the )?end of (?:the |this )?(next )?(day|week|month|year)|(eo[dwm])")
_NAMED_DAY = re.compile(rf"({WEEKDAY}) (.+)")
_DATE = re.compile(rf".*\d.*|.*{MONTH}.*")
Rule = Callable[[re.Match[str], date], Days | None]
_RULES: list[tuple[re.Pattern[str], Rule]] = []


def find_days(phrase: str, today: date) -> Days | None:
    """Return the days that a tidied phrase without its time of day names, None for none."""
    if match := _END.fullmatch(phrase.strip()):
        return _end(match, today)
    text = " ".join(_FILLER.sub(" ", phrase).split())
    for pattern, rule in _RULES:
        if match := pattern.fullmatch(text):
            return rule(match, today)
    if (match := _NAMED_DAY.fullmatch(text)) and _DATE.fullmatch(match[2]):
        found = find_days(match[2], today)
        return _on_weekday(found, WEEKDAYS[match[1]], today) if found else None
    return None


def _on_weekday(found: Days, weekday: int, today: date) -> Days:
    """Return days that were said with their weekday; where the two differ, either may be meant."""
    fits = tuple(day for day in found.dates if day.weekday() == weekday)
    if found.unclear and fits:
        return Days(fits)
    meant = next((day for day in found.dates if found.exact or day >= today), None)
    if meant is None or meant.weekday() == weekday:
        return replace(found, dates=fits) if fits else found
    near = min((meant + timedelta(n) for n in range(-3, 4)), key=lambda d: d.weekday() != weekday)
    return Days((meant, near), unclear=True)


def is_filler(phrase: str) -> bool:
    """Return whether a phrase has no word left that says anything."""
    return not _FILLER.sub(" ", phrase).strip()


def _rule(pattern: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        _RULES.append((re.compile(pattern), rule))
        return rule

    return add


@_rule("today")
def _today(_: re.Match[str], today: date) -> Days:
    return Days((today,), times=(time(9), CLOSE, time(23, 59)))


@_rule("tomorrow")
def _tomorrow(_: re.Match[str], today: date) -> Days:
    return Days((today + timedelta(1),))


@_rule("day after tomorrow")
def _after_tomorrow(_: re.Match[str], today: date) -> Days:
    return Days((today + timedelta(2),))


@_rule(rf"(?:(next) )?({WEEKDAY})s?(?: (next) week)?|(next) week ({WEEKDAY})")
def _weekday(match: re.Match[str], today: date) -> Days:
    """`next friday` is the Friday of the week after this one, weeks beginning on Monday."""
    wanted = WEEKDAYS[match[2] or match[5]]
    if match[1] or match[3] or match[4]:
        return Days((_monday(today) + timedelta(7 + wanted),))
    first = today + timedelta((wanted - today.weekday()) % 7)
    return Days((first, first + timedelta(7)))


@_rule("next (week|month|year)")
def _next(match: re.Match[str], today: date) -> Days:
    step = {
        "week": _monday(today) + timedelta(7),
        "month": today.replace(day=1) + relativedelta(months=1),
    }
    return Days((step.get(match[1], date(today.year + 1, 1, 1)),))


@_rule("(?:(next) )?weekend")
def _weekend(match: re.Match[str], today: date) -> Days:
    first = _monday(today) + timedelta(5 + (7 if match[1] else 0))
    return Days((first, first + timedelta(1), first + timedelta(7)))


@_rule(r"(?:(\d{1,2})(?:st|nd|rd|th)|(first)|(last) day)(?: (next )?month)?")
def _ordinal(match: re.Match[str], today: date) -> Days:
    months = range(1 if match[4] else 0, 4)
    if match[3]:
        return Days(tuple(_last_of(_shift(today.replace(day=1), months=n)) for n in months))
    day = int(match[1] or 1)
    return _real((_shift(today.replace(day=1), months=n), day) for n in months)


@_rule(rf"(?:last day|end) ({MONTH})(?: (\d{{4}}))?")
def _month_end(match: re.Match[str], today: date) -> Days:
    years = [int(match[2])] if match[2] else [today.year, today.year + 1]
    return Days(tuple(_last_of(date(year, MONTHS[match[1]], 1)) for year in years))


@_rule(rf"({ORDINAL}) ({WEEKDAY}) (?:in )?(?:(next )?month|({MONTH})(?: (\d{{4}}))?)")
def _weekday_of_month(match: re.Match[str], today: date) -> Days:
    if match[4]:
        years = [int(match[5])] if match[5] else [today.year, today.year + 1]
        months = [date(year, MONTHS[match[4]], 1) for year in years]
    else:
        first = today.replace(day=1)
        months = [_shift(first, months=n) for n in range(1 if match[3] else 0, 3)]
    weekday, nth = WEEKDAYS[match[2]], ORDINALS[match[1]]
    months = months[:1] if match[3] else months
    found = (nth_weekday(month, weekday, nth) for month in months)
    dates = tuple(day for day in found if day is not None)
    if not dates:
        message = "No such day."
        raise ValueError(message)
    return Days(dates)


def nth_weekday(month: date, weekday: int, nth: int) -> date | None:
    """Return the n-th weekday of a month, the last for -1; None where it has none."""
    if nth < 0:
        last = _last_of(month)
        return last - timedelta((last.weekday() - weekday) % 7)
    first = month.replace(day=1)
    day = first + timedelta((weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return day if day.month == month.month else None


@_rule(r"(?:beginning|start) (next )?(week|month|year)")
def _beginning(match: re.Match[str], today: date) -> Days:
    step, first = (1 if match[1] else 0), today.replace(day=1)
    found = {
        "week": _monday(today) + timedelta(7 * step),
        "month": _shift(first, months=step),
        "year": date(today.year + step, 1, 1),
    }
    return Days((found[match[2]],))


@_rule(r"(christmas eve|christmas(?: day)?|xmas|new year'?s eve|new year'?s(?: day)?|new year)")
def _feast(match: re.Match[str], today: date) -> Days:
    name = match[1].replace("'", "")
    eve = name.endswith("eve")
    if name.startswith("new"):
        return _dated(31 if eve else 1, 12 if eve else 1, None, today)
    return _dated(24 if eve else 25, 12, None, today)


@_rule(rf"(\d{{1,2}})(?:st|nd|rd|th)? ({MONTH})\.?(?: (\d{{4}}))?")
def _day_month(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[1]), MONTHS[match[2]], match[3], today)


@_rule(rf"({MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?")
def _month_day(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[2]), MONTHS[match[1]], match[3], today)


@_rule(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
def _iso(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[3]), int(match[2]), match[1], today)


@_rule(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")
def _dotted(match: re.Match[str], today: date) -> Days:
    """Return a day with dots: behind both of them it is day and month wherever it is written so."""
    return _dated(int(match[1]), int(match[2]), match[3], today)


@_rule(r"(\d{1,2})([./-])(\d{1,2})(?:([/-])(\d{4}|\d{2}))?")
def _numeric(match: re.Match[str], today: date) -> Days | None:
    """Return a day in numbers; day first or month first is asked where both are days."""
    first, second, dotted = int(match[1]), int(match[3]), match[2] == "."
    if dotted and match[5]:
        return None
    months = range(1, 13)
    orders = [(first, second)] if second in months else []
    if first in months and first != second and not (dotted and not orders):
        orders.append((second, first))
    found = [_one_of(day, month, match[5], today) for day, month in orders]
    real = [days for days in found if days]
    if not real:
        return None
    if len(real) == 1:
        return real[0]
    return Days(tuple(_ahead_of(days, today) for days in real), real[0].exact, unclear=True)


def _one_of(day: int, month: int, year: str | None, today: date) -> Days | None:
    try:
        return _dated(day, month, year, today)
    except ValueError:
        return None


def _ahead_of(days: Days, today: date) -> date:
    return next((day for day in days.dates if day > today), days.dates[0])


_UNIT = "days?|weeks?|wks?|fortnights?|months?|years?"
_SPAN = rf"({NUMBER}) ({_UNIT})"


@_rule(rf"in {_SPAN}(?: time)?|{_SPAN} (?:from )?(?:now|later)")
def _ahead(match: re.Match[str], today: date) -> Days:
    day = _later(today, match[1] or match[3], match[2] or match[4])
    return Days((day,), keep_time=True)


@_rule(rf"in ({NUMBER}) (?:business|working) days?")
def _working_days(match: re.Match[str], today: date) -> Days:
    left, day = number(match[1]), today
    if left > 1000:  # noqa: PLR2004 - four years; nobody counts further in working days
        message = "Too many days."
        raise ValueError(message)
    while left:
        day += timedelta(1)
        left -= day.weekday() < 5  # noqa: PLR2004 - Saturday
    return Days((day,), keep_time=True)


@_rule(rf"{_SPAN} from (.+)")
def _from_day(match: re.Match[str], today: date) -> Days | None:
    """Return the day that lies so far behind another: `a week from friday`."""
    start = find_days(match[3], today)
    if start is None or start.unclear or start.keep_time:
        return None
    day = _later(_start_of(start, today, match[3]), match[1], match[2])
    return Days((day,), keep_time=match[3] == "today" and not match[2].startswith(("day", "week")))


def _start_of(start: Days, today: date, words: str) -> date:
    return today if words == "today" else _ahead_of(start, today)


@_rule(rf"({WEEKDAY}) week")
def _weekday_week(match: re.Match[str], today: date) -> Days:
    first = today + timedelta((WEEKDAYS[match[1]] - today.weekday() - 1) % 7 + 1)
    return Days((first + timedelta(7),))


@_rule("same time (.+)|time (tomorrow.*|next .+)")
def _same_time(match: re.Match[str], today: date) -> Days | None:
    found = find_days(match[1] or match[2], today)
    return replace(found, keep_time=True) if found else None


def _later(day: date, count: str, word: str) -> date:
    amount, unit = number(count), UNITS[word]
    if unit == "fortnights":
        amount, unit = amount * 2, "weeks"
    return _shift(day, **{unit: amount})


def _end(match: re.Match[str], today: date) -> Days:
    unit = match[2] or {"eod": "day", "eow": "week", "eom": "month"}[match[3]]
    step = 1 if match[1] else 0
    if unit == "day":
        return Days((today + timedelta(step),), times=(CLOSE, time(23, 59)))
    if unit == "week":
        friday = _monday(today) + timedelta(4 + 7 * step)
        return Days((friday, friday + timedelta(7)), times=(CLOSE,))
    if unit == "year":
        return Days((date(today.year + step, 12, 31),), times=(time(9), CLOSE, time(23, 59)))
    months = (_shift(today.replace(day=1), months=n) for n in range(step, step + 2))
    return Days(tuple(_last_of(month) for month in months))


def _dated(day: int, month: int, year: str | None, today: date) -> Days:
    if year is not None:
        full = int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004 - `26`
        if len(year) == 2 and full < today.year:  # noqa: PLR2004 - as above
            return Days(())
        return Days((date(full, month, day),), exact=True)
    return _real((date(today.year + n, month, 1), day) for n in range(9))


def _real(wanted: Iterable[tuple[date, int]]) -> Days:
    """Return the days that exist: no 31st of a short month, no 29 February of a common year."""
    dates = tuple(
        month.replace(day=day)
        for month, day in wanted
        if 1 <= day <= calendar.monthrange(month.year, month.month)[1]
    )
    if not dates:
        message = "No such day."
        raise ValueError(message)
    return Days(dates)


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _last_of(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _shift(day: date, **by: Any) -> date:  # noqa: ANN401 - whole numbers by unit
    return day + relativedelta(**by)
