"""What a sentence may open with before it states something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.memory.learning.text import bares, words_of, wordset

Phrases = Mapping[str, Sequence[tuple[str, ...]]]
"""Phrases by their first word, the longest first."""


def phrases(text: str) -> Phrases:
    """Return phrases that stand in a text between slashes."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted((tuple(one.split()) for one in text.split("/")), key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return found


ASIDES = phrases(
    "please remember that/please remember/remember that/remember/note that/please note that/"
    "please note/note/fyi/btw/by the way/for the record/for your information/keep in mind that/"
    "just so you know/you should know that/i want you to know that"
)
_SMALL = phrases("and/but/so/well/ok/okay/yes/yeah/no/hi/hello/hey/right/great/sorry/oh/then")
_CHANGES = phrases(
    "actually/correction/update/from now on/as of now/as of today/starting now/starting today/"
    "change of plan/change of plans/i changed my mind/we changed our mind/i have changed my mind/"
    "scratch that/now/in fact"
)
_ADDING = phrases("also/additionally/besides/in addition")
_NOT_AFTER_REMEMBER = frozenset(("to", "when", "if", "how", "what", "who", "where", "me"))
_HEDGES = wordset(
    "if maybe perhaps might would could should probably possibly unless whether suppose "
    "assuming hypothetically supposedly apparently seems seemingly guess wonder wondering "
    "imagine hopefully wish"
)
_ADDS = frozenset(("also", "too", "another", "additionally", "sometimes", "often", "either"))


_OPENERS = frozenset((*ASIDES, *_SMALL, *_CHANGES, *_ADDING))


@dataclass(frozen=True, slots=True)
class Opened:
    """A sentence without its opening: words as written, and for comparing."""

    words: tuple[str, ...]
    low: tuple[str, ...]
    changes: bool
    adds: bool


def opened(sentence: str) -> Opened | None:
    """Return what a sentence says after its opening; None for questions and what is unsure."""
    words = words_of(sentence)
    low = bares(words)
    if "?" in sentence or unsure(low):
        return None
    start, changes, adds = 0, False, False
    while start < len(low) and low[start] in _OPENERS:
        if step := opening_at(low, start, _CHANGES):
            changes = True
        elif step := opening_at(low, start, _ADDING):
            adds = True
        else:
            step = opening_at(low, start, ASIDES) or opening_at(low, start, _SMALL)
        if not step:
            break
        start += step
    rest = low[start:]
    adds = adds or not _ADDS.isdisjoint(rest) or "as well" in " ".join(rest)
    return Opened(tuple(words[start:]), tuple(rest), changes, adds)


def opening_at(low: Sequence[str], start: int, known: Phrases) -> int:
    """Return how many words the longest of known phrases takes at a place; 0: none is there."""
    if start >= len(low):
        return 0
    for phrase in known.get(low[start], ()):
        end = start + len(phrase)
        if tuple(low[start:end]) == phrase:
            order = phrase[-1] == "remember" and not _NOT_AFTER_REMEMBER.isdisjoint(
                low[end : end + 1]
            )
            return 0 if order else len(phrase)
    return 0


def unsure(low: Sequence[str]) -> bool:
    """Return whether a sentence only supposes something."""
    if not _HEDGES.isdisjoint(low):
        return True
    pairs = pairwise(low)
    return any(a == "may" and b in {"be", "have", "not", "need"} for a, b in pairs)
