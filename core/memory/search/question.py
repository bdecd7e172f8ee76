"""What a question asks for: its words, whom it names, what time it means, what kind it is."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core.memory.search.words import stem, stems, tokens

MOST = 4000
"""Telling words of one question: each is looked up, and more make none clearer."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_DAY = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({'|'.join(MONTHS)})"
    rf"|({'|'.join(MONTHS)}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\d))\b",
    re.IGNORECASE,
)
_MONTH = re.compile(
    rf"\b(?:in|during|of|since|by|around|on|last|this|late|early) ({'|'.join(MONTHS)})\b",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\b(?:when|what (?:date|day|month|year|time)|which (?:month|year|day)|how long|how old)\b",
    re.IGNORECASE,
)
_MANY = re.compile(r"\bhow (?:many|often|much)\b|\bnumber of\b", re.IGNORECASE)
_LIST = re.compile(
    r"\b(?:all|list|every|both)\b|^(?:what|which)\b.*\b(?:kinds?|types?|\w{3,}(?<!s)s)\b",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"\b(?:last|latest|most recent(?:ly)?|newest|currently?|now|these days)\b", re.IGNORECASE
)
_FIRST = re.compile(r"\b(?:first|earliest|originally|initially|oldest)\b", re.IGNORECASE)
_LAST_SPAN = re.compile(
    r"\blast (?:week|weekend|month|year|night|spring|summer|fall|autumn|winter|name|january"
    r"|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_WOULD = re.compile(r"\b(?:would|might|could|likely|considered|probably)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart; `text` is what its vector is made of."""

    text: str
    words: tuple[str, ...]
    names: frozenset[str]
    when: bool = False
    many: bool = False
    lists: bool = False
    last: bool = False
    first: bool = False
    would: bool = False
    day: tuple[int, int] | None = None
    month: int | None = None
    year: int | None = None

    def meant(self, at: datetime | None) -> bool:
        """Whether something said at that time fits the date that the question names."""
        if at is None or (self.day, self.month, self.year) == (None, None, None):
            return False
        return (
            (self.year is None or at.year == self.year)
            and (self.month is None or at.month == self.month)
            and (self.day is None or (at.month, at.day) == self.day)
        )


def understand(text: str, speakers: Collection[str]) -> Question:
    """Take a question apart; `speakers` are the names of those who said something.

    Who is named is asked for as a speaker, not as a word: everybody names the other, and nobody
    himself.
    """
    said = set(tokens(text))
    names = frozenset(name for name in speakers if said & set(tokens(name)))
    words = dict.fromkeys(stems(text)[:MOST])
    for name in names:
        for word in tokens(name):
            words.pop(stem(word), None)
    day, month, year = _date(text)
    return Question(
        text=_without(text, names),
        words=tuple(words) or tuple(dict.fromkeys(stems(text)[:MOST])),
        names=names,
        when=bool(_WHEN.search(text)),
        many=bool(_MANY.search(text)),
        lists=bool(_LIST.search(text)),
        last=bool(_LAST.search(_LAST_SPAN.sub("", text))),
        first=bool(_FIRST.search(text)),
        would=bool(_WOULD.search(text)),
        day=day,
        month=month,
        year=year,
    )


def _without(text: str, names: Collection[str]) -> str:
    for name in names:
        for word in tokens(name):
            text = re.sub(rf"\b{re.escape(word)}(?:['’]s)?\b", "", text, flags=re.IGNORECASE)
    return " ".join(text.split()) or "?"


def _date(text: str) -> tuple[tuple[int, int] | None, int | None, int | None]:
    year = _YEAR.search(text)
    day = _DAY.search(text)
    if day:
        month = _number(day[2] or day[3])
        return (month, int(day[1] or day[4])), month, int(year[0]) if year else None
    found = _MONTH.search(text)
    return None, _number(found[1]) if found else None, int(year[0]) if year else None


def _number(month: str) -> int:
    return MONTHS.index(month.lower()) + 1
