"""Times in the owner's words: the port `When` over a small English grammar and dateparser.

The grammar comes first because it is exact and quick (dateparser takes a quarter of a second to
wake up, and reads `10` as a month); dateparser gets what the grammar does not know.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from adapters.when.clock_times import ClockTime, bare, take_clock
from adapters.when.cuts import Cut, cut
from adapters.when.days import Days, find_days, is_filler
from adapters.when.deltas import find_delta
from adapters.when.repeats import WEEK, Repeat, take_repeat
from adapters.when.vocabulary import tidy
from core.domain.errors import BadInputError

LONGEST: Final = 120
"""Characters; nobody needs more to say a time."""

_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:?\d\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/\d{2,4})?\b.*")
_MONTHS: Final = 12
_DAY_HOUR = re.compile(r"(.*[a-z]) (\d{1,2})")


class WordsWhen:
    """Understands English times; stateless, and never raises anything but BadInputError."""

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the aware time meant, in `zone`.

        Words look ahead: a weekday, a day of the month or a time of the day that has passed means
        the next one. A day without a time is 09:00. A time that the clocks skip in spring is moved
        on by the hour they skip. Full dates (ISO, or with a year) are taken as they are, past ones
        too. `every monday at 9` gives the first time. Raises BadInputError for anything else.
        """
        if len(words) > LONGEST:
            message = f"A time takes at most {LONGEST} characters, and this has {len(words)}."
            raise BadInputError(message)
        try:
            local = now.astimezone(zone)
            found = _iso(words, zone) or _spoken(tidy(words), local) or _foreign(words, local)
        except (ValueError, OverflowError):
            found = None
        if found is None:
            message = (
                f"No time is named by {words!r}; write it like 'friday 9am', 'in 2 hours' or "
                "'2026-12-01 14:00'."
            )
            raise BadInputError(message)
        return found

    def split(self, text: str) -> Cut:
        """Cut the words of a time out of a sentence; `words` is empty where there are none."""
        return cut(text, understands)

    def repeat(self, words: str) -> str | None:
        """Return the iCalendar rule (RRULE value) that the words name, None for a single time."""
        found = take_repeat(tidy(words))
        return found.rule if found else None


def understands(words: str) -> bool:
    """Return whether the grammar knows these words, whatever the time is now."""
    if _ISO.match(words):
        return True
    try:
        return any(True for _ in _candidates(tidy(words), _SOME_TIME))
    except (ValueError, OverflowError):
        return False


_SOME_TIME: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _iso(words: str, zone: tzinfo) -> datetime | None:
    text = words.strip()
    if not _ISO.match(text):
        return None
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (
        _real(found.replace(tzinfo=zone), zone) if found.tzinfo is None else found.astimezone(zone)
    )


def _spoken(text: str, now: datetime) -> datetime | None:
    """Return what the grammar makes of a tidied phrase.

    Raises BadInputError when all that the words can mean has passed.
    """
    known = False
    for candidate, exact in _candidates(text, now):
        known = True
        if exact or candidate > now:
            return candidate
    if known:
        raise BadInputError(_passed(text))
    return None


def _candidates(text: str, now: datetime) -> Iterator[tuple[datetime, bool]]:
    if repeat := take_repeat(text):
        yield from ((at, False) for at in _repeated(repeat, now))
        return
    if delta := find_delta(text):
        yield (now.astimezone(UTC) + delta).astimezone(now.tzinfo), False
        return
    days, clock = _day_and_clock(text, now.date())
    if days is None and clock is not None and is_filler(clock.rest):
        days = Days((now.date(), now.date() + timedelta(0 if clock.today else 1)))
    if days is None:
        return
    times = clock.times if clock else days.times
    if clock is None and days.keep_time:
        times = (now.time(),)
    for day in days.dates:
        for at in times if len(days.dates) == 1 or clock is None else times[:1]:
            yield _at(day, at, now), days.exact


def _day_and_clock(text: str, today: date) -> tuple[Days | None, ClockTime | None]:
    if days := find_days(text, today):
        return days, None
    clock = take_clock(text)
    if clock is None and (match := _DAY_HOUR.fullmatch(text)):
        clock = replace(bare(int(match[2])), rest=match[1])
    return (find_days(clock.rest, today) if clock else None), clock


def _repeated(repeat: Repeat, now: datetime) -> Iterator[datetime]:
    """Yield the times that can be the first of a repetition."""
    if repeat.unit in {"minutes", "hours"}:
        if is_filler(repeat.rest):
            step = timedelta(**{repeat.unit: repeat.every})
            yield (now.astimezone(UTC) + step).astimezone(now.tzinfo)
        return
    days, clock = _day_and_clock(repeat.rest, now.date())
    if days is None and not is_filler(clock.rest if clock else repeat.rest):
        return
    at = clock.times[0] if clock else time(9)
    for day in _first_days(repeat, days, now.date()):
        if day.weekday() in repeat.weekdays:
            yield _at(day, at, now)


def _first_days(repeat: Repeat, days: Days | None, today: date) -> Iterable[date]:
    if days is not None:
        return days.dates
    if repeat.unit == "days" or len(repeat.weekdays) < len(WEEK):
        return (today + timedelta(n) for n in range(8))
    step: dict[str, Any] = {repeat.unit: repeat.every}
    return (today + relativedelta(**step),)


def _foreign(words: str, now: datetime) -> datetime | None:
    """Ask dateparser."""
    if not re.search(r"[a-zA-Z]", words) and not re.search(r"\d\D\d", words):
        return None
    if (match := _SLASHED.fullmatch(words.strip())) and max(
        int(match[1]), int(match[2])
    ) <= _MONTHS:
        message = f"{words!r} can mean two days; write it like '2026-12-03' or '3 december'."
        raise BadInputError(message)
    import dateparser

    try:
        found = dateparser.parse(
            words,
            languages=["en"],
            settings={
                "PREFER_DATES_FROM": "future",
                "RELATIVE_BASE": now.replace(tzinfo=None),
                "RETURN_AS_TIMEZONE_AWARE": False,
            },
        )
    except Exception:  # noqa: BLE001 - it fails in many ways on text that is no date
        return None
    if found is None:
        return None
    if found.time() == time(0) and not re.search(r"\d[:h]|\d ?[ap]\.?m|midnight", words.lower()):
        found = found.replace(hour=9)
    at = _real(found.replace(tzinfo=now.tzinfo), now.tzinfo)
    if at <= now and not _YEAR.search(words):
        raise BadInputError(_passed(words))
    return at


def _at(day: date, at: time, now: datetime) -> datetime:
    return _real(datetime.combine(day, at, now.tzinfo), now.tzinfo)


def _real(at: datetime, zone: tzinfo | None) -> datetime:
    """Return the wall time as one that exists: through UTC and back."""
    return at.astimezone(UTC).astimezone(zone)


def _passed(words: str) -> str:
    return f"{words!r} has already passed; name a time that lies ahead."
