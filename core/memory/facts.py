"""Facts as agents and commands get them: with their outside sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.sources import Taint
from core.memory.knowledge import Knowledge
from core.memory.provenance import fact_sources
from core.memory.search.ranking import Found
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row, RowQuery

MOST = 12
SCANNED = 2000
WEIGHED = 96
"""Facts that are weighed for a question anyway, so that looking at all of them costs nothing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A known fact, with its score for a query and why it was found; 0 when there was no query."""

    id: str
    text: str
    learned: str
    sources: Taint
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    at: datetime | None = None


async def known_facts(log: EventLog, rows: ReadModels, most: int | None = SCANNED) -> list[Fact]:
    """Return the facts that still have their text, newest first; None: all there are."""
    query = RowQuery("facts", states=frozenset({"known"}), order="written", newest_first=True)
    found = await rows.find(query, limit=most)
    values = await log.values([row.doc["text"]["ref"] for row in found])
    return [
        Fact(
            id=row.key,
            text=str(values[row.doc["text"]["ref"]]),
            learned=row.doc["learned"],
            sources=fact_sources(row.doc),
        )
        for row in found
        if row.doc["text"]["ref"] in values
    ]


async def relevant_facts(
    knowledge: Knowledge, rows: ReadModels, text: str, most: int = MOST
) -> list[Fact]:
    """Return the facts that have to do with `text`, best first. Raises FactIndexError."""
    return await _facts(rows, await knowledge.recall(text, most))


async def facts_if_there(
    knowledge: Knowledge, rows: ReadModels, text: str, most: int = MOST
) -> list[Fact] | None:
    """Return what `relevant_facts` does, None while facts cannot be searched."""
    found = await knowledge.recall_if_there(text, most)
    return None if found is None else await _facts(rows, found)


async def own_and_outside(
    knowledge: Knowledge, rows: ReadModels, text: str, most: int
) -> list[Fact] | None:
    """Return up to `most` of the owner's facts and up to `most` from outside, best first.

    However much a file brings in about a thing, it does not push aside what the owner said of it.
    None while they cannot be looked through.
    """
    found = await knowledge.recall_if_there(text, WEIGHED)
    if found is None:
        return None
    own = [one for one in found if not one.entry.outside][:most]
    outside = [one for one in found if one.entry.outside][:most]
    return await _facts(rows, [*own, *outside])


async def _facts(rows: ReadModels, found: Sequence[Found]) -> list[Fact]:
    facts = [await _fact(rows, one) for one in found]
    return [fact for fact in facts if fact is not None]


async def _fact(rows: ReadModels, found: Found) -> Fact | None:
    row = await rows.get("facts", found.entry.id)
    if row is None or row.state != "known":
        return None
    return Fact(
        id=found.entry.id,
        text=found.entry.text,
        learned=row.doc["learned"],
        sources=fact_sources(row.doc),
        score=found.score,
        reasons=found.reasons,
        at=found.entry.at,
    )


async def fact_called(rows: ReadModels, name: str) -> Row | None:
    """Return the fact with this id, else the one that another program gave this label.

    A label never comes before an id, and one that several facts have names none of them.
    """
    row = await rows.get("facts", name)
    if row is not None:
        return row
    labelled = await rows.find(RowQuery("facts", group=name), limit=2)
    return labelled[0] if len(labelled) == 1 else None
