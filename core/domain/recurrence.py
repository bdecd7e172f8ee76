"""When something comes again: iCalendar rules (RFC 5545), with a bound on what they may cost.

`dateutil` walks from the first time to today, for ever where a rule names no day at all; here the
search begins right before `now` and looks at so many days and no more.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

LONGEST: Final = 1000
"""Characters of a rule; one that names twelve months and sixty minutes has 250."""

STEPS: Final = 36_525
"""Days looked at for one answer: a century."""
_SHORT_STEP: Final = 12
"""What an hour or minute counts as, and how many times of a day count as one more day: it is more
work than a day, and none needs a century of them.
So many remain that a rule on 29 February, whose other days are passed over, is followed."""

_QUOTED: Final = 80
"""Characters of a rule in a sentence."""

_UNTIL = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS: Final = {day: n for n, day in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY")
_NUMBERS: Final = {
    "BYMONTH": (1, 12),
    "BYWEEKNO": (-53, 53),
    "BYYEARDAY": (-366, 366),
    "BYMONTHDAY": (-31, 31),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 59),
    "BYSETPOS": (-366, 366),
}
"""The parts that list numbers, with the lowest and the highest; 0 counts where it is the lowest."""
_HOUR, _MINUTE, _DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
_STEP: Final = {"HOURLY": _HOUR, "MINUTELY": _MINUTE}
_FURTHEST_SHIFT: Final = timedelta(days=2)
"""A local time that the clocks skip is read by up to this much later: Apia skipped a whole day."""


class RuleError(ValueError):
    """A rule that cannot be followed; the text ends a sentence that begins with the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An iCalendar rule as it was written, checked but not yet placed in time.

    `until` is the last moment: aware where it was written in UTC, else in the zone of the rule.
    `days` are weekdays (0 is Monday) with the n-th of its month or year, 0 for every one.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    week_start: int = 0
    days: frozenset[tuple[int, int]] = frozenset()
    months: frozenset[int] = frozenset()
    weeks: frozenset[int] = frozenset()
    year_days: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def under_a_day(self) -> bool:
        """Whether it counts hours or minutes."""
        return self.frequency in _STEP

    @property
    def plain(self) -> bool:
        """Whether every interval has exactly one time."""
        parts = (self.days, self.months, self.weeks, self.year_days, self.month_days)
        times = (self.hours, self.minutes, self.seconds, self.positions)
        return self.frequency not in {"YEARLY", "MONTHLY"} and not any(parts) and not any(times)


def parse_rule(text: str) -> Rule:
    """Return the rule that an RRULE value such as `FREQ=WEEKLY;BYDAY=MO` says.

    Raises RuleError for what is no rule, an INTERVAL under 1, and what is finer than a minute.
    """
    if len(text) > LONGEST:
        raise RuleError(f"is longer than {LONGEST} characters.")
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals or name in parts:
            raise RuleError("is no iCalendar rule such as FREQ=WEEKLY;BYDAY=MO.")
        parts[name] = value.strip()
    frequency = parts.pop("FREQ", "")
    if frequency == "SECONDLY" or "," in parts.get("BYSECOND", ""):
        raise RuleError("comes more often than once a minute: name a longer interval.")
    if frequency not in _FREQUENCIES:
        raise RuleError("is no iCalendar rule such as FREQ=WEEKLY;BYDAY=MO.")
    interval, count = _whole(parts, "INTERVAL", 1), _whole(parts, "COUNT", None)
    until = _until(parts.pop("UNTIL")) if "UNTIL" in parts else None
    week_start = _weekday(parts.pop("WKST", "MO"))
    days = _days(parts.pop("BYDAY")) if "BYDAY" in parts else frozenset()
    numbers = {name: _listed(name, parts.pop(name, "")) for name in _NUMBERS}
    if parts:
        raise RuleError(f"has the part {next(iter(parts))!r}, which iCalendar does not know.")
    return Rule(
        frequency=frequency,
        interval=interval or 1,
        count=count,
        until=until,
        week_start=week_start,
        days=days,
        months=frozenset(numbers["BYMONTH"]),
        weeks=frozenset(numbers["BYWEEKNO"]),
        year_days=frozenset(numbers["BYYEARDAY"]),
        month_days=frozenset(numbers["BYMONTHDAY"]),
        hours=numbers["BYHOUR"],
        minutes=numbers["BYMINUTE"],
        seconds=numbers["BYSECOND"],
        positions=numbers["BYSETPOS"],
    )


