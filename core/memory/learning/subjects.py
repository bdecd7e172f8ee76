"""The subject of a sentence as a key: whose, and which of its properties."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.memory.learning.model import IS, OWNER
from core.memory.learning.nouns import head
from core.memory.learning.text import ARTICLES, OURS, bare, bares, plain, wordset

_NO_SUBJECT = wordset(
    "it this that these those he she they there here who what which you your his her their its "
    "someone everyone everything nobody something nothing anyone anything all some many most a "
    "an one each every any no i we me us him them when where how why as because while since "
    "although though after before until both another other others old former previous today "
    "tomorrow yesterday tonight now let not"
)
_TIMES = wordset(
    "today's tomorrow's yesterday's tonight's week's month's year's weekend's it's that's let's "
    "everyone's someone's nobody's"
)
_NEW = frozenset(("new", "current", "latest", "updated"))
_OLD = frozenset(("old", "former", "previous", "first", "next", "last", "second", "ex"))
_LONGEST = 10


@dataclass(frozen=True, slots=True)
class Subject:
    """The key, its noun, its words without article, and whether "the", "my" or a name fixes it."""

    subject: str
    relation: str
    noun: str
    words: tuple[str, ...]
    new: bool = False


def subject_of(words: Sequence[str]) -> Subject | None:
    """Return the key of what stands before the verb; None when it points at something unnamed."""
    low = bares(words)
    if not 0 < len(low) <= _LONGEST or low[0] in _NO_SUBJECT or _joined(words, low):
        return None
    ours = low[0] in OURS
    rest = list(words[1:] if ours or low[0] in ARTICLES else words)
    new = len(rest) > 1 and bare(rest[0]) in _NEW
    rest = rest[1:] if new else rest
    if not rest or bare(rest[0]) in _OLD:
        return None
    found = _split(rest, ours=ours)
    if found is None or not found[0] or not found[1]:
        return None
    subject, relation, noun = found
    return Subject(subject, relation, noun, tuple(rest), new)


def _joined(words: Sequence[str], low: Sequence[str]) -> bool:
    """Whether this is a list or a clause, not one thing."""
    return any(word.endswith((",", ":")) for word in words[:-1]) or not {
        "that", "which", "who", "when", "because", "to", "and", "or"
    }.isdisjoint(low)  # fmt: skip


def _split(rest: list[str], *, ours: bool) -> tuple[str, str, str] | None:
    low = bares(rest)
    owned = [n for n, word in enumerate(low[:-1]) if word.endswith(("'s", "s'"))]
    if owned:
        if any(low[n] in _TIMES for n in owned):
            return None
        cut = owned[-1] + 1
        return _owner_name(rest[:cut]), plain(rest[cut:]), head(low[cut:])
    for link in ("of", "for"):
        if link in low[1:-1]:
            cut = low.index(link, 1)
            whose = low[cut + 1 :]
            subject = OWNER if whose in (["me"], ["us"]) else plain(rest[cut + 1 :])
            return subject, plain(rest[:cut]), head(low[:cut])
    if ours:
        return OWNER, plain(rest), head(low)
    return plain(rest), IS, head(low)


def _owner_name(words: Sequence[str]) -> str:
    name = plain(words)
    return name[:-2] if name.endswith("'s") else name[:-1]
