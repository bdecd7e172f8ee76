"""A store that dies at a chosen append, before or after it took effect."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from adapters.inmemory.event_log import MemoryStore
from core.domain.events import NewEvent
from core.ports.clock import Clock
from core.ports.event_log import Appended
from core.ports.ids import Ids
from core.projections import ALL
from tests.core.support.actions import Crash


class FragileStore(MemoryStore):
    """Raises Crash at the append numbered `crash_at` (from 1); `late` lets it take effect first.

    `meanwhile` is awaited before each append, until it returns True: somebody else was quicker.
    """

    def __init__(self, clock: Clock, ids: Ids) -> None:
        """Count from zero and never crash by default."""
        super().__init__(ALL, clock, ids)
        self.appends = 0
        self.crash_at: int | None = None
        self.late = False
        self.failure: Exception | None = None
        self.meanwhile: Callable[[Sequence[NewEvent]], Awaitable[bool]] | None = None

    async def append(
        self, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        """Append, or die."""
        self.appends += 1
        if (hook := self.meanwhile) is not None:
            self.meanwhile = None
            if not await hook(events):
                self.meanwhile = hook
        dies = self.appends == self.crash_at
        if self.failure is not None:
            raise self.failure
        if dies and not self.late:
            raise Crash
        appended = await super().append(events, expect=expect)
        if dies:
            raise Crash
        return appended

    def types(self) -> list[str]:
        """Return the wire names in order."""
        return [event.type for event in self.stored]
