"""What the engine asks: who has unfinished work, and what is due."""

from collections.abc import Sequence
from datetime import datetime

from core.ports.read_models import ReadModels, RowQuery
from core.projections.card_places import UNDRAWN

_REMINDERS = frozenset({"set"})
_WAITING = frozenset({"waiting"})
_NEW = frozenset({"new"})


class RowAgenda:
    """The agenda from the read models."""

    def __init__(self, rows: ReadModels) -> None:
        """Read from `rows`."""
        self._rows = rows

    async def unfinished(self) -> Sequence[str]:
        """Return the conversations with a new message, an active goal, or something to send."""
        queries = (
            RowQuery("messages", states=frozenset({"new"})),
            RowQuery("goals", states=frozenset({"active"})),
            RowQuery("outbox", states=frozenset({"queued", "sending"})),
            RowQuery("cards", states=frozenset({"unshown", "closing"})),
            RowQuery("card_places", states=frozenset({UNDRAWN})),
        )
        found: dict[str, None] = {}
        for query in queries:
            found.update(dict.fromkeys(await self._rows.groups(query)))
        return list(found)

    async def due(self, now: datetime) -> Sequence[str]:
        """Return the conversations with a reminder, a waiting goal or a message due by `now`."""
        queries = (
            RowQuery("reminders", states=_REMINDERS, due_by=now),
            RowQuery("goals", states=_WAITING, due_by=now),
            RowQuery("messages", states=_NEW, due_by=now),
        )
        found: dict[str, None] = {}
        for query in queries:
            found.update(dict.fromkeys(await self._rows.groups(query)))
        return list(found)

    async def next_due(self) -> datetime | None:
        """Return when the earliest reminder, waiting goal or message is due."""
        rows = [await self._rows.next_due(name) for name in ("reminders", "goals", "messages")]
        times = [row.due for row in rows if row is not None and row.due is not None]
        return min(times, default=None)
