"""The engine: makes work run. Durability is the event log's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Drain = Callable[[str], Awaitable[None]]
"""Advance one conversation until everything in it waits or has ended; idempotent."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """How the engine is: `problem` is one sentence, None when all is well."""

    running: int
    waiting: int
    failures: int = 0
    problem: str | None = None


class Agenda(Protocol):
    """What the engine asks the log's read models: who has unfinished work, and what is due."""

    async def unfinished(self) -> Sequence[str]:
        """Return the conversations with work that could go on now."""
        ...

    async def due(self, now: datetime) -> Sequence[str]:
        """Return the conversations with a timer due at or before `now`."""
        ...

    async def next_due(self) -> datetime | None:
        """Return when the earliest timer is due."""
        ...


class Engine(Protocol):
    """Runs drains: one at a time per conversation, conversations side by side."""

    async def wake(self, conversation: str, at: datetime | None = None) -> None:
        """Hint that a conversation has work, now or `at` a time.

        Delivered at least once, coalesced: a wake during a drain causes one more drain after it.
        """
        ...

    async def run(self, drain: Drain) -> None:
        """Wake everything unfinished, then run drains until cancelled.

        A drain that raises is logged and tried again after a growing pause; others go on.
        """
        ...

    async def idle(self) -> None:
        """Return when no drain runs and none is asked for."""
        ...

    async def health(self) -> EngineHealth:
        """Return how the engine is."""
        ...
