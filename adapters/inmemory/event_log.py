"""The event log and its read models in plain Python: nothing outlives the process."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from core.domain.erasable import Content
from core.domain.errors import BugError
from core.domain.events import GENESIS, Event, NewEvent, stamp
from core.log.admission import Batch
from core.log.checking import ChainCheck
from core.log.folding import Folder, Place, RowBook, StoredRow, digest_of
from core.log.following import Listeners, follow, matches
from core.log.sealing import Head, check_names, inflate_all, wanted_refs
from core.ports.clock import Clock
from core.ports.event_log import Appended, EventQuery, Listener, Verification
from core.ports.ids import Ids
from core.ports.read_models import Projection, Row, RowQuery


class MemoryStore:
    """Both ports, EventLog and ReadModels, over lists and dictionaries.

    An append gives way to other tasks once before it takes effect, as one over a disk does.
    """

    def __init__(self, projections: Sequence[Projection], clock: Clock, ids: Ids) -> None:
        self._folder = Folder(projections)
        self._clock, self._ids = clock, ids
        self._listeners = Listeners()
        self._streams: dict[str, int] = {}
        self._keyed: dict[str, Event] = {}
        self.stored: list[Event] = []
        self.contents: dict[str, Content] = {}
        self.rows: dict[Place, StoredRow] = {}

    async def append(
        self, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        """Append `events`; see the port."""
        check_names(events, expect)
        await asyncio.sleep(0)
        batch = Batch(self, self._head(), self._folder, self._clock, self._ids)
        appended = batch.admit(events, expect)
        if batch.events:
            self._commit(batch)
            self._listeners.tell(tuple(batch.events))
        return appended

    def _head(self) -> Head:
        if not self.stored:
            return Head()
        last = self.stored[-1]
        return Head(last.position, last.hash, last.at)

    def _commit(self, batch: Batch) -> None:
        self.stored.extend(batch.events)
        for event in batch.events:
            self._streams[event.stream] = event.version
            if event.key is not None:
                self._keyed[event.key] = event
        for ref, content in batch.contents.items():
            self.contents.setdefault(ref, content)
        self._write(batch.rows)

    def _write(self, book: RowBook) -> None:
        for place, row in book.changed.items():
            if row is None:
                self.rows.pop(place, None)
            else:
                self.rows[place] = row

    def keyed(self, keys: Sequence[str]) -> Sequence[Event]:
        """Return the stored events with these idempotency keys."""
        return [self._keyed[key] for key in keys if key in self._keyed]

    def version_of(self, stream: str) -> int:
        """Return the version of a stream, 0 for none."""
        return self._streams.get(stream, 0)

    def row(self, projection: str, key: str) -> StoredRow | None:
        """Return a stored row."""
        return self.rows.get((projection, key))

    async def read(self, query: EventQuery, *, limit: int = 1000) -> Sequence[Event]:
        """Return up to `limit` events by position; see the port."""
        found = (event for event in self.stored[query.after :] if matches(query, event))
        return [event for event, _ in zip(found, range(limit), strict=False)]

    async def inflated(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events with erasable text filled in."""
        return inflate_all(events, await self.values(wanted_refs(events)))

    async def values(self, refs: Sequence[str]) -> dict[str, Any]:
        """Return the value of each reference that still has one."""
        bodies = {ref: self.contents[ref].body for ref in refs if ref in self.contents}
        return {ref: json.loads(body) for ref, body in bodies.items() if body is not None}

    async def search_values(self, wanted: Callable[[Any], bool]) -> list[str]:
        """Return the references of every stored value that is `wanted`."""
        bodies = {ref: content.body for ref, content in self.contents.items()}
        return [ref for ref, body in bodies.items() if body and wanted(json.loads(body))]

    async def erase(self, refs: Sequence[str]) -> int:
        """Erase the text behind the references, and its salt; return how many had some."""
        there = [
            ref for ref in set(refs) if ref in self.contents and self.contents[ref].body is not None
        ]
        self.contents.update((ref, Content(ref=ref, salt="", body=None)) for ref in there)
        return len(there)

    async def version(self, stream: str) -> int:
        """Return the version of a stream, 0 for one without events."""
        return self.version_of(stream)

    async def head(self) -> tuple[int, str]:
        """Return the position and the hash of the newest event."""
        return (self.stored[-1].position, self.stored[-1].hash) if self.stored else (0, GENESIS)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each append; returns the function that ends it."""
        return self._listeners.add(listener)

    def subscribe(self, query: EventQuery) -> AsyncIterator[Event]:
        """Yield the matching events from `query.after` on, without end."""
        return follow(self, query)

    async def verify(self) -> Verification:
        """Recompute the chain and the hash of each text that is still there."""
        check = ChainCheck()
        check.take(self.stored, self.contents)
        return check.result()

    async def rebuild(self) -> tuple[str, str]:
        """Recreate every read model; return the digests (before, after)."""
        before = await self.digest()
        self.rows.clear()
        book = RowBook(self.row)
        for event in self.stored:
            self._folder.fold(event, book)
        self._write(book)
        return before, await self.digest()

    async def digest(self) -> str:
        """Return the digest of all rows."""
        return digest_of(self.rows[place] for place in sorted(self.rows))

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    async def get(self, projection: str, key: str) -> Row | None:
        """Return one row."""
        found = self.row(projection, key)
        return None if found is None else found.row()

    async def find(self, query: RowQuery, *, limit: int | None = 100) -> Sequence[Row]:
        """Return up to `limit` rows in the order asked for, None: all."""
        return [row.row() for row in _ordered(query, self._matching(query))[:limit]]

    async def count(self, query: RowQuery) -> int:
        """Return how many rows match."""
        return len(self._matching(query))

    async def groups(self, query: RowQuery) -> Sequence[str]:
        """Return the distinct groups of the matching rows."""
        return sorted({row.group for row in self._matching(query) if row.group is not None})

    async def next_due(self, projection: str) -> Row | None:
        """Return the row with the earliest due time."""
        due = [row for row in self._matching(RowQuery(projection)) if row.due is not None]
        return min(due, key=lambda row: (row.due, row.key)).row() if due else None

    def _matching(self, query: RowQuery) -> list[StoredRow]:
        by = None if query.due_by is None else stamp(query.due_by)
        return [
            row
            for row in self.rows.values()
            if row.projection == query.projection
            and query.group in (None, row.group)
            and row.key.startswith(query.prefix)
            and (not query.states or row.state in query.states)
            and (by is None or (row.due is not None and row.due <= by))
        ]


def _ordered(query: RowQuery, rows: list[StoredRow]) -> list[StoredRow]:
    """Sort rows; those without a due time come last in either direction."""
    rows = sorted(rows, key=lambda row: row.key, reverse=query.newest_first)
    if query.order == "written":
        rows.sort(key=lambda row: row.written, reverse=query.newest_first)
    elif query.order == "due":
        rows.sort(key=lambda row: row.due or "", reverse=query.newest_first)
        rows.sort(key=lambda row: row.due is None)
    elif query.order != "key":
        message = f"Rows cannot be ordered by {query.order!r}."
        raise BugError(message)
    return rows
