"""What is known about a message: facts that fit, and what was said about it before."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Protocol

from core.domain.events.goals import Recalled
from core.domain.flat import flat
from core.domain.spoken import local
from core.memory.facts import Fact, own_and_outside
from core.memory.index.feeds import TALK
from core.memory.knowledge import Knowledge
from core.memory.lines import Line, fitting, handle
from core.memory.outdated import current
from core.memory.search.ranking import Found
from core.memory.search.words import stems
from core.memory.turns import CHARS_PER_TOKEN, short
from core.ports.clock import Clock
from core.ports.read_models import ReadModels

FACT_TOKENS, EARLIER_TOKENS = 600, 300
"""Most tokens of a prompt for facts, and for what was said before."""
MOST_FACTS, MOST_EARLIER = 24, 10
WORDS = 6
"""Telling words of a message from which on it may have all of that."""
SHORTEST = 3
"""Telling words below which a turn of talk is not worth recalling ("thanks, fine")."""
OUTSIDE = "a fact from outside; memory.search reads it"


class Owner(Protocol):
    """Where the owner's time zone comes from."""

    @property
    def zone(self) -> tzinfo:
        """The zone that dates are told in."""
        ...


@dataclass(frozen=True, slots=True)
class Recollection:
    """The sections of a prompt, the handles of outside text, and why each thing is there.

    `away`: not all that is known could be looked through.
    """

    sections: dict[str, list[Line]]
    outside: list[Line]
    items: tuple[Recalled, ...]
    away: bool = False


class Known:
    """Recalls facts and earlier talk for a message."""

    def __init__(self, knowledge: Knowledge, rows: ReadModels, clock: Clock, owner: Owner) -> None:
        """Take what is searched."""
        self._knowledge, self._rows, self._clock, self._owner = knowledge, rows, clock, owner

    async def build(
        self, text: str, said: frozenset[str], before: int, summary: Sequence[str] = ()
    ) -> Recollection:
        """Return what is known about a text.

        `said` are messages that are in the prompt anyway, `before` is where the first of them is,
        `summary` the lines that tell what else was said.
        """
        known, talk = await asyncio.gather(
            own_and_outside(self._knowledge, self._rows, text, MOST_FACTS),
            self._knowledge.recall_if_there(text, 2 * MOST_EARLIER, TALK, before),
        )
        facts = known or []
        own = [fact for fact in facts if not fact.sources]
        found = [one for one in talk or () if not one.entry.outside]
        still = await asyncio.to_thread(_still_true, found, text, own, summary)
        earlier = _earlier(still, own, said)
        lines = [Line(self._fact(fact), "fact", fact.id) for fact in own]
        turns = [Line(self._turn(one), "message", one.entry.id) for one in earlier]
        sections = {
            "Facts": fitting(lines, _room(text, FACT_TOKENS)),
            "Earlier": fitting(turns, _room(text, EARLIER_TOKENS)),
        }
        shown = {line.ref for part in sections.values() for line in part}
        return Recollection(
            sections={name: part for name, part in sections.items() if part},
            outside=[handle(fact.id, "fact", OUTSIDE) for fact in facts if fact.sources],
            items=_items(own, earlier, shown),
            away=known is None or talk is None,
        )

    def _fact(self, fact: Fact) -> str:
        return f"[{fact.id}] {short(fact.text)}{self._day(fact.at, fact.learned)}"

    def _turn(self, found: Found) -> str:
        entry = found.entry
        return f"[{entry.id}] {entry.speaker}: {short(entry.text)}{self._day(entry.at)}"

    def _day(self, at: datetime | None, learned: str = "") -> str:
        """Return the day something was said, empty for today."""
        at = at or (datetime.fromisoformat(learned) if learned else None)
        zone = self._owner.zone
        day = local(at, zone).date() if at is not None else None
        return "" if day in {None, self._clock.now().astimezone(zone).date()} else f" (said {day})"


def _still_true(
    found: Sequence[Found], asked: str, facts: Sequence[Fact], summary: Sequence[str]
) -> list[Found]:
    """Return what was said and still holds, each once: long texts take the rules a second."""
    return current(each_once(found, asked), facts, summary)


def each_once(found: Sequence[Found], asked: str) -> list[Found]:
    """Return what was said, each text once: a question asked again answers nothing."""
    kept: dict[str, Found] = {}
    for one in found:
        kept.setdefault(flat(one.entry.text), one)
    kept.pop(flat(asked), None)
    return list(kept.values())


def _room(text: str, tokens: int) -> int:
    """Return the characters for a section: who says little gets little ("hi")."""
    share = min(len(set(stems(text))), WORDS) / WORDS
    return int(tokens * share) * CHARS_PER_TOKEN


def _earlier(found: Sequence[Found], facts: Sequence[Fact], said: frozenset[str]) -> list[Found]:
    """Return what was said before and is not told by the window or by a fact."""
    told = [" ".join(fact.text.casefold().split()).strip(".") for fact in facts]
    kept = []
    for one in found:
        flat = " ".join(one.entry.text.casefold().split())
        new = one.entry.id not in said
        if new and len(flat.split()) >= SHORTEST and not any(text in flat for text in told):
            kept.append(one)
    return kept[:MOST_EARLIER]


def _items(
    facts: Sequence[Fact], earlier: Sequence[Found], shown: set[str]
) -> tuple[Recalled, ...]:
    of_facts = (
        Recalled(ref=f.id, kind="fact", score=round(f.score, 3), reason="; ".join(f.reasons))
        for f in facts
    )
    of_talk = (
        Recalled(
            ref=one.entry.id,
            kind="earlier",
            score=round(one.score, 3),
            reason="; ".join(one.reasons),
        )
        for one in earlier
    )
    return tuple(item for item in (*of_facts, *of_talk) if item.ref in shown)
