"""The queue of updates: kept until confirmed, told in order, one poller at a time."""

from collections.abc import Iterable
from itertools import count

from tests.servers.telegram.model import Json

FIRST = 700_001
# Not told unless asked for.
RARE = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Updates:
    """Updates that no bot has confirmed."""

    def __init__(self) -> None:
        self.pending: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        self.turn = 0
        self.waiting = 0
        self._again: list[Json] = []
        self._ids = count(FIRST)

    def put(self, kind: str, body: Json) -> Json | None:
        """Queue an update; returns None for a kind that the bot did not ask for."""
        wanted = kind in self.allowed if self.allowed else kind not in RARE
        if not wanted:
            return None
        update: Json = {"update_id": next(self._ids), kind: body}
        self.pending.append(update)
        return update

    def repeat(self, update: Json) -> None:
        """Tell an update once more, as if its confirmation had been lost."""
        if update not in self.pending:
            self._again.append(update)

    def allow(self, kinds: Iterable[str]) -> None:
        """Choose the kinds told from now on; none means the usual ones."""
        self.allowed = frozenset(kinds)

    def confirm(self, offset: int) -> None:
        """Forget what lies below an offset; a negative one keeps that many of the last."""
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [one for one in self.pending if one["update_id"] >= offset]

    def take(self, limit: int) -> list[Json]:
        """Return what is told now; repeated updates are told once, before the others."""
        taken = (self._again + self.pending)[:limit]
        self._again = self._again[limit:]
        return taken

    @property
    def any(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.pending or self._again)

    def first(self) -> Json | None:
        """Return what a webhook is told next."""
        waiting = self._again or self.pending
        return waiting[0] if waiting else None

    def done(self, update: Json) -> None:
        """Forget what a webhook took."""
        for queue in (self._again, self.pending):
            if update in queue:
                queue.remove(update)
                return

    def clear(self) -> None:
        """Forget everything."""
        self.pending.clear()
        self._again.clear()
