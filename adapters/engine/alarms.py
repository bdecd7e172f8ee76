"""Who must be woken because a time has come, asked of the log's read models.

Nothing here sleeps: one loop of the engine asks `take` and rests until `next`.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.engine.failures import pause_after
from core.ports.engine import Agenda

OVERDUE_CHECK_S = 1.0
"""How often to look while a timer is overdue: it hides later ones from `Agenda.next_due`."""


@dataclass(frozen=True, slots=True)
class _Rung:
    """When a conversation was last woken for a timer, and how often for the same one."""

    at: datetime
    times: int = 1

    def over(self, now: datetime) -> bool:
        """Whether it may be woken again for a timer that its drains leave due."""
        waited = (now - self.at).total_seconds()
        return waited < 0 or waited >= pause_after(self.times)


class Alarms:
    """Timers of the agenda, and wakes that were asked for at a time."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._hints: list[tuple[datetime, str]] = []
        self._known: set[tuple[datetime, str]] = set()
        self._rung: dict[str, _Rung] = {}
        self._checked: datetime | None = None
        self.next: datetime | None = None

    def hint(self, conversation: str, at: datetime) -> None:
        """Remember a wake `at` a time; the same one twice is one."""
        wanted = (at, conversation)
        if wanted not in self._known:
            self._known.add(wanted)
            heapq.heappush(self._hints, wanted)

    async def take(self, now: datetime) -> Sequence[str]:
        """Return who must be woken `now`, and set `next` to when to ask again (None: nothing)."""
        first = await self._agenda.next_due()
        overdue = first is not None and first <= now
        woken = await self._overdue(now) if overdue else []
        if not overdue:
            self._rung.clear()
        self._checked = now
        while self._hints and self._hints[0][0] <= now:
            wanted = heapq.heappop(self._hints)
            self._known.discard(wanted)
            woken.append(wanted[1])
        again = now + timedelta(seconds=OVERDUE_CHECK_S) if overdue else first
        hinted = self._hints[0][0] if self._hints else None
        self.next = min((at for at in (again, hinted) if at is not None), default=None)
        return woken

    async def _overdue(self, now: datetime) -> list[str]:
        """Return the conversations with a due timer, but none over and over for the same one.

        A drain that fails, runs long or forgets its timer leaves it due. What was due at the last
        look already and is so still is woken again only after a growing pause.
        """
        found = await self._agenda.due(now)
        stuck: set[str] = set()
        if self._checked is not None and not self._rung.keys().isdisjoint(found):
            stuck = self._rung.keys() & set(await self._agenda.due(self._checked))
        rung: dict[str, _Rung] = {}
        woken: list[str] = []
        for conversation in dict.fromkeys(found):
            last = self._rung[conversation] if conversation in stuck else None
            if last is not None and not last.over(now):
                rung[conversation] = last
                continue
            rung[conversation] = _Rung(now, last.times + 1 if last else 1)
            woken.append(conversation)
        self._rung = rung
        return woken
