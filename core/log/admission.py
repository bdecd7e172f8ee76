"""Decide what an append does, before anything is written.

Several appends share one transaction: each is admitted or refused alone, in order, against what is
stored and what was admitted before it. So a conflict costs its caller only, and needs no savepoint.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.domain.erasable import Content, contents_of
from core.domain.errors import BugError, VersionConflictError
from core.domain.events import Event, NewEvent
from core.log.folding import Folder, RowBook, StoredRow
from core.log.sealing import Head, seal
from core.ports.clock import Clock
from core.ports.event_log import Appended
from core.ports.ids import Ids


class Known(Protocol):
    """What is stored, as the transaction sees it."""

    def keyed(self, keys: Sequence[str]) -> Sequence[Event]:
        """Return the stored events with these idempotency keys."""
        ...

    def version_of(self, stream: str) -> int:
        """Return the version of a stream, 0 for none."""
        ...

    def row(self, projection: str, key: str) -> StoredRow | None:
        """Return a stored row."""
        ...


class Batch:
    """One transaction in the making: `events`, `contents` and `rows` are what it will write.

    `head` and `versions` are the end of the log and of its streams as they will be then.
    """

    def __init__(self, known: Known, head: Head, folder: Folder, clock: Clock, ids: Ids) -> None:
        self._known, self._folder, self._clock, self._ids = known, folder, clock, ids
        self.head = head
        self.versions: dict[str, int] = {}
        self._keyed: dict[str, Event] = {}
        self.events: list[Event] = []
        self.contents: dict[str, Content] = {}
        self.rows = RowBook(known.row)

    def admit(self, events: Sequence[NewEvent], expect: Mapping[str, int] | None) -> Appended:
        """Take one append in; whatever it raises, the batch stays as it was.

        Raises VersionConflictError, BadInputError, or what a projection raises.
        """
        held = self._held(events)
        if held:
            return Appended(held, duplicate=True)
        for stream, expected in (expect or {}).items():
            actual = self._version(stream)
            if actual != expected:
                raise VersionConflictError(stream, expected, actual)
        sealed, versions = self._seal(events)
        contents = [row for event in events for row in contents_of(event.payload)]
        book = RowBook(self.rows.find)
        for event in sealed:
            self._folder.fold(event, book)
        self._take(sealed, versions)
        self.contents.update((content.ref, content) for content in contents)
        self.rows.absorb(book)
        return Appended(tuple(sealed))

    def _held(self, events: Sequence[NewEvent]) -> tuple[Event, ...]:
        keys = [event.key for event in events if event.key is not None]
        if not keys:
            return ()
        if len(set(keys)) < len(keys):
            message = f"Two events of one append carry the same key, among {keys!r}."
            raise BugError(message)
        here = [self._keyed[key] for key in keys if key in self._keyed]
        return tuple(sorted([*self._known.keyed(keys), *here], key=lambda event: event.position))

    def _version(self, stream: str) -> int:
        if stream not in self.versions:
            self.versions[stream] = self._known.version_of(stream)
        return self.versions[stream]

    def _seal(self, events: Sequence[NewEvent]) -> tuple[list[Event], dict[str, int]]:
        head, now = self.head, self._clock.now()
        versions: dict[str, int] = {}
        sealed: list[Event] = []
        for new in events:
            version = versions.get(new.stream, self._version(new.stream)) + 1
            event = seal(new, head, version=version, now=now, name=self._ids.new())
            head = Head(event.position, event.hash, event.at)
            versions[new.stream] = version
            sealed.append(event)
        return sealed, versions

    def _take(self, sealed: Sequence[Event], versions: Mapping[str, int]) -> None:
        self.events.extend(sealed)
        self.versions.update(versions)
        self._keyed.update((event.key, event) for event in sealed if event.key is not None)
        if sealed:
            last = sealed[-1]
            self.head = Head(last.position, last.hash, last.at)
