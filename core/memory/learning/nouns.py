"""Nouns with one value at a time, nouns with many, and what kind of value stands in a sentence."""

import re
from collections.abc import Sequence

from core.memory.learning.text import bare, wordset

ANY = "any"
_BY_TYPE = {
    "date": "deadline date birthday anniversary launch release kickoff kick-off renewal expiry "
    "go-live cutoff",
    "number": "price cost rate fee budget salary rent discount age height weight capacity phone "
    "mobile cell telephone fax number id iban pin code deposit postcode zip surcharge headcount",
    "email": "email e-mail mail",
    "address": "address headquarters hq hometown residence",
    "name": "name owner lead leader manager ceo cto cfo boss director head chair president "
    "maintainer surname nickname captain wife husband spouse landlord",
    ANY: "colour color font password passphrase username handle login currency timezone zone "
    "slogan tagline domain status version passcode",
    "url": "website url homepage",
}
EXPECTED = {noun: kind for kind, nouns in _BY_TYPE.items() for noun in nouns.split()}
"""The type of the one value of these nouns."""
PLACES = wordset("office company shop store studio warehouse workshop practice clinic")
"""What is at one place at a time."""
FAMILY = wordset(
    "friend son daughter kid child brother sister sibling colleague wife husband spouse mother "
    "father mom mum dad parent cousin aunt uncle niece nephew grandmother grandfather grandma "
    "grandpa baby twin neighbour neighbor roommate girlfriend boyfriend fiance"
)
ROLES = wordset(
    "lawyer accountant bookkeeper client customer supplier vendor partner employee contractor "
    "freelancer investor assistant designer developer engineer plumber electrician doctor "
    "dentist mentor advisor adviser agent consultant notary contact photographer lead manager "
    "boss ceo cto cfo landlord tenant teacher editor author founder cofounder co-founder "
    "director architect auditor nurse barber chef coach translator programmer writer owner"
)
OPEN = FAMILY - {"wife", "husband", "spouse"} | wordset(
    "client customer supplier vendor partner employee contractor freelancer investor hobby pet "
    "dog cat book goal allergy skill idea meeting appointment call task project problem issue "
    "product competitor option language interest film movie song food dish habit tool feature "
    "event trip team"
)
"""What one may have several of."""
_CUT = wordset("with on in at from to about between by under over during near")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALENDAR = frozenset(
    (*MONTHS, *DAYS, *(month[:3] for month in MONTHS), *(day[:3] for day in DAYS), "sept", "tues")
)
_TIMES = wordset(
    "today tomorrow tonight noon midnight week weeks month months day days year years quarter "
    "christmas easter o'clock am pm"
)
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d*|q[1-4]|\d\d?(:\d\d)?(am|pm)|\d\d?:\d\d"
)
_NUMBERS = wordset(
    "zero one two three four five six seven eight nine ten eleven twelve twenty thirty forty "
    "fifty sixty hundred thousand million"
)
_LINKING = wordset("of de von van der & and la le")
_UNITS = frozenset(("per", "a", "an", "each", "every"))
_NO_VALUE = frozenset(("in", "at", "on", "under", "not", "too", "very", "so", "hard", "easy"))
_PLACED = frozenset(("in", "at", "on"))


def head(words: Sequence[str]) -> str:
    """Return the noun a phrase is about: "meeting" of "first meeting with Bob"."""
    last = ""
    for word in words:
        if word in _CUT:
            break
        last = word
    return last


def is_name(words: Sequence[str]) -> bool:
    """Return whether words are written as a name."""
    said = [word for word in words if bare(word)]
    if not 0 < len(said) <= 4 or not said[0].strip("\"'(")[:1].isupper():  # noqa: PLR2004 - longer is a clause
        return False
    return all(w.strip("\"'(")[:1].isupper() or bare(w) in _LINKING for w in said)


def type_of(words: Sequence[str]) -> str:
    """Return email, url, date, number, place, name or other."""
    low = [bare(word) for word in words]
    if any("@" in word[1:] and "." in word for word in low):
        return "email"
    if any(is_link(word) for word in words):
        return "url"
    if _is_date(words, low):
        return "date"
    if any(any(c.isdigit() for c in word) or word in _NUMBERS for word in low):
        return "number"
    if len(low) > 1 and low[0] in _PLACED and words[1][:1].isupper():
        return "place"
    return "name" if is_name(words) else "other"


def is_link(word: str) -> bool:
    """Return whether a word is an address on the web or a path."""
    inner = word.strip("\"'()[]<>,;:.!?*_`")
    if "://" in inner or inner.startswith(("www.", "~/", "\\\\")):
        return True
    return inner[1:3] == ":\\" or (inner.startswith("/") and inner.count("/") > 1)


def _is_date(words: Sequence[str], low: Sequence[str]) -> bool:
    if any(_DATE.fullmatch(word) for word in low):
        return True
    for place, word in enumerate(low):
        if word in _CALENDAR and words[place].strip("\"'(")[:1].isupper():
            return True
        rate = low[place - 1] in _UNITS if place else False
        if word in _TIMES and not rate:
            return True
        if word in DAYS or (word in MONTHS and word not in {"may", "march"}):
            return True
    return False


def fits(noun: str, words: Sequence[str]) -> bool:
    """Return whether the noun has one value, and the words can be it."""
    expected = EXPECTED.get(noun)
    if expected is None:
        return noun in PLACES and type_of(words) == "place"
    if expected == ANY:
        return bare(words[0]) not in _NO_VALUE and len(words) <= 4  # noqa: PLR2004 - a value, not a clause
    if expected == "address":
        return type_of(words) in {"number", "name", "place", "email"}
    return type_of(words) == expected
