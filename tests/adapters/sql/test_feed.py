import asyncio
from collections.abc import Sequence

import pytest

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.sql import feed
from adapters.sql.feed import Feed
from core.domain.errors import TransientError
from core.domain.events import Event
from core.ports.event_log import EventQuery
from tests.contracts.stores import on
from tests.waiting import PATIENCE_S


class Source:
    """A log of ten events that can be read from once a gate is open."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.gate = asyncio.Event()
        self.failures = 0

    async def read_after(self, position: int) -> Sequence[Event]:
        """Return what comes after a position, three at a time."""
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            message = "away"
            raise TransientError(message)
        return self.events[position : position + 3]


@pytest.fixture
async def source() -> Source:
    """Give a source of ten events."""
    store = MemoryStore([], FakeClock(), SequentialIds())
    await store.append([on(f"s{n}") for n in range(10)])
    return Source(await store.read(EventQuery()))


async def heard_all(heard: Sequence[int]) -> None:
    """Wait until ten events were heard."""
    async with asyncio.timeout(PATIENCE_S):
        while len(heard) < 10:  # noqa: ASYNC110 - the feed has no event to wait for
            await asyncio.sleep(0.001)


async def test_own_commits_wait_for_foreign_ones_before_them(source: Source) -> None:
    """A commit that follows a foreign one is told after it, though it is known before it."""
    heard: list[int] = []
    it = Feed(source.read_after)
    it.start(0)
    it.listen(lambda events: heard.extend(event.position for event in events))
    it.committed(source.events[:2])
    it.committed(source.events[5:6])
    it.reached(8)
    assert heard == [1, 2]
    source.gate.set()
    await asyncio.sleep(0.01)
    it.committed(source.events[9:10])
    await heard_all(heard)
    assert heard == list(range(1, 11))


async def test_nothing_is_told_twice_while_the_feed_catches_up(source: Source) -> None:
    """A commit told at once while older ones are read is not told again from the log."""
    heard: list[int] = []
    it = Feed(source.read_after)
    it.start(0)
    it.listen(lambda events: heard.extend(event.position for event in events))
    it.reached(4)
    await asyncio.sleep(0)
    it.committed(source.events[:4])
    it.reached(10)
    source.gate.set()
    await heard_all(heard)
    assert heard == list(range(1, 11))


async def test_a_log_that_cannot_be_read_is_read_later(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listeners fall behind while the log cannot be read, and catch up by themselves."""
    monkeypatch.setattr(feed, "_RETRY_S", 0.01)
    heard: list[int] = []
    it = Feed(source.read_after)
    it.start(0)
    it.listen(lambda events: heard.extend(event.position for event in events))
    source.failures = 2
    source.gate.set()
    it.reached(10)
    await heard_all(heard)
    assert heard == list(range(1, 11))


async def test_without_listeners_nothing_is_read(source: Source) -> None:
    """A feed that nobody listens to only moves on; who listens later hears what comes later."""
    heard: list[int] = []
    it = Feed(source.read_after)
    it.start(0)
    it.reached(6)
    it.listen(lambda events: heard.extend(event.position for event in events))
    it.committed(source.events[6:8])
    assert heard == [7, 8]
    await it.close()


async def test_closing_stops_the_reading(source: Source) -> None:
    """A feed that is closed while it reads tells nothing more."""
    heard: list[int] = []
    it = Feed(source.read_after)
    it.start(0)
    it.listen(lambda events: heard.extend(event.position for event in events))
    it.reached(10)
    await asyncio.sleep(0)
    await it.close()
    source.gate.set()
    await asyncio.sleep(0.01)
    assert heard == []
