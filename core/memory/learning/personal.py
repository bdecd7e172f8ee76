"""Statements with a verb of their own: where somebody lives and works, what somebody likes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.memory.learning.model import LIVE_IN, OWNER, About, Statement
from core.memory.learning.nouns import FAMILY, ROLES, is_name, type_of
from core.memory.learning.openings import Opened
from core.memory.learning.subjects import subject_of
from core.memory.learning.text import bare, plain, wordset

_SKIPPED = wordset(
    "currently always usually still really both generally just have has been all also"
)
_VERBS = {
    "live": ("in", "at", "on"), "living": ("in", "at", "on"), "lives": ("in", "at", "on"),
    "moved": ("to",), "based": ("in", "at"), "born": ("in", "on"),
    "work": ("at", "for", "with", "as", "in"), "works": ("at", "for", "with", "as", "in"),
}  # fmt: skip
_TASTES = {
    "like": "like", "likes": "like", "love": "love", "loves": "love", "hate": "hate",
    "hates": "hate", "enjoy": "enjoy", "enjoys": "enjoy", "dislike": "dislike",
    "dislikes": "dislike", "prefer": "prefer", "prefers": "prefer", "speak": "speak",
    "speaks": "speak",
}  # fmt: skip
_TRAITS = wordset("a an allergic vegetarian vegan married from responsible")
_HELD = FAMILY | wordset("dog cat pet hobby allergy car employee client customer")
_PARTIAL = wordset(
    "during when weekends weekdays summer winter sometimes mostly usually half partly until "
    "between either or"
)
_WANTS = frozenset(("always", "never"))
_REFUSED = frozenset(("want", "work", "take", "accept", "offer"))


def first_person(said: Opened) -> Statement | None:
    """Return what the owner says of themselves: "I live in Bonn", "we like tea"."""
    if said.low[0] not in {"i", "we"}:
        return None
    found = _said_of(said, OWNER, 1)
    together = said.low[0] == "we" and found is not None and "moved" in said.low
    if found is not None and together and found.about.relation == LIVE_IN:
        return replace(found, about=replace(found.about, functional=False))
    return found


def third_person(said: Opened) -> Statement | None:
    """Return what is said of a named person or somebody of the owner's: "Bob lives in Rome"."""
    for place in range(1, min(len(said.low) - 1, 6)):
        word = said.low[place]
        if word in _VERBS or word in _TASTES or word == "has":
            start = next((n for n in range(1, place) if said.low[n] in _ASIDE), place)
            subject = subject_of(said.words[:start])
            if subject is None or not (is_name(subject.words) or subject.noun in FAMILY | ROLES):
                return None
            owned = subject.subject == OWNER or subject.relation != "is"
            return _said_of(
                said, f"{subject.subject}'s {subject.relation}" if owned else subject.subject, start
            )
    return None


_ASIDE = wordset("now no currently was is has does not still also always never used")


def _said_of(said: Opened, subject: str, place: int) -> Statement | None:
    low, words = said.low, said.words
    changes, negated, past = said.changes, False, False
    while place < len(low) - 1:
        pair = low[place : place + 2]
        if pair == ("no", "longer") or pair[0] in {"do", "does", "did"}:
            negated, changes, place = True, changes or pair[0] == "no", place + 2
        elif pair == ("used", "to"):
            past, place = True, place + 2
        elif pair[0] == "now":
            changes, place = True, place + 1
        elif pair[0] in _SKIPPED and not (pair[0] in {"have", "has"} and _held(low, place)):
            if pair[0] == "always" and pair[1] == "want":
                break
            place += 1
        else:
            break
    rest = _Rest(words[place:], low[place:], changes, negated, past or said.adds)
    return _liking(rest, subject) or _placed(rest, subject) or _being(rest, subject)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows the subject, and how it is said; `loose`: it may hold beside others."""

    words: Sequence[str]
    low: Sequence[str]
    changes: bool
    negated: bool
    loose: bool

    def states(self, about: About, words: Sequence[str], kind: str) -> Statement:
        return Statement(about, " ".join(words), kind, self.changes, self.negated)


def _placed(rest: _Rest, subject: str) -> Statement | None:
    at = 1 if rest.low[:1] and rest.low[0] in {"am", "are", "is", "was", "were"} else 0
    verb, link, value = rest.low[at : at + 1], rest.low[at + 1 : at + 2], rest.words[at + 2 :]
    if not verb or not value or not link or link[0] not in _VERBS.get(verb[0], ()):
        return None
    if verb[0].startswith("work"):
        return rest.states(About(subject, "work at", functional=False), value, "other")
    named = _names(value)
    if verb[0] == "born":
        dated = type_of(value) in {"date", "number"}
        relation = "born on" if dated else "born in"
        return rest.states(
            About(subject, relation, bool(named) and not dated), named or value, "born"
        )
    # "We moved to Slack" and "Bob moved to Sales" say nothing of where anybody lives.
    moved_sure = verb[0] != "moved" or (subject == OWNER and rest.low[0] == "moved")
    sure = bool(named) and moved_sure and not rest.loose and not _PARTIAL & set(rest.low)
    relation = "based in" if verb[0] == "based" else LIVE_IN
    changes = verb[0] == "moved" or rest.changes
    about = About(subject, relation, sure)
    more = " ".join(value[len(named) :])
    return Statement(about, " ".join(named or value), "home", changes, rest.negated, more)


def _liking(rest: _Rest, subject: str) -> Statement | None:
    verb = rest.low[0] if rest.low else ""
    wants = rest.low[:2] in {("always", "want"), ("never", "want")}
    if wants or verb == "never":
        return rest.states(
            About(subject, " ".join(rest.low[:2]), functional=False), rest.words[1:], "other"
        )
    if rest.negated and subject == OWNER and verb in _REFUSED:
        about = About(subject, f"do not {verb}", functional=False)
        return rest.states(about, rest.words[1:], "other")
    if verb not in _TASTES or len(rest.low) < 2:  # noqa: PLR2004 - the verb and what
        return None
    if rest.low[1] in {"it", "that", "this", "them", "him", "her", "to"} and len(rest.low) < 3:  # noqa: PLR2004
        return None
    return rest.states(About(subject, _TASTES[verb], functional=False), rest.words[1:], "other")


def _being(rest: _Rest, subject: str) -> Statement | None:
    """`I am a …`, `I am allergic to …`, `I have a daughter`."""
    if len(rest.low) < 2:  # noqa: PLR2004 - the verb and what
        return None
    if rest.low[0] in {"am", "are"} and subject == OWNER:
        if rest.low[1] == "called":
            return rest.states(About(OWNER, "name", not rest.loose), rest.words[2:], "name")
        return (
            rest.states(About(OWNER, "am", functional=False), rest.words[1:], "other")
            if rest.low[1] in _TRAITS
            else None
        )
    held = _held(rest.low, 0)
    return (
        rest.states(About(subject, held, functional=False), rest.words[1:], "other")
        if held
        else None
    )


def _held(low: Sequence[str], place: int) -> str:
    """Return what somebody has that will be asked again, as one of it."""
    if low[place] not in {"have", "has"}:
        return ""
    for word in low[place + 1 : place + 6]:
        single = word if word in _HELD else word.removesuffix("s").replace("children", "kid")
        if single in _HELD:
            return single
    return ""


def _names(words: Sequence[str]) -> list[str]:
    """Return the names a text begins with: "New York" of "New York since May"."""
    found: list[str] = []
    for word in words:
        if not word[:1].isupper() or not plain([word]):
            break
        found.append(bare(word).title() if word.isupper() else word.strip(".,;!"))
    return found
