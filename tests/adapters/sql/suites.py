"""The store's suites over a database; a test module gives the fixture `url`."""

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.sql import SqlStore
from core.ports.read_models import Projection
from tests.adapters.sql.parts import SqlIntruder, opened
from tests.contracts import event_log, live_log, read_models, replay


class _OverSql:
    projections: ClassVar[Sequence[Projection]]

    @pytest.fixture
    async def store(self, url: str, clock: FakeClock) -> AsyncIterator[SqlStore]:
        """Give an empty store."""
        async with opened(url, self.projections, clock) as store:
            yield store

    @pytest.fixture
    def intruder(self, url: str) -> SqlIntruder:
        """Give somebody who changes the database behind the store's back."""
        return SqlIntruder(url)


class SqlEventLog(_OverSql, event_log.EventLogContract):
    """The event log."""


class SqlLiveLog(_OverSql, live_log.LiveLogContract):
    """The live log."""


class SqlReadModels(_OverSql, read_models.ReadModelsContract):
    """The read models."""


class SqlReplay(_OverSql, replay.ReplayContract):
    """Rebuilding."""