def _whole(parts: dict[str, str], name: str, default: int | None) -> int | None:
    value = parts.pop(name, None)
    if value is None:
        return default
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) < 1:
        raise RuleError(f"has {name}={value[:20]}: it must be a number from 1.")
    return int(value)


def _listed(name: str, value: str) -> tuple[int, ...]:
    """Return the numbers of a part in order, each once."""
    low, high = _NUMBERS[name]
    found: set[int] = set()
    for one in value.split(",") if value else ():
        if not re.fullmatch(r"[+-]?\d{1,3}", one, re.ASCII):
            raise RuleError(f"has {name}={one[:20]}: it must be numbers.")
        number = int(one)
        if not low <= number <= high or (number == 0 and low < 0):
            raise RuleError(f"has {name}={one}: numbers from {low} to {high} are possible.")
        found.add(number)
    return tuple(sorted(found))


def _weekday(value: str) -> int:
    if value not in _WEEKDAYS:
        raise RuleError(
            f"has the weekday {value[:20]!r}: it must be one of {', '.join(_WEEKDAYS)}."
        )
    return _WEEKDAYS[value]


def _days(value: str) -> frozenset[tuple[int, int]]:
    found = set()
    for one in value.split(","):
        match = _BYDAY.fullmatch(one.strip())
        if match is None:
            raise RuleError(f"has BYDAY={one[:20]}: it must be weekdays such as MO or -1FR.")
        found.add((_WEEKDAYS[match[2]], int(match[1] or 0)))
    return frozenset(found)


def _until(value: str) -> datetime:
    """Return the end; a day ends with its last moment, as it does in calendars."""
    match = _UNTIL.fullmatch(value)
    if match is None:
        raise RuleError(f"has UNTIL={value[:20]}: it must be like 20261231 or 20261231T170000Z.")
    try:
        day = datetime(int(match[1]), int(match[2]), int(match[3]))  # noqa: DTZ001 - local, below
        if match[4] is None:
            return day + _DAY - timedelta(microseconds=1)
        at = day.replace(hour=int(match[4]), minute=int(match[5]), second=int(match[6]))
    except (ValueError, OverflowError) as error:
        raise RuleError(f"has UNTIL={value}, which is no day.") from error
    return at.replace(tzinfo=UTC) if match[7] else at


