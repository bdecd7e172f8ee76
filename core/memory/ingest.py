"""Many lines into memory at once: each becomes a fact, once, with where it came from."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.domain.erasable import Erasable
from core.domain.events import Event, NewEvent
from core.domain.events.memory import FactKind, FactLearned
from core.domain.redaction import Redactor
from core.domain.sources import Source, Taint
from core.ports.event_log import EventLog, EventQuery

BATCH = 250
LONGEST_ID = 200
"""Characters of the id of a line."""
OWNER = frozenset({"owner", "me", "i"})


@dataclass(frozen=True, slots=True)
class Ingested:
    """One line: what was said, by whom and when, and where it stands."""

    id: str
    text: str
    at: datetime | None = None
    source: str | None = None
    speaker: str | None = None
    kind: FactKind = "turn"


@dataclass(slots=True)
class Account:
    """What became of the lines.

    `changed` are ids that are known with another text, `forgotten` is how many were erased.
    """

    added: int = 0
    known: int = 0
    changed: list[str] = field(default_factory=list)
    forgotten: int = 0


class Ingest:
    """Appends lines as `fact.learned`; one that is known by its id is passed over.

    A run that was cut off is done again: what it appended is known by then.
    """

    def __init__(
        self, log: EventLog, redactor: Redactor, owner: str, file: str, by: str = "ingest"
    ) -> None:
        """Take the owner's name, whose lines are no outside text, and what `file` is read."""
        self._log, self._redactor, self._file, self._by = log, redactor, file, by
        self._owner = OWNER | {owner.casefold()} if owner else OWNER
        self._parts: Counter[str] = Counter()

    async def run(self, lines: Sequence[Ingested]) -> AsyncIterator[Account]:
        """Append the lines; yield the account so far after each batch."""
        account = Account()
        for start in range(0, len(lines), BATCH):
            await self._batch(lines[start : start + BATCH], account)
            yield account

    async def _batch(self, lines: Sequence[Ingested], account: Account) -> None:
        events = {one.id: self._event(one) for one in lines}
        known = await self._known(list(events))
        new = [event for identity, event in events.items() if identity not in known]
        if new:
            await self._log.append(new)
        filled = await self._log.inflated(list(known.values()))
        texts = {event.payload["fact"]: event.payload["text"]["value"] for event in filled}
        gone = [identity for identity, text in texts.items() if text is None]
        account.added += len(new)
        account.known += len(events) - len(new) - len(gone)
        account.forgotten += len(gone)
        account.changed += [
            one.id
            for one in lines
            if one.id in texts
            and one.id not in gone
            and texts[one.id] != self._redactor.text(one.text)
        ]

    async def _known(self, ids: Sequence[str]) -> dict[str, Event]:
        keys = tuple(_key(identity) for identity in ids)
        found = await self._log.read(EventQuery(keys=keys), limit=len(keys))
        return {event.payload["fact"]: event for event in found}

    def _event(self, one: Ingested) -> NewEvent:
        source = one.source or self._file
        self._parts[source] += 1
        learned = FactLearned(
            fact=one.id,
            text=Erasable.of(self._redactor.text(one.text)),
            by=self._by,
            sources=self._sources(one, source),
            said_at=one.at,
            speaker=one.speaker,
            kind=one.kind,
            source=source,
            part=self._parts[source],
        )
        return NewEvent(stream=f"fact:{one.id}", payload=learned, actor="owner", key=_key(one.id))

    def _sources(self, one: Ingested, source: str) -> Taint:
        """Return what the line came from, unless the owner said it."""
        if one.speaker is not None and one.speaker.casefold() in self._owner:
            return ()
        return (Source(kind="file", ref=source, title=one.speaker or ""),)


def _key(identity: str) -> str:
    return f"ingest:{identity}"


def utc(at: datetime) -> datetime:
    """Return a time with a zone; one without is meant in UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
