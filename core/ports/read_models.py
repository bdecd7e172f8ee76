"""Read models: rows folded from events, queried by group, state and due time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.domain.events import Event


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `doc` is JSON; group, state and due are the columns it can be found by."""

    key: str
    doc: dict[str, Any]
    group: str | None = None
    state: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove the row with this key."""

    key: str


Get = Callable[[str], Row | None]


class Projection(Protocol):
    """A pure fold from events in wire form to rows: the same prefix gives the same rows."""

    @property
    def name(self) -> str:
        """The name that queries use."""
        ...

    @property
    def handles(self) -> frozenset[str]:
        """The wire names it folds."""
        ...

    def fold(self, event: Event, get: Get) -> Iterable[Row | Drop]:
        """Return the rows that `event` writes; `get` reads this projection's own rows."""
        ...


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows; every field narrows. Ordered by `order`, then key.

    `prefix` is how the key begins: an indexed look-up, however many rows there are.
    """

    projection: str
    group: str | None = None
    prefix: str = ""
    states: frozenset[str] = field(default_factory=frozenset)
    due_by: datetime | None = None
    order: str = "key"
    newest_first: bool = False


class ReadModels(Protocol):
    """Queries over the rows; they are never older than the last append that returned."""

    async def get(self, projection: str, key: str) -> Row | None:
        """Return one row."""
        ...

    async def find(self, query: RowQuery, *, limit: int | None = 100) -> Sequence[Row]:
        """Return up to `limit` rows, None: all of them.

        `order` is `key`, `due` or `written` (by last write). Who decides something by the rows asks
        for all: a limit is for what is shown, with a count of the rest.
        """
        ...

    async def count(self, query: RowQuery) -> int:
        """Return how many rows match."""
        ...

    async def groups(self, query: RowQuery) -> Sequence[str]:
        """Return the distinct groups of the matching rows."""
        ...

    async def next_due(self, projection: str) -> Row | None:
        """Return the row with the earliest due time."""
        ...
