"""Times in the owner's words: the port `When` over a small English grammar.

Every word of a phrase must be understood: what is left over makes it no time, and what people read
in two ways is a question with both readings. docs/adr/0015-times-in-words.md says why no library
does this.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn

from dateutil.relativedelta import relativedelta

from adapters.when.clock_times import ClockTime, bare, take_clock
from adapters.when.cuts import Cut, cut
from adapters.when.days import Days, find_days, is_filler
from adapters.when.deltas import find_delta
from adapters.when.repeats import Repeat, TwoRulesError, comes_again, take_repeat
from adapters.when.vocabulary import tidy
from adapters.when.zones import other_season, take_zone
from core.domain.errors import BadInputError, UnclearTimeError
from core.domain.meant import Meant
from core.domain.recurrence import RuleError, next_time, parse_rule

LONGEST: Final = 120
"""Characters; nobody needs more to say a time."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:?\d\d|\d{8}[Tt]\d{4}")
_BRACKETED = re.compile(r"(.+)\[([A-Za-z_+-]+(?:/[A-Za-z_+-]+)*)\]")
_MAIL = re.compile(
    r"(?:[A-Za-z]{3}, *)?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT)"
)
_DAY_HOUR = re.compile(r"(.*[a-z]) (\d{1,2})")
_OR = re.compile(r",?\s+or\s+", re.IGNORECASE)
_MOST_OFFERED: Final = 4
"""Times that one question offers."""
_SHORT: Final = frozenset({"minutes", "hours"})


