from typing import Any

import pytest

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from core.domain.erasable import Content
from tests.contracts import event_log, live_log, read_models, replay
from tests.contracts.stores import BOARD


class MemoryIntruder:
    """Reaches into the lists of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def change(self, position: int, **fields: Any) -> None:  # noqa: ANN401 - any field
        """Overwrite fields of an event."""
        event = self._store.stored[position - 1]
        self._store.stored[position - 1] = event.model_copy(update=fields)

    async def lose(self, position: int) -> None:
        """Delete an event."""
        del self._store.stored[position - 1]

    async def reword(self, ref: str, body: str | None) -> None:
        """Overwrite a text; None deletes its row."""
        if body is None:
            del self._store.contents[ref]
        else:
            salt = self._store.contents[ref].salt
            self._store.contents[ref] = Content(ref=ref, salt=salt, body=body)

    async def smudge(self, projection: str, key: str) -> None:
        """Damage a row."""
        row = self._store.rows[projection, key]
        self._store.rows[projection, key] = row._replace(doc="{}")


@pytest.fixture
def intruder(store: MemoryStore) -> MemoryIntruder:
    """Give somebody who changes the store behind its back."""
    return MemoryIntruder(store)


class TestEventLog(event_log.EventLogContract):
    @pytest.fixture
    async def store(self, clock: FakeClock) -> MemoryStore:
        """Give an empty store."""
        return MemoryStore([BOARD], clock, SequentialIds())


class TestLiveLog(live_log.LiveLogContract):
    @pytest.fixture
    async def store(self, clock: FakeClock) -> MemoryStore:
        """Give an empty store."""
        return MemoryStore([BOARD], clock, SequentialIds())


class TestReadModels(read_models.ReadModelsContract):
    @pytest.fixture
    async def store(self, clock: FakeClock) -> MemoryStore:
        """Give an empty store."""
        return MemoryStore(read_models.PROJECTIONS, clock, SequentialIds())


class TestReplay(replay.ReplayContract):
    @pytest.fixture
    async def store(self, clock: FakeClock) -> MemoryStore:
        """Give an empty store."""
        return MemoryStore(replay.PROJECTIONS, clock, SequentialIds())
