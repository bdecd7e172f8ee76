"""What comes again: `every monday at 9`, `daily until friday`, `the last day of every month`.

A phrase is taken apart into times of day, bounds and a body; of the body every word must fit.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from adapters.when.clock_times import ClockTime, bare, take_clock
from adapters.when.vocabulary import (
    CODES,
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
from core.domain.errors import UnclearTimeError

_FREQ: Final = {
    "minutes": "MINUTELY",
    "hours": "HOURLY",
    "days": "DAILY",
    "weeks": "WEEKLY",
    "months": "MONTHLY",
    "years": "YEARLY",
}
_WORK: Final = r"(?:weekday|workday|working day|business day)"
_DAYLIST: Final = rf"(?:{WEEKDAY}s?|{_WORK}s?|weekends?)(?:(?: and|,)? (?:{WEEKDAY}s?))*"
_PLURAL: Final = (
    rf"(?:{'|'.join(f'{day}s' for day in WEEKDAYS if day.endswith('day'))}|{_WORK}s|weekends)"
)
_HALF_HOUR: Final = r"half (?:an )?hour"
_SAME: Final = (
    (re.compile(r"\beach\b"), "every"),
    (re.compile(rf"\bevery {_HALF_HOUR}"), "every 30 minutes"),
    (re.compile(r"\b(?:every quarter|quarterly)\b(?! of)"), "every 3 months"),
    (re.compile(r"\bevery quarter of an hour"), "every 15 minutes"),
    (re.compile(r"\bonce (?:a|an|every|per) (day|week|month|year)\b"), r"every \1"),
    (re.compile(r"\beveryday\b|\bevery single day\b|\bdaily\b"), "every day"),
    (re.compile(r"\bevery single\b"), "every"),
    (re.compile(r"\bhourly\b"), "every hour"),
    (re.compile(r"\bnightly\b"), "every night"),
    (re.compile(r"\bfortnightly\b"), "every 2 weeks"),
    (re.compile(r"\bweekly\b"), "every week"),
    (re.compile(r"\bmonthly\b"), "every month"),
    (re.compile(r"\b(?:yearly|annually)\b"), "every year"),
)
_UNCLEAR: Final = re.compile(
    r"\b(?:bi-?(?:weekly|monthly|annual(?:ly)?)|twice (?:a|per|every) \w+"
    r"|\w+ times (?:a|per) \w+)\b"
)
_COMES_AGAIN: Final = re.compile(rf"\bevery\b|(?:^|\bon |, ?| and ){_PLURAL}\b")
_BOUND: Final = re.compile(
    r"\b(until|till|ending|through|starting|beginning|from)\b(?: on\b)? ?(.*?)"
    r"(?= ?\b(?:until|till|ending|through|starting|beginning|from|for|\w+ times)\b|$)"
)
_FOR: Final = re.compile(rf"\bfor ({NUMBER}) (days?|weeks?|fortnights?|months?|years?)\b")
_TIMES: Final = re.compile(rf"\b(?:for )?({NUMBER}) times\b")
_GLUE: Final = re.compile(r"\b(?:on|the|of|in|at)\b|,")
_UNIT: Final = r"minutes?|mins?|hours?|hrs?|days?|weeks?|fortnights?|months?|years?"
_TH: Final = r"\d{1,2}(?:st|nd|rd|th)"
_NTH_DAY: Final = rf"(?P<nth>{ORDINAL}) (?P<day>{WEEKDAY}|{_WORK}|day)"
_DATE: Final = (
    rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{MONTH})"
    rf"|(?P<m2>{MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)"
)
_COUNTED: Final = (
    rf"(?:(?P<other>other|second|2nd) |(?P<third>third|fourth|fifth|{_TH}) |(?P<count>{NUMBER}) )?"
)
_CLOCK: Final = r"(?:\d{1,2}(?::\d\d)? ?(?:am|pm)|\d{1,2}:\d\d|(?:at|by) \d{1,2}|noon|midnight)"
_EACH_ITS_OWN: Final = re.compile(rf"{_CLOCK}.*\b(?:every|{WEEKDAY}s?|weekends?)\b.*{_CLOCK}")
_ONE_EACH: Final = "These times of day do not fit into one repetition: set one for each."
_MOST_SURE_DAY: Final = 28
"""Days that every month has."""


class TwoRulesError(ValueError):
    """Words that name two rules; whoever knows the time of day makes readings of them."""

    def __init__(self, rules: tuple[str, ...], told: str) -> None:
        """Keep the rules; `told` says them in words."""
        super().__init__(told)
        self.rules, self.told = rules, told


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repetition: its rule, the times of day that were named, and its bounds in words.

    `first` is the rule that finds the first time where the rule itself says less. `every` and
    `unit` step to the first time where no day is named.
    """

    rule: str
    first: str = ""
    clocks: tuple[ClockTime, ...] = ()
    since: str = ""
    until: str = ""
    length: tuple[int, str] | None = None
    unit: str = "days"
    every: int = 1


