"""Days inside a phrase: `tomorrow`, `next friday`, `the 3rd`, `25 dec`, `in 3 days`.

A phrase names a row of candidates; the first that lies ahead is meant.
"""

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from adapters.when.vocabulary import MONTH, MONTHS, NUMBER, UNITS, WEEKDAY, WEEKDAYS, number

CLOSE: Final = time(18)
"""When a working day ends: what `end of day` means."""


@dataclass(frozen=True, slots=True)
class Days:
    """Candidate days in order. `exact` means said with its year, and so meant even when past."""

    dates: tuple[date, ...]
    exact: bool = False
    keep_time: bool = False
    times: tuple[time, ...] = (time(9),)


_FILLER = re.compile(r"\b(?:on|at|by|for|the|this|coming|due|starting|before|until|till|from|of)\b")
_END = re.compile(r"(?:by )?(?:the )?end of (?:the |this )?(next )?(day|week|month|year)|(eo[dwm])")
Rule = Callable[[re.Match[str], date], Days]
_RULES: list[tuple[re.Pattern[str], Rule]] = []


def find_days(phrase: str, today: date) -> Days | None:
    """Return the days that a tidied phrase without its time of day names, None for none."""
    if match := _END.fullmatch(phrase.strip()):
        return _end(match, today)
    text = " ".join(_FILLER.sub(" ", phrase).split())
    for pattern, rule in _RULES:
        if match := pattern.fullmatch(text):
            return rule(match, today)
    return None


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


@_rule(r"(\d{1,2})(?:st|nd|rd|th)(?: (next) month)?")
def _ordinal(match: re.Match[str], today: date) -> Days:
    months = range(1 if match[2] else 0, 4)
    return _real((_shift(today, months=n), int(match[1])) for n in months)


@_rule(rf"(\d{{1,2}})(?:st|nd|rd|th)? ({MONTH})\.?(?: (\d{{4}}))?")
def _day_month(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[1]), MONTHS[match[2]], match[3], today)


@_rule(rf"({MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?")
def _month_day(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[2]), MONTHS[match[1]], match[3], today)


@_rule(r"(\d{4})-(\d{1,2})-(\d{1,2})")
def _iso(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[3]), int(match[2]), match[1], today)


@_rule(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?")
def _dotted(match: re.Match[str], today: date) -> Days:
    return _dated(int(match[1]), int(match[2]), match[3], today)


_SPAN = rf"({NUMBER}) (days?|weeks?|fortnights?|months?|years?)"


@_rule(rf"in {_SPAN}(?: time)?|{_SPAN} (?:now|later)")
def _ahead(match: re.Match[str], today: date) -> Days:
    count, unit = number(match[1] or match[3]), UNITS[match[2] or match[4]]
    if unit == "fortnights":
        count, unit = count * 2, "weeks"
    return Days((_shift(today, **{unit: count}),), keep_time=True)


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
        return Days((date(int(year), month, day),), exact=True)
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
