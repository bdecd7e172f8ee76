"""A PostgreSQL server whose packets vanish: no call hangs, and the store goes on by itself."""

import asyncio
import threading
from collections.abc import Iterator

import psycopg
import pytest

from adapters.inmemory.clock import FakeClock
from adapters.sql import server
from adapters.sql.database import READERS
from adapters.sql.schema import LOCK
from adapters.sql.store import SqlStore
from adapters.system import SystemIds
from core.domain.errors import TransientError
from core.ports.event_log import EventQuery
from tests.adapters.sql.parts import opened
from tests.contracts.stores import BOARD, added, on
from tests.servers.black_hole import BlackHole
from tests.servers.postgres import PostgresServer

SOON_S = 12.0
"""More than a cut, a connection that is not answered, and a slow machine take."""


@pytest.fixture
def hole(postgres_server: PostgresServer) -> Iterator[BlackHole]:
    """Give a way to the worker's server that can be closed."""
    with BlackHole(postgres_server.port) as hole:
        yield hole


@pytest.fixture
def through(hole: BlackHole, postgres_server: PostgresServer, postgres_url: str) -> str:
    """Give the URL of an empty database behind the hole."""
    return postgres_url.replace(f":{postgres_server.port}/", f":{hole.port}/")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after a second or two in place of 15 and 5."""
    monkeypatch.setitem(server.SETTINGS, "lock_timeout", "500ms")
    monkeypatch.setattr("adapters.sql.database.ANSWER_S", 1.0)
    monkeypatch.setattr("adapters.sql.database.ENDING_S", 1)
    monkeypatch.setitem(server.CONNECT_ARGS, "connect_timeout", 2)


async def test_what_is_asked_into_a_black_hole_fails_soon(through: str, hole: BlackHole) -> None:
    """Appends and reads raise TransientError, whether they had a connection or need a new one."""
    async with opened(through) as store:
        await store.append([added()])
        hole.close()
        async with asyncio.timeout(SOON_S):
            for _ in range(2):
                both = store.append([on("a")]), store.read(EventQuery())
                for error in await asyncio.gather(*both, return_exceptions=True):
                    assert isinstance(error, TransientError), error


async def test_the_store_goes_on_by_itself(through: str, hole: BlackHole) -> None:
    """Once packets pass again, appends, reads and listeners do, with nothing lost or doubled."""
    async with opened(through) as store:
        heard = store.subscribe(EventQuery())
        await store.append([added()])
        with hole.closed(), pytest.raises(TransientError):
            await store.append([on("a", key="k")])
        async with asyncio.timeout(SOON_S):
            await store.append([on("a", key="k")])
            seen = [(await anext(heard)).stream for _ in range(2)]
        assert seen == ["todo:T1", "a"]
        assert (await store.verify()).events == len(seen)


async def test_a_server_that_came_back_is_connected_to_at_the_end(
    through: str, hole: BlackHole
) -> None:
    """Trouble that is over keeps nothing that is done last from a new connection."""
    async with opened(through) as store:
        await store.append([added()])
        with hole.closed(), pytest.raises(TransientError):
            await store.read(EventQuery())
        assert await store.read(EventQuery())
        store.hurry()
        together = threading.Barrier(READERS, timeout=SOON_S)  # so that each needs a connection
        await asyncio.gather(*(store._read(lambda _: together.wait()) for _ in range(READERS)))


async def test_closing_waits_for_no_answer(through: str, hole: BlackHole) -> None:
    """A store closes within seconds, though an append waits for a server that says nothing."""
    store = await SqlStore.open(through, (BOARD,), FakeClock(), SystemIds())
    await store.append([added()])
    hole.close()
    waiting = asyncio.create_task(store.append([on("a")]))
    await asyncio.sleep(0)
    async with asyncio.timeout(SOON_S):
        await store.close()
        with pytest.raises(TransientError):
            await waiting


async def test_a_lock_that_somebody_keeps_is_waited_for_a_while(postgres_url: str) -> None:
    """A writer that stands still in a transaction holds up others for so long, and they say so."""
    async with opened(postgres_url) as store:
        with psycopg.connect(postgres_url) as other:
            other.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            with pytest.raises(TransientError, match="keeps the database"):
                await store.append([added()])
        await store.append([added()])


async def test_a_session_bounds_what_the_server_does(postgres_url: str) -> None:
    """Sessions of the store end with a client that is gone, and hold no lock for minutes."""
    async with opened(postgres_url) as store:
        bounds = await store._read(  # the settings are what the server goes by
            lambda connection: [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("statement_timeout", "lock_timeout", "tcp_keepalives_idle")
            ]
        )
    assert bounds == ["12s", "500ms", "10"]
