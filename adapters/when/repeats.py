"""What comes again: `every monday at 9`, `daily`, `every 2 hours` as an iCalendar rule."""

import re
from dataclasses import dataclass
from typing import Final

from adapters.when.vocabulary import CODES, NUMBER, UNITS, WEEKDAY, WEEKDAYS, number

WEEK: Final = frozenset(range(7))
_FREQ: Final = {
    "minutes": "MINUTELY",
    "hours": "HOURLY",
    "days": "DAILY",
    "weeks": "WEEKLY",
    "months": "MONTHLY",
    "years": "YEARLY",
}
_ADVERBS: Final = {
    "hourly": "every hour",
    "daily": "every day",
    "weekly": "every week",
    "fortnightly": "every 2 weeks",
    "monthly": "every month",
    "yearly": "every year",
    "annually": "every year",
}
_PARTS = "morning|afternoon|evening|night"
_UNIT = "minutes?|mins?|hours?|days?|weeks?|fortnights?|months?|years?"
_LIST = rf"{WEEKDAY}s?(?:(?: and | ){WEEKDAY}s?)*"
EVERY: Final = (
    rf"(?:every|each) (?:(?P<days>{_LIST})|(?P<work>weekday|workday|working day|business day)"
    rf"|(?P<ends>weekend)|(?P<part>{_PARTS})"
    r"|(?P<nth>\d{1,2}(?:st|nd|rd|th))(?: of (?:the|each) month)?"
    rf"|(?P<other>other |second )?(?P<count>{NUMBER} )?(?P<unit>{_UNIT}))\b"
)
ADVERB: Final = "|".join(_ADVERBS)
_EVERY = re.compile(EVERY)
_ADVERB = re.compile(rf"\b({ADVERB})\b")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repetition: its rule, the words that remain, and which weekdays it may fall on."""

    rule: str
    rest: str
    weekdays: frozenset[int] = WEEK
    unit: str = "days"
    every: int = 1


def take_repeat(phrase: str) -> Repeat | None:
    """Return the repetition in a tidied phrase, None when it names none."""
    text = _ADVERB.sub(lambda match: _ADVERBS[match[1]], phrase)
    match = _EVERY.search(text)
    if match is None:
        return None
    rest = " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())
    if match["days"]:
        return _on(frozenset(WEEKDAYS[day] for day in re.findall(WEEKDAY, match["days"])), rest)
    if match["work"] or match["ends"]:
        return _on(frozenset({5, 6} if match["ends"] else range(5)), rest)
    if match["part"]:
        return Repeat("FREQ=DAILY", f"{match['part']} {rest}".strip())
    if match["nth"]:
        return Repeat("FREQ=MONTHLY", f"{match['nth']} {rest}".strip(), unit="months")
    return _each(match, rest)


def _on(days: frozenset[int], rest: str) -> Repeat:
    codes = ",".join(CODES[day] for day in sorted(days))
    return Repeat(f"FREQ=WEEKLY;BYDAY={codes}", rest, weekdays=days, unit="weeks")


def _each(match: re.Match[str], rest: str) -> Repeat | None:
    unit = UNITS[match["unit"]]
    every = number(match["count"].strip()) if match["count"] else 1
    every *= 2 if match["other"] else 1
    if unit == "fortnights":
        unit, every = "weeks", every * 2
    if every < 1:
        return None
    interval = f";INTERVAL={every}" if every > 1 else ""
    return Repeat(f"FREQ={_FREQ[unit]}{interval}", rest, unit=unit, every=every)
