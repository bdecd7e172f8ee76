"""Fold events into the rows of the read models, beside whatever stores the rows."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from core.domain.canonical import canonical, sha256
from core.domain.errors import BugError
from core.domain.events import Event, stamp, upcast
from core.log.sealing import is_name
from core.ports.read_models import Drop, Projection, Row

Place = tuple[str, str]
"""Projection and key of a row."""


class StoredRow(NamedTuple):
    """A row in the one byte form that every store keeps: `doc` is canonical JSON, `due` a stamp."""

    projection: str
    key: str
    doc: str
    group: str | None
    state: str | None
    due: str | None
    written: int

    def row(self) -> Row:
        """Return the row as projections and readers see it."""
        due = None if self.due is None else datetime.fromisoformat(self.due)
        return Row(self.key, json.loads(self.doc), self.group, self.state, due)


def stored(projection: str, row: Row, written: int) -> StoredRow:
    """Return `row` in its stored form; `written` is the position of the event that wrote it.

    Raises BugError for a key, group or state that some database cannot hold or index.
    """
    for name in (row.key, row.group, row.state):
        if name is not None and not is_name(name):
            message = f"Projection {projection!r} writes {name[:40]!r}, which is no storable name."
            raise BugError(message)
    due = None if row.due is None else stamp(row.due)
    return StoredRow(projection, row.key, canonical(row.doc), row.group, row.state, due, written)


Find = Callable[[str, str], StoredRow | None]


class RowBook:
    """Rows as a fold sees them: its own writes over what `find` has stored.

    `changed` holds what is to be written, None for a row that is to go.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self._read: dict[Place, StoredRow | None] = {}
        self.changed: dict[Place, StoredRow | None] = {}

    def find(self, projection: str, key: str) -> StoredRow | None:
        """Return the row as it is now, in stored form."""
        place = projection, key
        if place in self.changed:
            return self.changed[place]
        if place not in self._read:
            self._read[place] = self._find(projection, key)
        return self._read[place]

    def get(self, projection: str, key: str) -> Row | None:
        """Return the row as it is now, as a copy that a fold may not change by accident."""
        found = self.find(projection, key)
        return None if found is None else found.row()

    def write(self, projection: str, change: Row | Drop, written: int) -> None:
        """Take one change of a projection."""
        new = None if isinstance(change, Drop) else stored(projection, change, written)
        self.changed[projection, change.key] = new

    def absorb(self, other: "RowBook") -> None:
        """Take over the changes of a book that was opened over this one."""
        self.changed.update(other.changed)

    def settle(self, keep: int) -> None:
        """Forget `changed` once it is written; up to about `keep` rows stay known."""
        if len(self._read) > keep:
            self._read.clear()
        self._read.update(self.changed)
        self.changed.clear()


class Folder:
    """Applies each event to the projections that handle it; upcasters run first."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self.projections = tuple(projections)
        self._handlers: dict[str, list[Projection]] = {}
        for projection in projections:
            for kind in projection.handles:
                self._handlers.setdefault(kind, []).append(projection)

    def fold(self, event: Event, book: RowBook) -> None:
        """Write what `event` changes into `book`."""
        kind, payload = upcast(event.type, event.payload)
        handlers = self._handlers.get(kind)
        if not handlers:
            return
        if kind != event.type:
            event = event.model_copy(update={"type": kind, "payload": payload})
        for projection in handlers:
            for change in projection.fold(event, partial(book.get, projection.name)):
                book.write(projection.name, change, event.position)


def digest_of(rows: Iterable[StoredRow]) -> str:
    """Return the digest of rows given in order of projection and key, every column counted."""
    chain = ""
    for row in rows:
        chain = sha256(chain + canonical(list(row)))
    return chain or sha256("")