def next_time(rule: Rule, first: datetime, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the first time of the rule after `now` in `zone`; None where it has ended.

    Counted from `first`, and never earlier. Days and named times of day follow the wall clock of
    the zone as RFC 5545 says: one that the clocks skip is read with the offset before the change
    (02:30 becomes 03:30), one that comes twice is its first. Hours and minutes are as long as they
    are. Costs at most STEPS. Raises RuleError for a rule that names no time within them.
    """
    try:
        return _Search(rule, first, zone).after(now)
    except OverflowError:
        return None  # behind the year 9999


def check_rule(rule: Rule, first: datetime, now: datetime, zone: tzinfo) -> datetime | None:
    """Return the next time of a rule that begins. Raises RuleError for what must not be set.

    Beside `next_time`, a COUNT is refused that would have to be counted too far at its end.
    """
    if rule.count is not None and not rule.plain:
        end = datetime.max.replace(tzinfo=UTC) - _FURTHEST_SHIFT
        next_time(rule, first, end, zone)
    return next_time(rule, first, now, zone)


def quoted_rule(repeat: str) -> str:
    """Return a rule as a sentence quotes it: what is far too long is no rule to read."""
    return repr(repeat if len(repeat) <= _QUOTED else f"{repeat[:_QUOTED]}…")


class _Search:
    """One search: the rule placed at its first time, and how many steps it has left."""

    def __init__(self, rule: Rule, first: datetime, zone: tzinfo) -> None:
        self._rule, self._zone = rule, zone
        self._first = first.astimezone(UTC)
        self._start = first.astimezone(zone).replace(tzinfo=None)
        self._elapsed = rule.under_a_day and not rule.hours
        """Whether it counts time that passes, not times that the wall clock shows."""
        self._minutes = rule.minutes or (self._start.minute,)
        self._second = rule.seconds[0] if rule.seconds else self._start.second
        self._fits = _day_filter(rule, self._start)
        self._origin = self._first_period()
        day = self._start.date()
        self._monday = day - timedelta((day.weekday() - rule.week_start) % 7)
        """The first day of the week of the first time."""
        self._left, self._number = STEPS, 0
        self._from = date.min
        """The first day that is looked at, where no others have to be counted or chosen from."""

    def after(self, now: datetime) -> datetime | None:
        """Return the first time after `now`."""
        now = now.astimezone(UTC)
        best: datetime | None = None
        try:
            for wall, at in self._times(now):
                if best is not None and wall >= self._wall(best):
                    break
                if at > now and (best is None or at < best):
                    best = at
                    if self._elapsed or self._wall(at) == wall:
                        break  # the clocks skip nothing here: what comes later is later
        except RuleError:
            if best is None:
                raise
        return None if best is None else best.astimezone(self._zone)

    def _times(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield wall time and moment (UTC) from shortly before `now`, in the order of the wall."""
        rule = self._rule
        counted = rule.count is not None and not rule.plain
        since = max(now, self._first)
        begin = 0 if counted else self._period_of(since)
        if not counted:
            self._from = max(self._wall(since) - _FURTHEST_SHIFT, self._start).date()
        for period, walls in self._periods(begin):
            if rule.count is not None and rule.plain and period >= rule.count:
                return
            for wall, at in self._placed(walls):
                self._number += 1
                if self._is_over(wall, at) or (counted and self._number > (rule.count or 0)):
                    return
                yield wall, at

    def _placed(self, found: list[datetime]) -> Iterator[tuple[datetime, datetime]]:
        """Yield the times of one period that count, each with its moment."""
        chosen = _at_positions(found, self._rule.positions)
        if found and not chosen:
            self._spend(_SHORT_STEP)  # a BYSETPOS that no interval has
        for one in chosen:
            if self._elapsed:
                wall, at = self._wall(one), one
            else:
                wall, at = one, self._moment(one)
            if at >= self._first if self._elapsed else wall >= self._start:
                yield wall, at

    def _is_over(self, wall: datetime, at: datetime) -> bool:
        until = self._rule.until
        if until is None:
            return False
        return at > until if until.tzinfo else wall > until

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(tzinfo=None, fold=0)

    def _moment(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self._zone, fold=0).astimezone(UTC)

    def _spend(self, steps: int, why: str = "") -> None:
        self._left -= steps
        if self._left < 0:
            if self._rule.count is not None and self._number:
                raise RuleError("has too many times to count: end it with UNTIL, not with COUNT.")
            raise RuleError(why or "names no time that ever comes, as far as I can look.")

    def _period_of(self, now: datetime) -> int:
        """Return the number of a period that begins before every time after `now`."""
        rule = self._rule
        wall = max(self._wall(now) - _FURTHEST_SHIFT, self._start)
        if self._elapsed:
            passed = (now - self._origin) // (_STEP[rule.frequency] * rule.interval) - 1
        elif rule.under_a_day:
            passed = (wall - self._origin) // (_STEP[rule.frequency] * rule.interval)
        elif rule.frequency == "DAILY":
            passed = (wall.date() - self._start.date()).days // rule.interval
        elif rule.frequency == "WEEKLY":
            passed = (wall.date() - self._monday).days // (7 * rule.interval)
        elif rule.frequency == "MONTHLY":
            passed = _months(wall.date(), self._start.date()) // rule.interval
        else:
            passed = (wall.year - self._start.year) // rule.interval
        return max(0, passed)

    def _first_period(self) -> datetime:
        """Return the hour or minute of the first time: a moment where passing time is counted."""
        begin = self._start.replace(second=0, microsecond=0)
        if self._rule.frequency == "HOURLY":
            begin = begin.replace(minute=0)
        return self._first - (self._start - begin) if self._elapsed else begin

    def _periods(self, number: int) -> Iterator[tuple[int, list[datetime]]]:
        """Yield each period from `number` on with its times, in order."""
        if self._rule.under_a_day:
            yield from self._short_periods(number)
            return
        while True:
            days = self._days_of(number)
            if self._rule.positions:
                yield number, [time for day in days for time in self._times_of(day)]
            else:
                yield from ((number, self._times_of(day)) for day in days if day >= self._from)
            number += 1

    def _days_of(self, number: int) -> list[date]:
        """Return the days of a period that the rule names."""
        rule, start = self._rule, self._start.date()
        if rule.frequency == "YEARLY":
            year = _year(start.year + number * rule.interval)
            months = [date(year, month, 1) for month in range(1, 13)]
        elif rule.frequency == "MONTHLY":
            years, month = divmod(start.month - 1 + number * rule.interval, 12)
            months = [date(_year(start.year + years), month + 1, 1)]
        elif rule.frequency == "WEEKLY":
            monday = self._monday + timedelta(weeks=number * rule.interval)
            return self._fitting(monday, 7)
        else:
            return self._fitting(start + timedelta(days=number * rule.interval), 1)
        found: list[date] = []
        for month_start in months:
            if self._named_month(month_start.month):
                found += self._fitting(month_start, _length(month_start))
        return found

    def _named_month(self, month: int) -> bool:
        self._spend(1)
        return not self._rule.months or month in self._rule.months

    def _fitting(self, day: date, count: int) -> list[date]:
        self._spend(count)
        return [one for n in range(count) if self._fits(one := day + timedelta(n))]

    def _times_of(self, day: date) -> list[datetime]:
        times = len(self._rule.hours or (0,)) * len(self._minutes)
        self._spend(times // _SHORT_STEP, "names too many times of a day: name fewer.")
        at = datetime(day.year, day.month, day.day, second=self._second)  # noqa: DTZ001 - wall
        at = at.replace(microsecond=self._start.microsecond)
        return [
            at.replace(hour=hour, minute=minute)
            for hour in self._rule.hours or (self._start.hour,)
            for minute in self._minutes
        ]

    def _short_periods(self, number: int) -> Iterator[tuple[int, list[datetime]]]:
        """Yield hours or minutes; days that the rule does not name are passed over at once."""
        rule, step = self._rule, _STEP[self._rule.frequency] * self._rule.interval
        while True:
            self._spend(_SHORT_STEP)
            begin = self._origin + number * step
            wall = self._wall(begin) if self._elapsed else begin
            # After a change by half an hour, an hour that begins before midnight ends behind it.
            last = wall.hour == 23  # noqa: PLR2004 - the last hour of a day
            if self._fits(wall.date()) or (last and self._fits(wall.date() + _DAY)):
                if not rule.hours or wall.hour in rule.hours:
                    yield number, self._times_in(begin, wall)
                    number += 1
                    continue
                ahead = wall.replace(minute=0) + _HOUR
            else:
                ahead = wall.replace(hour=0, minute=0) + _DAY - _STEP[rule.frequency]
            until = self._moment(ahead) if self._elapsed else ahead
            number = max(number + 1, -((self._origin - until) // step))

    def _times_in(self, begin: datetime, wall: datetime) -> list[datetime]:
        """Return the times of an hour or minute that begins at `begin`, where `wall` is shown."""
        rule = self._rule
        at = begin.replace(second=self._second, microsecond=self._start.microsecond)
        if rule.frequency == "MINUTELY":
            ahead = [0] if not rule.minutes or wall.minute in rule.minutes else []
        elif not rule.minutes:
            ahead = [self._start.minute]
        else:
            ahead = sorted((minute - wall.minute) % 60 for minute in rule.minutes)
        return [
            at + minutes * _MINUTE
            for minutes in ahead
            if self._fits((wall + minutes * _MINUTE).date())
        ]


def _at_positions(found: list[datetime], positions: tuple[int, ...]) -> list[datetime]:
    """Return the times that BYSETPOS chooses of a period, all of them without it."""
    if not positions:
        return found
    size = len(found)
    chosen = {n - 1 if n > 0 else size + n for n in positions}
    return [found[n] for n in sorted(chosen) if 0 <= n < size]


def _day_filter(rule: Rule, start: datetime) -> Callable[[date], bool]:
    """Return what says whether the rule names a day; what it leaves open is as at the start."""
    named = rule.days or rule.weeks or rule.year_days or rule.month_days
    months, month_days, days = rule.months, rule.month_days, rule.days
    if not named and rule.frequency in {"YEARLY", "MONTHLY"}:
        month_days = frozenset({start.day})
        if rule.frequency == "YEARLY" and not months:
            months = frozenset({start.month})
    elif not named and rule.frequency == "WEEKLY":
        days = frozenset({(start.weekday(), 0)})
    tests: list[Callable[[date], bool]] = []
    if months:
        tests.append(lambda day: day.month in months)
    if month_days:
        tests.append(lambda day: not month_days.isdisjoint(_from_both_ends(day.day, _length(day))))
    if days:
        in_month = rule.frequency == "MONTHLY" or bool(rule.months)
        numbered = rule.frequency in {"YEARLY", "MONTHLY"}
        tests.append(_weekday_test(days, numbered=numbered, in_month=in_month))
    if rule.year_days:
        tests.append(lambda day: not rule.year_days.isdisjoint(_days_of_year(day)))
    if rule.weeks:
        tests.append(lambda day: not rule.weeks.isdisjoint(_weeks_of_year(day, rule.week_start)))
    return lambda day: all(test(day) for test in tests)


def _weekday_test(
    days: frozenset[tuple[int, int]], *, numbered: bool, in_month: bool
) -> Callable[[date], bool]:
    """Return what says whether a day is one of the weekdays, or the n-th of its month or year."""
    every = {weekday for weekday, n in days if n == 0 or not numbered}
    some = {weekday for weekday, n in days if n}

    def test(day: date) -> bool:
        weekday = day.weekday()
        if weekday in every:
            return True
        if weekday not in some:
            return False
        place, last = (day.day, _length(day)) if in_month else _place_in_year(day)
        return (weekday, (place + 6) // 7) in days or (weekday, -((last - place) // 7 + 1)) in days

    return test


def _from_both_ends(place: int, last: int) -> tuple[int, int]:
    return place, place - last - 1


def _place_in_year(day: date) -> tuple[int, int]:
    new_year = date(day.year, 1, 1).toordinal()
    return day.toordinal() - new_year + 1, date(day.year, 12, 31).toordinal() - new_year + 1


def _days_of_year(day: date) -> tuple[int, int]:
    return _from_both_ends(*_place_in_year(day))


def _weeks_of_year(day: date, week_start: int) -> tuple[int, int]:
    """Return the number of the day's week from both ends; the first week has four days."""
    middle = day - timedelta((day.weekday() - week_start) % 7) + timedelta(3)
    week = (_place_in_year(middle)[0] + 6) // 7
    last = date(middle.year, 12, 28)  # stands in the last week of any year
    last_middle = last - timedelta((last.weekday() - week_start) % 7) + timedelta(3)
    return _from_both_ends(week, (_place_in_year(last_middle)[0] + 6) // 7)


def _length(day: date) -> int:
    """Return how many days the month of a day has."""
    if day.month == 2:  # noqa: PLR2004 - February
        return 29 if day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0) else 28
    return 30 if day.month in {4, 6, 9, 11} else 31


def _months(day: date, since: date) -> int:
    return (day.year - since.year) * 12 + day.month - since.month


def _year(year: int) -> int:
    """Return a year that the calendar has. Raises OverflowError behind it."""
    if year > date.max.year:
        message = f"The calendar ends before {year}."
        raise OverflowError(message)
    return year