class WordsWhen:
    """Understands English times; stateless, and never raises anything but BadInputError."""

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the aware time meant, in `zone`: of what comes again, the first. See `read`."""
        return self.read(words, now, zone).at

    def read(self, words: str, now: datetime, zone: tzinfo) -> Meant:
        """Return what is meant, in `zone`.

        Words look ahead: a weekday, a day of the month or a time of the day that has passed means
        the next one. A day without a time is 09:00. A time that the clocks skip in spring is moved
        on by the hour they skip; one that comes twice in autumn is the first that lies ahead. Full
        dates (ISO, or with a year) are taken as they are, past ones too. Raises UnclearTimeError
        with the readings for what may mean several times, BadInputError for anything else.
        """
        if len(words) > LONGEST:
            message = f"A time takes at most {LONGEST} characters, and this has {len(words)}."
            raise BadInputError(message)
        try:
            found = _read(words, now.astimezone(zone), zone)
        except UnclearTimeError:
            raise
        except (ValueError, OverflowError):
            found = None
        if found is None or found.at.year == MAXYEAR:  # no other zone could show its last day
            message = (
                f"No time is named by {words!r}; write it like 'friday 9am', 'in 2 hours' or "
                "'2026-12-01 14:00'."
            )
            raise BadInputError(message)
        return found

    def split(self, text: str) -> Cut:
        """Cut the words of a time out of a sentence; `words` is empty where there are none."""
        found = cut(text, understands)
        return replace(found, repeat=self._rule(found.words)) if found.words else found

    def repeat(self, words: str) -> str | None:
        """Return the iCalendar rule (RRULE value) that the words name, None for a single time."""
        return self.read(words, _SOME_TIME, UTC).repeat

    def _rule(self, words: str) -> str | None:
        try:
            return self.repeat(words)
        except BadInputError:
            return None


def understands(words: str) -> bool:
    """Return whether the grammar knows these words, whatever the time is now."""
    if len(words) > LONGEST:
        return False
    try:
        return _read(words, _SOME_TIME, UTC, ahead=False) is not None
    except UnclearTimeError:
        return True
    except (ValueError, OverflowError, BadInputError):
        return False


_SOME_TIME: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _read(words: str, now: datetime, zone: tzinfo, *, ahead: bool = True) -> Meant | None:
    """Return what words mean; None for no time. Raises UnclearTimeError for `friday or monday`."""
    found = _read_one(words, now, zone, ahead=ahead)
    parts = _OR.split(words.strip())
    if found is not None or not 1 < len(parts) <= _MOST_OFFERED:
        return found
    each = [_readings(part, now, zone, ahead=ahead) for part in parts]
    apart = list(dict.fromkeys(one for readings in each for one in readings)) if all(each) else []
    if ahead and len(apart) > 1:
        _ask(words, apart)
    return apart[0] if apart else None


def _readings(words: str, now: datetime, zone: tzinfo, *, ahead: bool) -> tuple[Meant, ...]:
    """Return what one of several times means, none for what is no time by itself."""
    if not _names_a_day(words, now):
        return ()
    try:
        found = _read_one(words, now, zone, ahead=ahead)
    except UnclearTimeError as error:
        return error.readings
    return () if found is None else (found,)


def _names_a_day(words: str, now: datetime) -> bool:
    """Whether words need no others to say when: an hour alone may be one of a day beside it."""
    text, _ = take_zone(tidy(words))
    if _iso(words.strip(), UTC) or comes_again(text) or find_delta(text):
        return True
    return _day_and_clock(text, now.date())[0] is not None


def _read_one(words: str, now: datetime, zone: tzinfo, *, ahead: bool) -> Meant | None:
    if found := _iso(words.strip(), zone):
        return Meant(found)
    text, said_zone = take_zone(tidy(words))
    if comes_again(text):
        return _read_repeat(words, text, now, zone, said_zone)
    local = now if said_zone is None else now.astimezone(said_zone)
    candidates = _candidates(words, text, local)
    if not ahead:
        return next((Meant(at) for at, _ in candidates), None)
    first = _first_ahead(words, candidates, local)
    if first is None:
        return None
    if other := other_season(first):
        _ask(words, [Meant(other.astimezone(zone)), Meant(first.astimezone(zone))])
    return Meant(first.astimezone(zone))


def _iso(text: str, zone: tzinfo) -> datetime | None:
    """Return a time as machines write it: ISO 8601, RFC 9557 with a zone's name, a mail's date."""
    named = None
    if match := _BRACKETED.fullmatch(text):
        text, named = match[1], match[2]
    try:
        if _MAIL.fullmatch(text):
            return parsedate_to_datetime(text).astimezone(zone)
        if not _ISO.match(text):
            return None
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if named is not None and found.tzinfo is None:
        _, said = take_zone(named.lower())
        return found.replace(tzinfo=said).astimezone(zone) if said else None
    return (
        _real(found.replace(tzinfo=zone), zone) if found.tzinfo is None else found.astimezone(zone)
    )


def _ask(words: str, readings: list[Meant], told: str = "") -> NoReturn:
    """Raise the question which of two times is meant."""
    told = told or " or ".join(f"{one.at:%a %d %b %Y %H:%M}" for one in readings)
    message = f"{words.strip()!r} can mean {told}: say which."
    raise UnclearTimeError(message, readings)


def _first_ahead(
    words: str, candidates: Iterable[tuple[datetime, bool]], now: datetime
) -> datetime | None:
    """Return the first time that lies ahead.

    Raises BadInputError when all that the words can mean has passed.
    """
    known = False
    for candidate, exact in candidates:
        known = True
        if exact:
            return candidate
        if (at := _ahead(candidate, now)) is not None:
            return at
    if known:
        raise BadInputError(_passed(words))
    return None


def _candidates(words: str, text: str, now: datetime) -> Iterator[tuple[datetime, bool]]:
    if span := find_delta(text):
        calendar, passing = span
        step: dict[str, Any] = dict(calendar)
        start = _real(now + relativedelta(**step)) if calendar else now
        yield (start.astimezone(UTC) + passing).astimezone(now.tzinfo), False
        return
    days, clock = _day_and_clock(text, now.date())
    if clock is not None and clock.by_night:
        _after_midnight(words, days, clock, now)
    if days is None and clock is not None and is_filler(clock.rest):
        days = Days((now.date(), now.date() + timedelta(0 if clock.today else 1)))
    if days is None:
        return
    times = clock.times if clock else days.times
    if clock is None and days.keep_time:
        times = (now.time(),)
    if days.unclear:
        _ask(words, [Meant(_at(day, times[0], now)) for day in days.dates])
    for day in days.dates:
        for at in times if len(days.dates) == 1 or clock is None else times[:1]:
            yield _at(day, at, now), days.exact


def _after_midnight(words: str, days: Days | None, clock: ClockTime, now: datetime) -> None:
    """Ask which night is meant by `friday at midnight`: the one before that day or after it."""
    if days is None or days.dates[0] == now.date():
        return
    day, at = days.dates[0], clock.times[0]
    readings = [day + timedelta(1), day] if not at.hour else [day, day + timedelta(1)]
    _ask(words, [Meant(_at(one, at, now)) for one in readings])


def _day_and_clock(text: str, today: date) -> tuple[Days | None, ClockTime | None]:
    if days := find_days(text, today):
        return days, None
    clock = take_clock(text)
    if clock is None and (match := _DAY_HOUR.fullmatch(text)):
        clock = replace(bare(int(match[2])), rest=match[1])
    days = find_days(clock.rest, today) if clock else None
    if clock and clock.today and days and days.dates != (today,):
        days = None  # `tomorrow tonight` is no time
    return days, clock


def _read_repeat(
    words: str, text: str, now: datetime, zone: tzinfo, said_zone: tzinfo | None
) -> Meant | None:
    """Return what comes again. Raises UnclearTimeError for rules that are read in two ways."""
    if said_zone is not None and said_zone != zone:
        message = (
            f"{words.strip()!r} names another zone: what comes again follows the clocks of your "
            "own. Say it in your time, please."
        )
        raise UnclearTimeError(message)
    try:
        repeat = take_repeat(text)
    except TwoRulesError as error:
        clock = take_clock(text)
        at = clock.times[0] if clock else time(9)
        found = [(rule, _first_of(rule, now, at, now.date())) for rule in error.rules]
        _ask(words, [Meant(first, rule) for rule, first in found if first], error.told)
    if repeat is None:
        return None
    first = _first(repeat, now)
    return None if first is None else Meant(first, _bounded(repeat, first, now))


def _first(repeat: Repeat, now: datetime) -> datetime | None:
    """Return the first time of a repetition, None where its bounds name no day."""
    since = now.date()
    if repeat.since:
        start = find_days(repeat.since, now.date())
        if start is None and is_filler(repeat.since) and repeat.clocks:
            start = Days((now.date(), now.date() + timedelta(1)))
        if start is None or start.unclear:
            return None
        since = next((day for day in start.dates if day >= now.date()), start.dates[-1])
    if repeat.unit in _SHORT:
        return _first_short(repeat, now, since)
    at = min(clock.times[0] for clock in repeat.clocks) if repeat.clocks else time(9)
    hours = f";BYHOUR{repeat.rule.partition(';BYHOUR')[2].partition(';')[0]}"
    if repeat.first or len(hours) > len(";BYHOUR"):
        rule = repeat.first or repeat.rule.partition(";BYHOUR")[0]
        return _first_of(rule + (hours if "=" in hours else ""), now, at, since)
    if repeat.since or repeat.unit == "days":
        days = (since + timedelta(n * (1 if not repeat.since else repeat.every)) for n in range(3))
    else:
        step: dict[str, Any] = {repeat.unit: repeat.every}
        days = (day for day in [since + relativedelta(**step)])
    return next((found for day in days if (found := _ahead(_at(day, at, now), now))), None)


def _first_short(repeat: Repeat, now: datetime, since: date) -> datetime | None:
    if repeat.clocks:
        at = repeat.clocks[0].times[0]
        days = (since + timedelta(n) for n in range(2))
        return next((found for day in days if (found := _ahead(_at(day, at, now), now))), None)
    if repeat.since:
        return None
    step = timedelta(**{repeat.unit: repeat.every})
    return (now.astimezone(UTC) + step).astimezone(now.tzinfo)


def _first_of(rule: str, now: datetime, at: time, since: date) -> datetime | None:
    """Return the first time of a rule from a day on, after now."""
    start = _at(since, at, now)
    try:
        return next_time(parse_rule(rule.partition(";COUNT=")[0]), start, now, now.tzinfo or UTC)
    except RuleError as error:
        raise ValueError(rule) from error


def _bounded(repeat: Repeat, first: datetime, now: datetime) -> str:
    """Return the rule with its last day. Raises ValueError for one that ends before it begins."""
    last = None
    if repeat.until:
        days = find_days(repeat.until, now.date())
        last = next((day for day in days.dates if day >= first.date()), None) if days else None
        if days is None or last is None or days.unclear:
            message = "No last day."
            raise ValueError(message)
    elif repeat.length:
        count, unit = repeat.length
        count, unit = (count * 2, "weeks") if unit == "fortnights" else (count, unit)
        step: dict[str, Any] = {unit: count}
        last = first.date() + relativedelta(**step) - timedelta(1)
        if last < first.date():
            message = "No last day."
            raise ValueError(message)
    return repeat.rule if last is None else f"{repeat.rule};UNTIL={last:%Y%m%d}"


def _ahead(at: datetime, now: datetime) -> datetime | None:
    """Return the time if it lies ahead; of one that comes twice, the second may still.

    Times of one zone compare by what the clock shows, which is wrong while an hour comes twice.
    """
    for fold in (at.fold, 1):
        one = at.replace(fold=fold)
        if one.astimezone(UTC) > now.astimezone(UTC):
            return one
    return None


def _at(day: date, at: time, now: datetime) -> datetime:
    return _real(datetime.combine(day, at, now.tzinfo))


def _real(at: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the wall time as one that exists: through UTC and back."""
    return at.astimezone(UTC).astimezone(zone or at.tzinfo)


def _passed(words: str) -> str:
    return f"{words!r} has already passed; name a time that lies ahead."
