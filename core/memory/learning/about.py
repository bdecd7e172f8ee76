"""What a sentence is about, so that only a fact about the same may replace an older one."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.memory.learning.choices import choice
from core.memory.learning.model import IS, About, Statement
from core.memory.learning.nouns import EXPECTED, FAMILY, OPEN, ROLES, fits, is_name, type_of
from core.memory.learning.openings import Opened, opened
from core.memory.learning.personal import first_person, third_person
from core.memory.learning.subjects import Subject, subject_of
from core.memory.learning.text import bare, bares, wordset

__all__ = ["About", "Statement", "about_of", "stated", "statement_of"]

_BE = frozenset(("is", "are", "was", "were"))
_MOVES = wordset(
    "moved changed moves changes slipped postponed rescheduled pushed shifted delayed raised "
    "increased dropped lowered reduced"
)
_STAYS = frozenset(("costs", "stays", "remains", "becomes", "became"))
_SETS = frozenset(("change", "changed", "move", "moved", "set", "raised", "lowered"))
_ACTING = frozenset(("i", "we", "have"))
_HAS = frozenset(("has", "have", "had", "got"))
_NOW = frozenset(("now", "actually", "instead"))
_PASSING = wordset(
    "tired here late busy happy sad ready fine ok okay sick hungry back done gone right wrong "
    "nice great good bad not so very too almost coming going being away there in out over "
    "important cool awesome amazing terrible annoying urgent done true false possible"
)
_PARTIAL = wordset(
    "except unless sometimes usually often mostly weekends summer winter during when for if "
    "either or half"
)
_SELDOM_KEPT = 6
"""A longer description of somebody is talk."""
_AUXILIARY = _BE | _STAYS | _HAS | frozenset(("will", "be", "been", "being", "currently", "still"))


@dataclass(frozen=True, slots=True)
class _Predicate:
    """What follows the verb, and how it is said."""

    words: Sequence[str]
    changes: bool = False
    negated: bool = False
    past: bool = False
    future: bool = False


def about_of(sentence: str) -> About | None:
    """Return what a sentence is about; None when it states nothing that may be asked again."""
    found = statement_of(sentence)
    return found.about if found else None


def statement_of(sentence: str) -> Statement | None:
    """Take a sentence apart; None for questions, guesses, and what states nothing about a thing."""
    said = opened(sentence)
    return stated(said) if said else None


def stated(said: Opened) -> Statement | None:
    """Take a sentence apart whose opening was read; None when it states nothing about a thing."""
    if len(said.words) < 3:  # noqa: PLR2004 - whose, what, value
        return None
    return choice(said) or _order(said) or first_person(said) or third_person(said) or _is(said)


def _order(said: Opened) -> Statement | None:
    """`change X to Y`, `we moved X to Y`."""
    start = next((n for n, word in enumerate(said.low[:3]) if word not in _ACTING), 0)
    if said.low[start] not in _SETS or "to" not in said.low[start + 2 :]:
        return None
    to = said.low.index("to", start + 2)
    subject = subject_of(said.words[start + 1 : to])
    if subject is None or not fits(subject.noun, said.words[to + 1 :]):
        return None
    return _described(subject, _Predicate(said.words[to + 1 :], changes=True), said)


def _is(said: Opened) -> Statement | None:
    """`X is Y`, `X is now Y`, `X is no longer Y`, `X moved to Y`, `X costs Y`, `X: Y`."""
    words, low = said.words, said.low
    verb = _verb_at(said)
    if not verb:
        return None
    subject = subject_of([*words[: verb - 1], words[verb - 1].rstrip(":")])
    if subject is None:
        return None
    if low[verb] == "costs":
        key = subject.subject if subject.relation == IS else f"{subject.subject} {subject.relation}"
        subject = Subject(key, "price", "price", subject.words)
    found = _described(subject, _predicate(words, low, verb), said)
    if words[verb - 1].endswith(":") and not (found and found.about.functional):
        return None
    return found


def _verb_at(said: Opened) -> int:
    """Return where the verb stands, or what follows a colon; 0: nowhere."""
    low = said.low
    for place in range(1, min(len(low), 12)):
        word, following = low[place], low[place + 1] if place + 1 < len(low) else ""
        if word in _BE | _STAYS | _MOVES or said.words[place - 1].endswith(":"):
            return place
        if word == "will" and following == "be":
            return place
        if word in _HAS and following in _MOVES | {"been"}:
            return place
    return 0


def _predicate(words: Sequence[str], low: Sequence[str], place: int) -> _Predicate:
    past = low[place] in {"was", "were"}
    future = low[place] == "will"
    changes = negated = False
    while place < len(low):
        word = low[place]
        if word in _MOVES:
            to = low.index("to", place) + 1 if "to" in low[place:] else len(low)
            return _Predicate(words[to:], changes=True, negated=negated)
        if word == "no" and low[place + 1 : place + 2] == ("longer",):
            negated, changes, place = True, True, place + 1
        elif word in {"not", "never"}:
            negated = True
        elif word in _NOW:
            changes = True
        elif word not in _AUXILIARY:
            break
        place += 1
    value = (
        words[place + 1 :] if low[place : place + 1] in {("called",), ("named",)} else words[place:]
    )
    return _Predicate(
        value, changes=changes, negated=negated, past=past and not changes, future=future
    )


def _described(subject: Subject, predicate: _Predicate, said: Opened) -> Statement | None:
    words = predicate.words
    if not words:
        return None
    turned = _role(subject, predicate, said)
    if turned:
        return turned
    kind = type_of(words)
    changes = predicate.changes or said.changes or subject.new
    single = _single(subject, words, kind, changes=changes)
    loose = said.adds or predicate.past or (predicate.future and kind != "date")
    partial = not _PARTIAL.isdisjoint(bares(words))
    if not single and not _worth(subject, words, kind, changes=changes):
        return None
    about = About(subject.subject, subject.relation, single and not loose and not partial)
    return Statement(about, " ".join(words), kind, changes, predicate.negated)


def _single(subject: Subject, words: Sequence[str], kind: str, *, changes: bool) -> bool:
    """Return whether the thing has one value at a time, of the kind that stands there."""
    if subject.noun in OPEN:
        return changes and kind == "date" and subject.relation == IS and len(subject.words) > 1
    return fits(subject.noun, words) or (changes and subject.noun not in EXPECTED)


def _role(subject: Subject, predicate: _Predicate, said: Opened) -> Statement | None:
    """Turn "Bob is our lawyer" round: it is about who the owner's lawyer is."""
    if subject.relation != IS or not is_name(subject.words):
        return None
    role = subject_of(predicate.words)
    if role is None or role.relation == IS or role.noun not in ROLES | FAMILY:
        return None
    changes = predicate.changes or said.changes or role.new
    sole = role.noun in EXPECTED or (changes and role.noun not in OPEN)
    about = About(role.subject, role.relation, sole and not said.adds and not predicate.past)
    return Statement(about, " ".join(subject.words), "name", changes, predicate.negated)


def _worth(subject: Subject, words: Sequence[str], kind: str, *, changes: bool) -> bool:
    """Return whether a description will be asked for again."""
    if bare(words[0]) in _PASSING or len(words) > _SELDOM_KEPT:
        return kind in {"date", "email", "url", "place"}
    if kind != "other":
        return True
    if subject.noun in EXPECTED and subject.relation != IS:
        return changes
    owned = subject.relation != IS and subject.noun in FAMILY | ROLES | OPEN
    known = owned or is_name(subject.words)
    return known or changes or "favourite" in subject.relation or "favorite" in subject.relation