def comes_again(text: str) -> bool:
    """Return whether a tidied phrase names a repetition, understood or not."""
    return bool(_UNCLEAR.search(text) or _COMES_AGAIN.search(_one_spelling(text)))


def take_repeat(text: str) -> Repeat | None:
    """Return the repetition that a tidied phrase is, None where some word of it is not understood.

    Raises UnclearTimeError for one that people read in two ways, ValueError for what is no time.
    """
    if found := _UNCLEAR.search(text):
        message = (
            f"{found[0]!r} does not say when: name the days or times, such as 'every 2 weeks'."
        )
        raise UnclearTimeError(message)
    body, count = _one_spelling(text), ""
    if match := _TIMES.search(body):
        body, count = _without(body, match), f";COUNT={number(match[1])}"
    length = None
    if match := _FOR.search(body):
        body, length = _without(body, match), (number(match[1]), UNITS[match[2]])
    clocks, body = _clocks(body)
    since = until = ""
    while (match := _BOUND.search(body)) is not None:
        start = match[1] in {"starting", "beginning", "from"}
        bound = match[2].strip() or ("at" if start and clocks else "")
        if (since if start else until) or not bound:
            return None
        since, until = (bound, until) if start else (since, bound)
        body = _without(body, match)
    if bool(count) + bool(until) + bool(length) > 1:
        return None
    repeat = _body(" ".join(_GLUE.sub(" ", body).split()))
    if repeat is None:
        return None
    return replace(
        repeat,
        rule=f"{_at_hours(repeat, clocks)}{count}",
        clocks=clocks,
        since=since,
        until=until,
        length=length,
    )


def _one_spelling(text: str) -> str:
    for pattern, to in _SAME:
        text = pattern.sub(to, text)
    return text


def _clocks(body: str) -> tuple[tuple[ClockTime, ...], str]:
    """Return the times of day of a phrase and what is left of it.

    Raises UnclearTimeError where each of several days has its own.
    """
    found, whole = list[ClockTime](), body
    while clock := take_clock(body):
        found.append(clock)
        body = re.sub(r"\band *(?=$|until|till|starting|from)", " ", clock.rest).strip(" ,")
        body = re.sub(r"\bevery\s*$", "every day", body)
        body = re.sub(r"^and\b|\band\s*,", " ", body).strip(" ,")
    if len(found) > 1 and _EACH_ITS_OWN.search(whole):
        raise UnclearTimeError(_ONE_EACH)
    if not found and (match := re.fullmatch(rf"(.*(?:{WEEKDAY}s?|day)) (\d{{1,2}})", body)):
        found, body = [bare(int(match[2]))], match[1]
    return tuple(found), body


def _at_hours(found: Repeat, clocks: tuple[ClockTime, ...]) -> str:
    if len(clocks) < 2:  # noqa: PLR2004 - two times of a day
        return found.rule
    times = sorted({clock.times[0] for clock in clocks})
    if len({at.minute for at in times}) > 1 or found.unit in {"hours", "minutes"}:
        raise UnclearTimeError(_ONE_EACH)
    return f"{found.rule};BYHOUR={','.join(str(at.hour) for at in times)}"


