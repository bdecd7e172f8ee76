"""One process leads a database; whoever stood still while another took over begins nothing."""

from collections.abc import Iterator

import psycopg
import pytest

from adapters.sql import leading
from adapters.sql.schema import LEADER
from core.domain.errors import RefusedError, StandbyError
from core.domain.events import NewEvent
from core.domain.events.operations import OperationCommitting
from tests.adapters.sql.parts import opened
from tests.contracts.engine_parts import eventually
from tests.contracts.stores import added
from tests.servers.black_hole import BlackHole
from tests.servers.postgres import PostgresServer


def commits(attempt: int = 1) -> NewEvent:
    """Return the point of no return of some operation."""
    return NewEvent(stream="goal:G1", payload=OperationCommitting(marker="m", attempt=attempt))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look after the lead ten times a second, and give up on a server after one."""
    monkeypatch.setattr(leading, "BEAT_S", 0.1)
    monkeypatch.setattr("adapters.sql.database.ANSWER_S", 1.0)


@pytest.fixture
def sqlite_url(tmp_path: object) -> str:
    """Give the URL of a file."""
    return f"sqlite:///{tmp_path}/log.db"


@pytest.fixture
def hole(postgres_server: PostgresServer) -> Iterator[BlackHole]:
    """Give a way to the worker's server that can be closed."""
    with BlackHole(postgres_server.port) as hole:
        yield hole


def _cut_off(url: str) -> None:
    """End the session that holds the lead, as a server does with one that stands still."""
    with psycopg.connect(url, autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks "
            "WHERE locktype = 'advisory' AND objid = %s",
            [LEADER],
        ).fetchall()
    assert ended == [(True,)]


async def test_a_second_one_is_refused_on_a_server(postgres_url: str) -> None:
    """While one leads, another is refused by name; when it has ended, the next one leads."""
    async with opened(postgres_url) as first, opened(postgres_url) as second:
        await first.lead()
        with pytest.raises(RefusedError, match="Another Equerry is running on the database"):
            await second.lead()
        await first.append([commits()])
        await first.close()
        await second.lead()
        await second.append([commits(2)])


@pytest.mark.parametrize("where", ["sqlite_url", "postgres_url"])
async def test_who_was_taken_over_begins_nothing(
    where: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch that another has counted up refuses its effects; what has none is still taken."""
    monkeypatch.setattr(leading, "BEAT_S", 60.0)  # the first one stands still
    url = request.getfixturevalue(where)
    async with opened(url) as first, opened(url) as second:
        await first.lead()
        await first.append([commits()])
        if where == "postgres_url":
            _cut_off(url)
        await second.lead()
        with pytest.raises(StandbyError, match="has taken over"):
            await first.append([commits(2)])
        await first.append([added()])
        await second.append([commits(3)])
        assert await second.version("goal:G1") == 2


async def test_a_lead_that_was_lost_is_taken_again(postgres_url: str) -> None:
    """A session that the server has ended is replaced by itself, and commits go on."""
    async with opened(postgres_url) as store:
        await store.lead()
        _cut_off(postgres_url)
        await eventually(lambda: not store.leads)
        await eventually(lambda: store.leads)
        await store.append([commits()])


async def test_a_lead_behind_a_black_hole_is_taken_again(
    hole: BlackHole, postgres_server: PostgresServer, postgres_url: str
) -> None:
    """The server still believes in the session that was cut off: it is ended at once."""
    url = postgres_url.replace(f":{postgres_server.port}/", f":{hole.port}/")
    async with opened(url) as store:
        await store.lead()
        with hole.closed():
            await eventually(lambda: not store.leads)
        await eventually(lambda: store.leads)
        await store.append([commits(2)])
