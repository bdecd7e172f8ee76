"""Trouble with the store is told once, waited for, and told to be over once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from core.domain.errors import StorageError
from core.domain.events.health import HealthChanged
from core.telemetry.health import Health
from core.telemetry.store_trouble import StoreTrouble
from tests.core.support.world import World

FULL = StorageError("The disk is full.")


@dataclass
class Store:
    """A store that fails while `fault` is set; `told` is what listeners were told."""

    world: World = field(default_factory=World)
    fault: Exception | None = None
    told: list[str] = field(default_factory=list)
    retried: int = 0

    def __post_init__(self) -> None:
        """Watch it."""
        self.health = Health(self.world.store, self.world.store)
        self.trouble = StoreTrouble(self.probe, self.health, self.world.clock)
        self.trouble.tell(self.told.append)
        self.trouble.retry(self.retry)

    async def probe(self) -> None:
        """Fail as the store does."""
        if self.fault is not None:
            raise self.fault

    async def retry(self) -> None:
        """Count, and fail as everything else does that needs the store."""
        self.retried += 1

    async def after(self, seconds: float) -> None:
        """Let time pass, a tenth of a second at a time."""
        for _ in range(int(seconds * 10)):
            self.world.clock.advance(0.1)
            for _ in range(10):
                await asyncio.sleep(0)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give a watched store."""
    made = Store()
    running = asyncio.create_task(made.trouble.run())
    yield made
    running.cancel()


async def test_what_passes_at_once_is_told_to_nobody(store: Store) -> None:
    """One failure, and the next look is well: no word, no event."""
    store.trouble.failed(FULL)
    await store.after(10)
    assert (store.told, store.retried) == ([], 1)
    assert store.world.events(HealthChanged) == []


async def test_it_is_told_once_and_once_when_it_is_over(store: Store) -> None:
    """However long it lasts and however many fail at it; then both are on the log."""
    store.fault = store.world.store.failure = FULL
    store.trouble.failed(FULL)
    for _ in range(20):
        await store.after(5)
        store.trouble.failed(FULL)
    assert store.told == ["The disk is full."]
    assert [one["part"] for one in await store.health.failing()] == ["storage"]
    store.fault = store.world.store.failure = None
    await store.after(15)
    assert store.told == ["The disk is full.", ""]
    assert [event.state for event in store.world.events(HealthChanged)] == ["failing", "well"]
    assert await store.health.failing() == []


async def test_it_is_not_over_while_somebody_still_fails(store: Store) -> None:
    """A store that takes a little and refuses what matters is not well: no storm of words."""

    async def fails() -> None:
        store.trouble.failed(FULL)

    end = store.trouble.retry(fails)
    store.trouble.failed(FULL)
    await store.after(120)
    assert store.told == ["The disk is full."]
    end()
    await store.after(15)
    assert store.told == ["The disk is full.", ""]


async def test_who_listens_later_is_told_of_what_is(store: Store) -> None:
    """Trouble that began before a chat app was there is told on it all the same."""
    store.fault = FULL
    store.trouble.failed(FULL)
    await store.after(2)
    late: list[str] = []
    store.trouble.tell(late.append)
    assert late == store.told == [str(FULL)]
