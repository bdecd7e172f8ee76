"""What was said and holds no longer: it stands in no prompt beside what took its place."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from core.domain.flat import flat
from core.memory.facts import Fact
from core.memory.learning.about import about_of
from core.memory.learning.model import About
from core.memory.learning.text import sentences
from core.memory.learning.values import contradicts
from core.memory.search.ranking import Found

WAS = "(was: "
"""With this a summary tells what a decision took the place of."""


class _Told(NamedTuple):
    """A sentence that states something, and when it was said."""

    text: str
    about: About
    at: datetime | None


def current(found: Sequence[Found], facts: Sequence[Fact], summary: Sequence[str]) -> list[Found]:
    """Return what was said without what a fact, a summary or a later word has replaced."""
    was = " ".join(flat(line.partition(WAS)[2]) for line in summary)
    told = [(one, list(_stated(one.entry.text, one.entry.at))) for one in found]
    later = [said for one, stated in told if one.entry.speaker == "owner" for said in stated]
    later += [said for fact in facts for said in _stated(fact.text, fact.at)]
    return [
        one
        for one, stated in told
        if flat(one.entry.text).strip(" .!") not in was
        and not (stated and all(_replaced(said, later) for said in stated))
    ]


def _stated(text: str, at: datetime | None) -> Iterator[_Told]:
    """Give the sentences that state something, also behind "I will remember:"."""
    for sentence in sentences(text):
        for part in (sentence, sentence.partition(": ")[2]):
            about = about_of(part) if part else None
            if about is not None:
                yield _Told(part, about, at)
                break


def _replaced(said: _Told, others: Sequence[_Told]) -> bool:
    return any(
        said.at is not None
        and other.at is not None
        and other.at > said.at
        and contradicts(said.text, other.text, other.about)
        for other in others
    )
