from collections.abc import AsyncIterator

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.sql import SqlStore
from tests.adapters.sql.parts import SqlIntruder, opened
from tests.contracts import event_log, live_log, read_models, replay


@pytest.fixture
def url(postgres_url: str) -> str:
    """Give the URL of an empty database on a private server."""
    return postgres_url


@pytest.fixture
def intruder(url: str) -> SqlIntruder:
    """Give somebody who changes the database behind the store's back."""
    return SqlIntruder(url)


class TestEventLog(event_log.EventLogContract):
    @pytest.fixture
    async def store(self, url: str, clock: FakeClock) -> AsyncIterator[SqlStore]:
        """Give an empty store."""
        async with opened(url, clock=clock) as store:
            yield store


class TestLiveLog(live_log.LiveLogContract):
    @pytest.fixture
    async def store(self, url: str, clock: FakeClock) -> AsyncIterator[SqlStore]:
        """Give an empty store."""
        async with opened(url, clock=clock) as store:
            yield store


class TestReadModels(read_models.ReadModelsContract):
    @pytest.fixture
    async def store(self, url: str, clock: FakeClock) -> AsyncIterator[SqlStore]:
        """Give an empty store."""
        async with opened(url, read_models.PROJECTIONS, clock) as store:
            yield store


class TestReplay(replay.ReplayContract):
    @pytest.fixture
    async def store(self, url: str, clock: FakeClock) -> AsyncIterator[SqlStore]:
        """Give an empty store."""
        async with opened(url, replay.PROJECTIONS, clock) as store:
            yield store
