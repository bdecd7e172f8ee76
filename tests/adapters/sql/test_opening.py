"""A database of another version: brought up to date whole, left as it was, or refused by name."""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from adapters.inmemory.clock import FakeClock
from adapters.sql import SqlStore
from adapters.sql.database import Database
from adapters.system import SystemIds
from core.domain.errors import StorageError, UnreadableEventError
from core.domain.events import REVISION
from core.ports.event_log import EventQuery
from core.ports.read_models import Projection, Row
from tests.adapters.sql.parts import SqlIntruder, execute, opened
from tests.contracts.stores import BOARD, added, digest_by_fold, done

ROOT = Path(__file__).parents[3]
KILLED_WHILE_OPENING = """
import asyncio, os, signal, sys
from adapters.inmemory.clock import FakeClock
from adapters.sql import SqlStore
from adapters.sql.database import Database
from adapters.system import SystemIds
from tests.contracts.stores import BOARD

def die(position, total):
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(SqlStore.open(sys.argv[1], [BOARD], FakeClock(), SystemIds(), die))
"""


class Renamed(type(BOARD)):  # type: ignore[misc] # the class of the shared projection
    """The board in a later form: what is done is called closed."""

    version = 2

    def fold(self, happened: Any, get: Any) -> Iterator[Any]:  # noqa: ANN401 - as the fold it wraps
        """Fold one event."""
        for row in super().fold(happened, get):
            closed = isinstance(row, Row) and row.state == "done"
            yield Row(row.key, row.doc, row.group, "closed") if closed else row


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
async def old(url: str) -> str:
    """Give a database as the first version left it, with rows that no fold gives any more."""
    await make_old(url)
    return url


async def make_old(url: str) -> None:
    """Fill a database, and take it back to the form of the first version."""
    async with opened(url) as store:
        await store.append([added("T1", project="p"), done("T1"), added("T2")])
    execute(url, "UPDATE alembic_version SET version_num = '0001'")
    execute(url, "DELETE FROM store_meta")
    execute(url, "UPDATE read_rows SET row_state = 'old'")


