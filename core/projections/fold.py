"""A projection as a table of small functions, one per event type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.events import Event, upcast
from core.ports.read_models import Drop, Get, Row

Handler = Callable[[Event, dict[str, Any], Get], Iterable[Row | Drop]]


@dataclass(frozen=True)
class TableProjection:
    """`handlers` maps a wire name to the function that folds it; upcasters run first."""

    name: str
    handlers: Mapping[str, Handler]
    handles: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Publish the types that are folded."""
        object.__setattr__(self, "handles", frozenset(self.handlers))

    def fold(self, event: Event, get: Get) -> Iterable[Row | Drop]:
        """Return the rows that `event` writes."""
        kind, payload = upcast(event.type, event.payload)
        handler = self.handlers.get(kind)
        return () if handler is None else handler(event, payload, get)


def changed(row: Row | None, state: str | None = None, **doc: Any) -> list[Row | Drop]:  # noqa: ANN401
    """Return the row with some fields of its document changed; nothing for no row."""
    if row is None:
        return []
    return [replace(row, doc={**row.doc, **doc}, state=state or row.state)]
