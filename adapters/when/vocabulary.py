"""The words of times: numbers, weekdays, months, units, and how a phrase is tidied."""

import re
from typing import Final

WEEKDAYS: Final = {
    **dict.fromkeys(("monday", "mon"), 0),
    **dict.fromkeys(("tuesday", "tues", "tue"), 1),
    **dict.fromkeys(("wednesday", "weds", "wed"), 2),
    **dict.fromkeys(("thursday", "thurs", "thur", "thu"), 3),
    **dict.fromkeys(("friday", "fri"), 4),
    **dict.fromkeys(("saturday", "sat"), 5),
    **dict.fromkeys(("sunday", "sun"), 6),
}
CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS: Final = {
    **dict.fromkeys(("january", "jan"), 1),
    **dict.fromkeys(("february", "feb"), 2),
    **dict.fromkeys(("march", "mar"), 3),
    **dict.fromkeys(("april", "apr"), 4),
    "may": 5,
    **dict.fromkeys(("june", "jun"), 6),
    **dict.fromkeys(("july", "jul"), 7),
    **dict.fromkeys(("august", "aug"), 8),
    **dict.fromkeys(("september", "sept", "sep"), 9),
    **dict.fromkeys(("october", "oct"), 10),
    **dict.fromkeys(("november", "nov"), 11),
    **dict.fromkeys(("december", "dec"), 12),
}
NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90, "couple": 2,
}  # fmt: skip
UNITS: Final = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "seconds"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), "minutes"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), "hours"),
    **dict.fromkeys(("day", "days", "d"), "days"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "weeks"),
    **dict.fromkeys(("fortnight", "fortnights"), "fortnights"),
    **dict.fromkeys(("month", "months"), "months"),
    **dict.fromkeys(("year", "years"), "years"),
}


def any_of(words: "dict[str, int] | dict[str, str]") -> str:
    """Return a pattern for any of the words, the longest first."""
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + ")"


WEEKDAY: Final = any_of(WEEKDAYS)
ORDINALS: Final = {
    **dict.fromkeys(("first", "1st"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
    "last": -1,
}
ORDINAL: Final = any_of(ORDINALS)
MONTH: Final = any_of(MONTHS)
NUMBER: Final = rf"(?:\d{{1,4}}|{any_of(NUMBERS)})"
UNIT: Final = any_of(UNITS)

_TIDY: Final = (
    (re.compile(r"\b([ap])\.? ?m\b\.?"), r"\1m"),
    (re.compile(r"\bo['’]? ?clock\b"), "oclock"),
    (re.compile(r"\b(tmrw|tmr|tomorow|tommorow|tommorrow)\b"), "tomorrow"),
    (re.compile(r"\btonite\b"), "tonight"),
    (re.compile(r"\b12(?::00)? ?(noon|midnight)\b"), r"\1"),
    (re.compile(r"\b(?:at )?midnight tonight\b"), "tonight at midnight"),
    (re.compile(r"\bin (\d+)h(\d\d)m?\b"), r"in \1h \2m"),
    (re.compile(r"\b(a )?couple (of )?"), "two "),
    (re.compile(r"[,\s]+"), " "),
)


_DOTTED_DAY: Final = re.compile(r"(?<!at )(?<!by )(?<!@ )(?<![\d.@])\d{1,2}\.\d{1,2}\.$")
"""A day that ends a phrase: the last dot of `5.3.` says that it is no number."""


def tidy(words: str) -> str:
    """Return the phrase in lower case with one spelling for what people write in several ways."""
    text = words.lower()
    for pattern, to in _TIDY:
        text = pattern.sub(to, text)
    text = text.strip(" !?;:\"'")
    return text if _DOTTED_DAY.search(text) else text.strip(" .!?;:\"'")


def number(word: str) -> int:
    """Return the number that digits or a word stand for."""
    return int(word) if word.isdecimal() else NUMBERS[word]
