"""The summariser that needs no model: sentences by their words, goals by their ends."""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.domain.base import Frozen
from core.domain.events import Event, stamp
from core.memory.summaries.bullets import LONGEST, Bullet, Section, cut
from core.memory.summaries.subjects import replaced, telling

_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_DECIDES = re.compile(
    r"\b(?:decided|decision|we(?:'|’)?ll go with|we will go with|go(?:ing)? with|let(?:'|’)?s use|"
    r"let us use|we(?:'|’)?ll use|we will use|we use|changed? .*\bto|instead of|from now on|"
    r"agreed|no longer|switch(?:ed|ing)?\b.* to|settled on|we(?:'|’)?re moving|rather than|"
    r"final answer|approved)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not?|never|stop|drop)\b|n['’]t\b", re.IGNORECASE)
_BECAUSE = re.compile(r"\b(?:because|since|so that|the reason)\b", re.IGNORECASE)
_REASON = re.compile(
    r"^(?P<what>.{8,}?)[,;]?\s+(?P<why>(?:because|since|so that)\b.+)$", re.IGNORECASE
)
_OPEN = re.compile(
    r"\b(?:to-?do|need to|needs to|have to find out|open question|not sure|unclear|undecided|"
    r"to be decided|still (?:have|need|open|missing)|should we|shall we)\b",
    re.IGNORECASE,
)
READ = 3 * LONGEST
"""Characters of a sentence that are looked at: a point has a third, and who writes on for pages
without a full stop has decided nothing there."""
DAY = 10
"""Characters of a time that name its day."""
DONE = frozenset({"done"})
UNDONE = {"failed": "failed", "partly": "done in part", "stopped": "stopped"}


class Said(Frozen):
    """Something the owner said: message, text and day."""

    ref: str
    text: str
    at: str


class Ended(Frozen):
    """A goal with a plan that ended; `title` is empty where it came from outside."""

    ref: str
    title: str
    outcome: str
    at: str


def said_in(event: Event) -> Sequence[Said]:
    """Return the owner's own words in a message; nothing where others wrote them."""
    payload = event.payload
    text = payload["text"].get("value")
    if not payload["owner"] or payload["forwarded"] or text is None:
        return []
    return [Said(ref=payload["message"], text=str(text), at=stamp(event.at)[:DAY])]


def points(said: Iterable[Said], ended: Iterable[Ended] = ()) -> list[Bullet]:
    """Return what the owner's words and the ends of goals add to a summary, in their order."""
    found = [bullet for one in said for bullet in _told(one)]
    return [*found, *(bullet for one in ended for bullet in _came_of(one))]


def merged(before: Sequence[Bullet], new: Iterable[Bullet]) -> list[Bullet]:
    """Return the points with new ones added; a later word about the same replaces the older."""
    kept = list(before)
    for bullet in new:
        if any(_equal(bullet, old) for old in kept):
            continue
        if bullet.section == "Worked":
            kept = [old for old in kept if not _settles(bullet, old)]
        same = [old for old in kept if old.section == bullet.section]
        old = replaced(bullet, same) if bullet.section == "Decisions" else None
        kept = [one for one in kept if one is not old]
        if old is None:
            kept.append(bullet)
        else:
            was = old.was if _repeats(bullet.text, old.text) else old.text
            kept.append(bullet.model_copy(update={"was": bullet.was or was}))
    return kept


def _equal(one: Bullet, other: Bullet) -> bool:
    """Whether nothing new is said: the same words from the same place."""
    return (one.section, one.ref, cut(one.text, LONGEST)) == (
        other.section,
        other.ref,
        cut(other.text, LONGEST),
    )


def _repeats(text: str, old: str) -> bool:
    """Whether a decision is said again, in other words perhaps, and not taken back."""
    negated = bool(_NEGATED.search(text)), bool(_NEGATED.search(old))
    return telling(text) == telling(old) and negated[0] == negated[1]


def _settles(done: Bullet, old: Bullet) -> bool:
    """Whether an open point is what was done now."""
    return old.section == "Open" and telling(done.text) <= telling(old.text) != frozenset()


def _told(said: Said) -> Iterator[Bullet]:
    for sentence in _SENTENCES.split(said.text):
        text = cut(sentence.strip().lstrip("-*# "), READ)
        for section, part in _sorted(text):
            yield Bullet(section=section, text=part, at=said.at, ref=said.ref)


def _sorted(sentence: str) -> Iterator[tuple[Section, str]]:
    asks = sentence.endswith("?")
    if _DECIDES.search(sentence) and not asks:
        reason = _REASON.match(sentence)
        yield "Decisions", (reason["what"] if reason else sentence)
        if reason:
            yield "Why", sentence
    elif _OPEN.search(sentence):
        yield "Open", sentence
    elif _BECAUSE.search(sentence) and not asks:
        yield "Why", sentence


def _came_of(ended: Ended) -> Iterator[Bullet]:
    what = ended.title or "a goal whose words came from outside"
    if ended.outcome in DONE:
        yield Bullet(section="Worked", text=what, at=ended.at, ref=ended.ref)
    elif ended.outcome in UNDONE:
        text = f"{what} ({UNDONE[ended.outcome]})"
        yield Bullet(section="Open", text=text, at=ended.at, ref=ended.ref)