def _body(body: str) -> Repeat | None:
    for pattern, read in _BODIES:
        if match := pattern.fullmatch(body):
            return read(match)
    return None


def _weekdays(words: str) -> frozenset[int]:
    if match := re.fullmatch(rf"({WEEKDAY})s?(?: to | through | ?- ?)({WEEKDAY})s?", words):
        first, last = WEEKDAYS[match[1]], WEEKDAYS[match[2]]
        return frozenset(day % 7 for day in range(first, last + (8 if last < first else 1)))
    if re.fullmatch(rf"{_WORK}s?", words):
        return frozenset(range(5))
    if re.fullmatch(r"weekends?", words):
        return frozenset({5, 6})
    days = re.findall(rf"\b({WEEKDAY})s?\b", words)
    left = re.sub(rf"\b(?:{WEEKDAY}s?|and)\b|,", " ", words)
    return frozenset(WEEKDAYS[day] for day in days) if not left.strip() else frozenset()


def _codes(days: frozenset[int]) -> str:
    return ",".join(CODES[day] for day in sorted(days))


def _on_days(match: re.Match[str]) -> Repeat | None:
    """`every monday and friday`, `every 2 weeks tuesday`, `every day except sunday`."""
    groups = match.groupdict()
    days = frozenset(range(7)) if groups.get("all") else _weekdays(match["days"] or "")
    if groups.get("out"):
        days -= _weekdays(groups["out"])
    if not days:
        return None
    every = 2 if groups.get("other") else number(groups["count"]) if groups.get("count") else 1
    if groups.get("fortnight"):
        every = 2
    if every < 1:
        return None
    interval = f";INTERVAL={every}" if every > 1 else ""
    codes = _codes(days)
    first = f"FREQ=WEEKLY;BYDAY={codes}"
    return Repeat(f"FREQ=WEEKLY{interval};BYDAY={codes}", first, unit="weeks")


def _in_two_ways(match: re.Match[str]) -> Repeat | None:
    code = CODES[WEEKDAYS[match["day"]]]
    raise TwoRulesError(
        (f"FREQ=WEEKLY;INTERVAL=2;BYDAY={code}", f"FREQ=MONTHLY;BYDAY=2{code}"),
        f"every other {match['day']}, or the second {match['day']} of the month",
    )


def _nth_day(match: re.Match[str]) -> Repeat | None:
    groups = match.groupdict()
    nth, day = ORDINALS[match["nth"]], match["day"]
    if day == "day" and nth != -1:
        return None if nth != 1 else _nth_date_rule([1], 1)
    every = number(groups["count"]) if groups.get("count") else 1
    if every < 1:
        return None
    interval = f";INTERVAL={every}" if every > 1 else ""
    if day == "day":
        days = "BYMONTHDAY=-1"
    elif day in WEEKDAYS:
        days = f"BYDAY={nth}{CODES[WEEKDAYS[day]]}"
    else:
        days = f"BYDAY={_codes(frozenset(range(5)))};BYSETPOS={nth}"
    if groups.get("month"):
        rule = f"FREQ=YEARLY;BYMONTH={MONTHS[groups['month']]};{days}"
        return Repeat(rule, rule, unit="years")
    return Repeat(f"FREQ=MONTHLY{interval};{days}", f"FREQ=MONTHLY;{days}", unit="months")


def _nth_date(match: re.Match[str]) -> Repeat | None:
    groups = match.groupdict()
    found = [
        _date_number(word) for word in re.findall(rf"{_TH}|{ORDINAL}|\d{{1,2}}", match["dates"])
    ]
    every = 2 if groups.get("other") else number(groups["count"]) if groups.get("count") else 1
    return _nth_date_rule(sorted(set(found)), every)


def _date_number(word: str) -> int:
    return ORDINALS[word] if word in ORDINALS else int(re.sub(r"\D", "", word))


