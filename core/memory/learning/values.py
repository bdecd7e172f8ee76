"""Whether two sentences about the same say the same, or contradict each other."""

import re
from collections.abc import Sequence

from core.memory.learning.about import statement_of
from core.memory.learning.model import IS, About, Statement
from core.memory.learning.nouns import ANY, DAYS, EXPECTED, MONTHS, head
from core.memory.learning.text import AROUND, ARTICLES, OURS, wordset

_LINKS = ARTICLES | OURS | wordset("on in at by to from of is are was were now due")
_SHORT = {
    **{name[:3]: name for name in (*MONTHS, *DAYS)},
    "sept": "september",
    "tues": "tuesday",
    "thurs": "thursday",
    "wednes": "wednesday",
    "eur": "€",
    "euro": "€",
    "euros": "€",
    "usd": "$",
    "dollar": "$",
    "dollars": "$",
    "gbp": "£",
    "pound": "£",
    "pounds": "£",
    "percent": "%",
    "noon": "12:00",
}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))?(am|pm)")
_AMOUNT = re.compile(r"([€$£]?)(\d[\d,]*(?:\.\d+)?)([km]?)(eur|usd|gbp|[€$£%])?")
_PARTS = re.compile(r"[€$£]?\d[\d,.:]*\w*[€$£%]?|[^\s]+")
_RATE = re.compile(
    r"(?:\bper |\ba |\ban |\beach |\bevery |/ ?)(hour|day|week|month|year|user|seat)"
)
_TIMES = {"k": 1000.0, "m": 1_000_000.0, "": 1.0}
_JOINED = frozenset(("and", "but", "while"))
"""With these the older sentence says a second thing, which would be lost with the first."""
_NAMED = frozenset(("name", "place"))
_LOOSE = frozenset(("choice", "home", "born"))
_COMPARED = frozenset(("date", "number", "email", "url", "name", "place"))


def same_value(old: str, new: str) -> bool:
    """Return whether `new` gives no other value than `old`: "is 5 May" and "is on May 5th".

    A date with less in it is the same ("5 May" after "5 May 2027"), one with more is not, so that
    the fuller one is kept.
    """
    before, after = statement_of(old), statement_of(new)
    if before is None or after is None:
        return _words(old) == _words(new)
    told = set(_words(after.rest)) <= set(_words(old))
    return told and before.negated == after.negated and _same(before, after)


def contradicts(old: str, new: str, about: About) -> bool:
    """Return whether `new` replaces `old`, both being about the subject and relation of `about`.

    The later one must have a single value of the same sort as the earlier. "No longer X" replaces
    "is X" and nothing else. When unsure: False, both stay.
    """
    before, after = statement_of(old), statement_of(new)
    key = (about.subject, about.relation)
    if before is None or after is None or {_key(before), _key(after)} != {key}:
        return False
    if not after.about.functional or not _JOINED.isdisjoint(before.rest.split()):
        return False
    if before.negated or after.negated:
        return before.negated != after.negated and _same(before, after)
    if _same(before, after) or _rate(before) != _rate(after):
        return False
    return _alike(before, after)


def _key(found: Statement) -> tuple[str, str]:
    return found.about.subject, found.about.relation


def _alike(before: Statement, after: Statement) -> bool:
    """Return whether the values are of one sort, so that one can stand for the other."""
    about = before.about
    noun = head((about.subject if about.relation == IS else about.relation).split())
    same = before.type == after.type or {before.type, after.type} == _NAMED
    if about.functional:
        return same or before.type in _LOOSE or EXPECTED.get(noun) == ANY
    return after.changes and same and after.type in _COMPARED


def _same(before: Statement, after: Statement) -> bool:
    old, new = _words(before.value), _words(after.value)
    if before.type == after.type == "date":
        return set(new) <= set(old)
    if _phone(before) and _phone(after):
        return _digits(before.value) == _digits(after.value)
    return old == new


def _phone(found: Statement) -> bool:
    return any(
        w in found.about.relation for w in ("phone", "mobile", "number", "fax", "cell", "iban")
    )


def _digits(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _rate(found: Statement) -> str:
    rate = _RATE.search(found.value.casefold())
    return rate[1] if rate else ""


def _words(text: str) -> list[str]:
    """Return the words of a value written one way, money with its currency last."""
    parts = [part.strip(AROUND) for part in _PARTS.findall(text.casefold())]
    found = [word for part in _clock(parts) if part not in _LINKS for word in _one_way(part)]
    return [word for word in found if word]


def _clock(parts: Sequence[str]) -> list[str]:
    """Put "9 am" together."""
    found: list[str] = []
    for part in parts:
        if part in {"am", "pm"} and found and found[-1].replace(":", "").isdecimal():
            found[-1] += part
        else:
            found.append(part)
    return found


def _one_way(word: str) -> list[str]:
    if match := _CLOCK.fullmatch(word):
        hour = int(match[1]) % 12 + (12 if match[3] == "pm" else 0)
        return [f"{hour:02}:{match[2] or '00'}"]
    if match := _ORDINAL.fullmatch(word):
        return [match[1]]
    match = _AMOUNT.fullmatch(word) if len(word) < 20 else None  # noqa: PLR2004 - longer is a code
    if match:
        amount = float(match[2].replace(",", "")) * _TIMES[match[3]]
        currency = match[1] or match[4] or ""
        return [f"{amount:.10g}", _SHORT.get(currency, currency)]
    return [_SHORT.get(word, word)]
