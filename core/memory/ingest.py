"""Many lines into memory at once: each becomes a fact, once, with where it came from.

A line is outside text: neither its id nor its speaker says who wrote it. The id is a label, which
`memory search` returns; the fact has an id of Equerry's own, so that no line can take the place of
an entry that is there. The owner may vouch for a file on a card (`core/operations/own/vouch.py`).
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.erasable import Erasable
from core.domain.events import Event, NewEvent
from core.domain.events.memory import FactKind, FactLearned
from core.domain.ids import short_id
from core.domain.redaction import Redactor
from core.domain.sources import Source
from core.memory.provenance import INGEST, file_source
from core.ports.event_log import EventLog, EventQuery

BATCH = 250
LONGEST_ID = 200
"""Characters of the id of a line."""
ID_LENGTH = 12
"""Characters of a fact's id: 60 bits, so that millions of lines share none by chance."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """One line: what was said, by whom and when, and where it stands; `id` is its label."""

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

    def __init__(self, log: EventLog, redactor: Redactor, file: str) -> None:
        """Take what `file` is read: every line has it as its source."""
        self._log, self._redactor, self._file = log, redactor, file
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
        texts = {
            one: event.payload["text"]["value"] for one, event in zip(known, filled, strict=True)
        }
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
        keys = {_key(identity): identity for identity in ids}
        found = await self._log.read(EventQuery(keys=tuple(keys)), limit=len(keys))
        return {keys[event.key]: event for event in found if event.key in keys}

    def _event(self, one: Ingested) -> NewEvent:
        source = one.source or self._file
        self._parts[source] += 1
        fact = short_id("F", INGEST, one.id, length=ID_LENGTH)
        learned = FactLearned(
            fact=fact,
            text=Erasable.of(self._redactor.text(one.text)),
            by=INGEST,
            sources=(ingest_source(self._file),),
            said_at=one.at,
            speaker=one.speaker,
            kind=one.kind,
            source=source,
            part=self._parts[source],
            label=one.id,
        )
        return NewEvent(stream=f"fact:{fact}", payload=learned, actor="owner", key=_key(one.id))


def ingest_source(file: str) -> Source:
    """Return the source of every line of a file."""
    return file_source(f"{INGEST}:{file}", file)


def _key(identity: str) -> str:
    return f"ingest:{identity}"