def everything(url: str) -> dict[str, list[Any]]:
    """Return all that the database holds."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    tables = ("alembic_version", "events", "contents", "read_rows", "store_meta")
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))  # noqa: S608
            for name in tables
        }
    engine.dispose()
    return found


async def refusal(url: str, *projections: Projection) -> str:
    """Return the sentence that opening is refused with; nothing in the database may change."""
    before = everything(url)
    with pytest.raises(StorageError) as raised:
        await SqlStore.open(url, projections or (BOARD,), FakeClock(), SystemIds())
    assert everything(url) == before
    return str(raised.value)


async def test_an_old_database_is_brought_up_to_date(old: str) -> None:
    """Tables, rows and what is noted are those of this version after one opening."""
    async with opened(old) as store:
        assert await store.digest() == digest_by_fold([BOARD], await store.read(EventQuery()))
    noted = everything(old)
    async with opened(old):
        pass
    assert everything(old) == noted


async def test_an_event_that_cannot_be_read_leaves_the_old_state(old: str) -> None:
    """The event is named, and the version that wrote the database opens it as before."""
    await SqlIntruder(old).change(2, payload={"thing": "T1"})
    said = await refusal(old)
    assert "was left as it is: Event 2 (todo.done.v1) cannot be read" in said
    assert "todo: field required" in said


@pytest.mark.parametrize("error", [KeyError("shape"), ValueError("42"), AttributeError("x")])
async def test_a_fold_that_fails_leaves_the_old_state(old: str, error: Exception) -> None:
    """Whatever a fold trips over, the event is named and all stays as it was."""

    class Broken(type(BOARD)):  # type: ignore[misc] # the class of the shared projection
        def fold(self, happened: Any, get: Any) -> Iterator[Any]:  # noqa: ANN401 - as the fold it wraps
            if happened.position == 3:
                raise error
            yield from super().fold(happened, get)

    assert "Event 3 (todo.added.v1) cannot be read" in await refusal(old, Broken())


async def test_an_upgrade_that_is_killed_leaves_the_old_state(old: str) -> None:
    """After kill -9 in the middle all is as it was, and the next opening does it whole."""
    before = everything(old)
    command = sys.executable, "-c", KILLED_WHILE_OPENING, old
    ended = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    assert await ended.wait() == -signal.SIGKILL
    assert everything(old) == before
    await test_an_old_database_is_brought_up_to_date(old)


async def test_events_of_a_newer_version_are_refused(url: str) -> None:
    """A type that this version does not know is named with its first event."""
    async with opened(url) as store:
        await store.append([added("T1"), added("T2"), added("T3")])
    execute(url, "UPDATE events SET event_type = 'todo.added.v9' WHERE position > 1")
    said = await refusal(url)
    assert "by a newer version of Equerry: it has events of the type todo.added.v9" in said
    assert "the first is event 2" in said
    assert "update the program" in said


async def test_a_newer_revision_is_refused(url: str) -> None:
    """Known types may have fields that this version would refuse: the revision tells."""
    async with opened(url) as store:
        await store.append([added("T1")])
    statement = "UPDATE store_meta SET body = :body WHERE meta_name = 'events_revision'"
    assert execute(url, statement, body=str(REVISION + 1)) == 1
    assert f"(revision {REVISION + 1} of its events" in await refusal(url)


async def test_a_newer_schema_is_refused(url: str) -> None:
    """A migration that this version does not have is named."""
    async with opened(url):
        pass
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    assert "(schema 9999" in await refusal(url)


async def test_a_fold_of_another_version_is_folded_again(url: str) -> None:
    """Rows follow the version of their fold, forward and back."""
    async with opened(url) as store:
        await store.append([added("T1"), done("T1")])
    for projection, state in ((Renamed(), "closed"), (BOARD, "done")):
        async with opened(url, [projection]) as store:
            row = await store.get("board", "T1")
            assert row is not None
            assert row.state == state
            before, after = await store.rebuild()
            assert before == after


async def test_an_upgrade_says_how_far_it_is(old: str) -> None:
    """Who opens hears how many events of how many are read."""
    heard: list[tuple[int, int]] = []
    for _ in range(2):
        store = await SqlStore.open(
            old, [BOARD], FakeClock(), SystemIds(), lambda *done: heard.append(done)
        )
        await store.close()
    assert heard == [(3, 3)]


async def test_rebuilding_names_what_cannot_be_folded(url: str) -> None:
    """A rebuild that meets such an event changes no row; verifying still tells of it."""
    async with opened(url) as store:
        await store.append([added("T1"), done("T1")])
        await SqlIntruder(url).change(2, payload={"thing": "T1"})
        before = await store.digest()
        with pytest.raises(UnreadableEventError, match=r"Event 2 \(todo\.done\.v1\).* no 'todo'"):
            await store.rebuild()
        assert await store.digest() == before
    async with opened(url) as store:
        assert "Event 2 was changed" in str((await store.verify()).problem)


async def test_verifying_says_how_far_it_is(tmp_path: Path) -> None:
    """A log of several batches is heard of after each."""
    async with opened(f"sqlite:///{tmp_path}/log.sqlite") as store:
        await store.append([added(f"T{n}") for n in range(1200)])
        heard: list[tuple[int, int]] = []
        await store.verify(lambda *done: heard.append(done))
        assert heard == [(1000, 1200), (1200, 1200)]


async def test_an_upgrade_that_fails_anywhere_leaves_the_old_state(tmp_path: Path) -> None:
    """Whichever statement the disk gives out at, all is as it was; with room it is done whole."""
    url = f"sqlite:///{tmp_path}/log.sqlite"
    await make_old(url)
    before, statements = everything(url), 0
    while True:
        store = SqlStore(Database(url), [BOARD], FakeClock(), SystemIds())
        fail_after(store, statements)
        try:
            await store._start(None, None)
        except StorageError:
            assert everything(url) == before
        else:
            assert await store.digest() == digest_by_fold([BOARD], await store.read(EventQuery()))
            break
        finally:
            await store.close()
        statements += 1
    assert statements > 5


def fail_after(store: SqlStore, statements: int) -> None:
    """Have the writer's connection say that the disk is full, after some statements that write."""
    left = iter(range(statements))

    def refuse(action: int, *_: object) -> int:
        writes = action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
        refused = writes and next(left, None) is None
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    @event.listens_for(store._database._writers, "connect")
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_authorizer(refuse)
