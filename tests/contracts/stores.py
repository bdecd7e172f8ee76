"""What the suites of the store share: builders of events, a projection, an intruder."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, ClassVar, Protocol

import pytest

from adapters.inmemory.clock import FakeClock
from core.domain.erasable import Erasable
from core.domain.events import Event, NewEvent
from core.domain.events.personal import TodoAdded, TodoDone, TodoRemoved, TodoReopened
from core.log.folding import Folder, RowBook, digest_of
from core.ports.event_log import EventLog
from core.ports.read_models import Drop, Get, Projection, ReadModels, Row
from tests.waiting import PATIENCE_S


class Store(EventLog, ReadModels, Protocol):
    """Both ports, as every store implements them."""

    async def digest(self) -> str:
        """Return the digest of all rows."""
        ...


class Intruder(Protocol):
    """Changes stored data behind the back of a store."""

    async def change(self, position: int, **fields: Any) -> None:  # noqa: ANN401 - any field
        """Overwrite fields of an event; `payload` is a JSON object."""
        ...

    async def lose(self, position: int) -> None:
        """Delete an event."""
        ...

    async def reword(self, ref: str, body: str | None) -> None:
        """Overwrite a text; None deletes its row."""
        ...

    async def smudge(self, projection: str, key: str) -> None:
        """Damage a row of a read model."""
        ...


class Board:
    """A small projection: a row for each to-do, and a count for each project."""

    name = "board"
    version = 1
    handles = frozenset({"todo.added.v1", "todo.done.v1", "todo.removed.v1"})

    def fold(self, event: Event, get: Get) -> Iterable[Row | Drop]:
        """Fold one event."""
        key = event.payload["todo"]
        if event.type == "todo.added.v1":
            project = event.payload["project"]
            yield Row(key, {"title": event.payload["title"]}, project, "open", event.at)
            count = get(f"#{project}")
            yield Row(f"#{project}", {"count": count.doc["count"] + 1 if count else 1})
        elif event.type == "todo.removed.v1":
            yield Drop(key)
        elif (row := get(key)) is not None:
            yield Row(key, row.doc, row.group, "done")


BOARD = Board()


def added(todo: str = "T1", *, key: str | None = None, project: str | None = None) -> NewEvent:
    """Say that a to-do was written down."""
    payload = TodoAdded(todo=todo, title=Erasable.of(f"title of {todo}"), project=project)
    return NewEvent(stream=f"todo:{todo}", payload=payload, key=key)


def done(todo: str = "T1", *, key: str | None = None) -> NewEvent:
    """Say that a to-do was done."""
    return NewEvent(stream=f"todo:{todo}", payload=TodoDone(todo=todo), key=key)


def reopened(todo: str = "T1") -> NewEvent:
    """Say that a to-do counts as open again; no projection here handles it."""
    return NewEvent(stream=f"todo:{todo}", payload=TodoReopened(todo=todo))


def removed(todo: str = "T1") -> NewEvent:
    """Say that a to-do was taken back."""
    return NewEvent(stream=f"todo:{todo}", payload=TodoRemoved(todo=todo))


def on(stream: str, *, goal: str | None = None, key: str | None = None) -> NewEvent:
    """Return some event of a stream."""
    return NewEvent(stream=stream, payload=TodoReopened(todo="T"), goal=goal, key=key)


async def take(events: AsyncIterator[Event], count: int) -> list[Event]:
    """Return the next `count` events of an endless stream; fails when they do not come."""
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(events) for _ in range(count)]


def digest_by_fold(projections: Sequence[Projection], events: Iterable[Event]) -> str:
    """Return the digest of the rows that a fold from nothing gives."""
    folder, book = Folder(projections), RowBook(lambda _projection, _key: None)
    for event in events:
        folder.fold(event, book)
    rows = sorted(row for row in book.changed.values() if row is not None)
    return digest_of(rows)


class StoreContract:
    """What the suites have in common; implementations give the fixture `store`, over `clock`."""

    projections: ClassVar[Sequence[Projection]] = (BOARD,)

    @pytest.fixture
    def store(self, clock: FakeClock) -> Store:
        """Give an empty store with the projections of the suite."""
        raise NotImplementedError

    @pytest.fixture
    def clock(self) -> FakeClock:
        """Give the clock that the store runs by."""
        return FakeClock()