def _nth_date_rule(days: list[int], every: int) -> Repeat | None:
    if not days or not all(1 <= day <= 31 for day in days) or every < 1:  # noqa: PLR2004
        return None
    interval = f";INTERVAL={every}" if every > 1 else ""
    listed = ",".join(map(str, days))
    if days[-1] > _MOST_SURE_DAY:
        raise TwoRulesError(
            (
                f"FREQ=MONTHLY{interval};BYMONTHDAY=-1",
                f"FREQ=MONTHLY{interval};BYMONTHDAY={listed}",
            ),
            f"the last day of each month, or the {listed} where a month has it",
        )
    first = f"FREQ=MONTHLY;BYMONTHDAY={listed}"
    rule = f"FREQ=MONTHLY{interval}"
    return Repeat(rule if len(days) == 1 else f"{rule};BYMONTHDAY={listed}", first, unit="months")


def _yearly(match: re.Match[str]) -> Repeat | None:
    day, month = int(match["d1"] or match["d2"]), MONTHS[match["m1"] or match["m2"]]
    if (day, month) == (29, 2):
        raise TwoRulesError(
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
            "the last day of each February, or 29 February alone",
        )
    return Repeat("FREQ=YEARLY", f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}", unit="years")


def _each(match: re.Match[str]) -> Repeat | None:
    unit, groups = UNITS[match["unit"]], match.groupdict()
    every = 1
    if groups["other"]:
        every = 2
    elif groups["third"]:
        every = _date_number(groups["third"])
    elif groups["count"]:
        every = number(groups["count"])
    if unit == "fortnights":
        unit, every = "weeks", every * 2
    if every < 1:
        return None
    interval = f";INTERVAL={every}" if every > 1 else ""
    return Repeat(f"FREQ={_FREQ[unit]}{interval}", unit=unit, every=every)


def _without(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())


def _patterns() -> Iterator[tuple[str, Callable[[re.Match[str]], Repeat | None]]]:
    days = rf"(?P<days>{_DAYLIST}|{WEEKDAY}s?(?: to | through | ?- ?){WEEKDAY}s?)"
    out = rf"(?: (?:except|but not|but) (?P<out>{_DAYLIST}))?"
    yield rf"every (?:second|2nd) (?P<day>{WEEKDAY})", _in_two_ways
    yield rf"(?:every )?{days}{out}", _on_days
    yield rf"every (?P<other>other) {days}", _on_days
    yield rf"every (?P<all>day) (?:except|but not|but) (?P<out>{_DAYLIST})", _on_days
    yield rf"every (?:(?P<other>other|second) |(?P<count>{NUMBER}) )?weeks? {days}", _on_days
    yield rf"{days} every (?:(?P<other>other|second) |(?P<count>{NUMBER}) )?weeks?", _on_days
    yield rf"every (?P<fortnight>fortnight) {days}", _on_days
    yield rf"every {_NTH_DAY} month", _nth_day
    yield rf"{_NTH_DAY} every (?:(?P<count>{NUMBER}) )?months?", _nth_day
    yield rf"every (?:(?P<count>{NUMBER}) )?months? {_NTH_DAY}", _nth_day
    yield (
        rf"every (?P<nth>third|3rd|fourth|4th|last|first|1st) (?P<day>{WEEKDAY}|{_WORK})",
        _nth_day,
    )
    yield rf"(?:every year |every ){_NTH_DAY} (?P<month>{MONTH})", _nth_day
    dates = rf"(?P<dates>{_TH}(?:(?: and)? {_TH})*)"
    yield rf"every {dates}(?: month)?", _nth_date
    yield rf"every (?P<dates>{ORDINAL}) month", _nth_date
    yield rf"{dates} every (?:(?P<count>{NUMBER}) )?months?", _nth_date
    yield rf"every (?:(?P<other>other|second) |(?P<count>{NUMBER}) )?months? {dates}", _nth_date
    yield rf"(?:every year|every) {_DATE}", _yearly
    yield rf"{_DATE} every year", _yearly
    yield rf"every {_COUNTED}(?P<unit>{_UNIT})", _each


_BODIES: Final = tuple((re.compile(pattern), read) for pattern, read in _patterns())
