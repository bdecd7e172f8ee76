"""The event log: append-only, hash-chained, the one source of truth."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.domain.events import Event, NewEvent


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: the events as stored. `duplicate` means they were there already."""

    events: tuple[Event, ...]
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the chain; `problem` is one sentence, None when all is well."""

    events: int
    head: str
    problem: str | None = None
    erased: int = 0


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to read; every field narrows. `after` is exclusive, `since` inclusive.

    `keys` asks for the events that carry one of these idempotency keys, `streams` for those of any
    of these streams, `places` for those at these versions of streams; empty does not narrow.
    """

    stream: str | None = None
    goal: str | None = None
    type: str | None = None
    after: int = 0
    since: str | None = None
    keys: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()


Listener = Callable[[Sequence[Event]], None]


class EventLog(Protocol):
    """Append, read, subscribe.

    All events of one `append` are committed together or not at all, and the read models are
    updated in the same transaction. A returned append is durable.
    """

    async def append(
        self, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        """Append `events` in order.

        When any event carries a key that the log already holds, nothing is appended and the stored
        events with these keys come back as a duplicate; this is checked first. `expect` maps a
        stream to the version it must be at (0: no event yet).
        Raises VersionConflictError when it is not, StorageError when the disk refuses.
        """
        ...

    async def read(self, query: EventQuery, *, limit: int = 1000) -> Sequence[Event]:
        """Return up to `limit` events by position, in wire form (references only)."""
        ...

    async def inflated(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events with erasable text filled in from the content table, in one query."""
        ...

    async def values(self, refs: Sequence[str]) -> dict[str, Any]:
        """Return the value of each reference that still has one."""
        ...

    async def search_values(self, wanted: Callable[[Any], bool]) -> list[str]:
        """Return the references of every stored value that is `wanted`; reads all of them."""
        ...

    async def erase(self, refs: Sequence[str]) -> int:
        """Erase the text behind the references for good; return how many had some."""
        ...

    async def version(self, stream: str) -> int:
        """Return the version of a stream, 0 for one without events."""
        ...

    async def head(self) -> tuple[int, str]:
        """Return the position and the hash of the newest event; (0, GENESIS) for none."""
        ...

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on this event loop after each commit, also of other processes.

        Events come in order of position, in wire form. Returns the function that ends it.
        """
        ...

    def subscribe(self, query: EventQuery) -> AsyncIterator[Event]:
        """Yield the matching events from `query.after` on, first stored then live, without end."""
        ...

    async def verify(self) -> Verification:
        """Recompute the chain from the first event, and the hash of each text still there."""
        ...

    async def rebuild(self) -> tuple[str, str]:
        """Recreate every read model from the log; return the digests (before, after)."""
        ...

    async def close(self) -> None:
        """Finish pending appends and release everything."""
        ...
