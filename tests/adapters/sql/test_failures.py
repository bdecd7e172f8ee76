import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import make_url

from adapters.inmemory.clock import SequentialIds
from adapters.sql import SqlStore, database
from adapters.sql.schema import LOCK
from adapters.sql.transacting import Transactor
from adapters.sql.writer import Writer
from core.domain.erasable import Erasable
from core.domain.errors import StorageError, StoreAwayError, TransientError
from core.domain.events import NewEvent
from core.domain.events.memory import FactLearned
from core.ports.event_log import EventQuery
from tests.adapters.sql.parts import execute, opened
from tests.contracts.stores import added, done, on
from tests.servers.postgres import PostgresServer
from tests.servers.process import LOOPBACK, free_port


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Give the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/log.sqlite"


@pytest.fixture
def ordinary_user(tmp_path: Path) -> Iterator[None]:
    """Run the test as somebody whom rights of files hold back."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def fact(size: int) -> NewEvent:
    """Return an event with a text of some size."""
    text = Erasable.of("x" * size)
    return NewEvent(stream="f", payload=FactLearned(fact="F", text=text, by="me"))


def holding(folder: Path, text: str) -> list[str]:
    """Name the files in a folder that contain a text."""
    return [path.name for path in folder.iterdir() if text.encode() in path.read_bytes()]


async def limit_pages(store: SqlStore, pages: int) -> None:
    """Let the file grow no further than `pages`."""
    await store._writer.run(
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").close()
    )


async def test_a_full_disk_refuses_and_recovers(url: str) -> None:
    """A full disk refuses an append whole, in one sentence; with space again the store goes on."""
    async with opened(url) as store:
        await store.append([added()])
        await limit_pages(store, 60)
        with pytest.raises(StorageError, match=r"^The disk is full: nothing was written"):
            await store.append([done(), fact(1_000_000)])
        assert (await store.head())[0] == 1
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "open"
        await limit_pages(store, 100_000)
        await store.append([done(), fact(1_000_000)], expect={"todo:T1": 1, "f": 0})
        assert (await store.verify()).problem is None
        before, after = await store.rebuild()
        assert before == after


async def test_what_fits_is_written_beside_what_does_not(url: str) -> None:
    """Of appends made at one time the small ones are stored although a large one fills the disk."""
    async with opened(url) as store:
        await store.append([added()])
        await limit_pages(store, 60)
        outcomes = await asyncio.gather(
            *(store.append([on(f"s{n}")]) for n in range(5)),
            store.append([fact(1_000_000)]),
            store.append([done()]),
            return_exceptions=True,
        )
        refused = [isinstance(found, StorageError) for found in outcomes]
        assert refused == [False] * 5 + [True, False]
        assert (await store.verify()).events == 7


async def test_a_damaged_file_is_named(url: str, tmp_path: Path) -> None:
    """A file that is no database is refused by its name, and left as it is."""
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match=r"log\.sqlite is not a database, or it is damaged"):
        await SqlStore.open(url, [], None, None)  # type: ignore[arg-type] # never gets that far
    assert path.read_bytes() == b"no database at all" * 100


async def test_damage_inside_a_file_is_named(url: str, tmp_path: Path) -> None:
    """Pages overwritten with noise are reported when they are read."""
    async with opened(url) as store:
        await asyncio.gather(*(store.append([added(f"T{n}")]) for n in range(200)))
    path = tmp_path / "log.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StorageError, match="is damaged; restore it from a backup"):
        async with opened(url) as store:
            await store.verify()


async def test_a_folder_without_rights_is_named(tmp_path: Path, ordinary_user: None) -> None:
    """A folder that may not be used is refused in one sentence."""
    locked = Path("/") / "equerry-tests-may-not-write-here"
    with pytest.raises(StorageError, match="cannot be made: Permission denied"):
        await SqlStore.open(f"sqlite:///{locked}/log.sqlite", [], None, None)  # type: ignore[arg-type]


async def test_places_that_hold_no_file_are_named(tmp_path: Path) -> None:
    """A folder in the place of the file, or a file in the place of a folder, is one sentence."""
    with pytest.raises(StorageError, match="cannot be opened; check that its folder is there"):
        await SqlStore.open(f"sqlite:///{tmp_path}", [], None, None)  # type: ignore[arg-type]
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be made"):
        await SqlStore.open(f"sqlite:///{tmp_path}/file/x/log.sqlite", [], None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:"])
async def test_other_databases_are_refused(bad: str) -> None:
    """A URL of another kind is refused, naming the key of the config."""
    with pytest.raises(StorageError, match=r"storage\.database_url"):
        async with opened(bad):
            pass


async def test_a_newer_database_is_refused(url: str) -> None:
    """A database of a newer version says so and stays as it is."""
    async with opened(url) as store:
        await store.append([added()])
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match=r"newer version of Equerry \(schema 9999"):
        async with opened(url):
            pass
    execute(url, "UPDATE alembic_version SET version_num = '0001'")
    async with opened(url) as store:
        assert (await store.verify()).events == 1


async def test_a_locked_database_may_be_tried_again(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that holds the lock for long makes an append fail for now only."""
    monkeypatch.setattr(database, "BUSY_S", 0.1)
    async with opened(url) as store:
        other = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match="Another program keeps the database"):
            await store.append([added()])
        other.execute("ROLLBACK")
        other.close()
        await store.append([added()])


async def test_closing_finishes_what_was_asked(url: str) -> None:
    """Appends made before a close are stored; what is asked after it is refused."""
    async with opened(url) as store:
        pending = [asyncio.ensure_future(store.append([on(f"s{n}")])) for n in range(30)]
        await asyncio.sleep(0)
        await store.close()
        assert len([await one for one in pending]) == 30
        with pytest.raises(StorageError, match="closed"):
            await store.append([added()])
        with pytest.raises(StorageError, match="closed"):
            await store.head()
    async with opened(url) as store:
        assert (await store.verify()).events == 30


async def test_an_append_the_database_refuses_leaves_no_trace(url: str) -> None:
    """When the database refuses an event nothing of its append stays, and the next one works."""

    class Stuck(SequentialIds):
        def new(self) -> str:
            """Return the first name again as the third."""
            name = super().new()
            return name if self._last != 3 else f"{1:032x}"

    async with opened(url, ids=Stuck()) as store:
        await store.append([added("T1")])
        with pytest.raises(StorageError, match="refused: UNIQUE constraint failed"):
            await store.append([added("T2"), added("T3")])
        assert await store.get("board", "T2") is None
        await store.append([added("T2")], expect={"todo:T2": 0})
        report = await store.verify()
        assert (report.events, report.problem) == (2, None)
        before, after = await store.rebuild()
        assert before == after


async def test_erased_text_is_not_in_the_files(url: str, tmp_path: Path) -> None:
    """After erasing, no file of the database holds the text any more."""
    secret = "the rabbit is in the blue hat"
    learned = FactLearned(fact="F", text=Erasable.of(secret), by="me")
    async with opened(url) as store:
        await store.append([NewEvent(stream="f", payload=learned)])
        assert holding(tmp_path, secret)
        await store.erase([learned.text.ref])
        assert holding(tmp_path, secret) == []


async def test_the_room_of_erased_texts_is_used_again(tmp_path: Path) -> None:
    """Long texts among short ones that stay: as much again takes less than half of the room."""
    file = tmp_path / "log.sqlite"

    def facts(number: int) -> list[FactLearned]:
        texts = [f"{number} {size} " + token_hex(size // 2) for size in (2200, 60, 60)]
        return [
            FactLearned(fact=f"F{number}{place}", text=Erasable.of(text), by="me")
            for place, text in enumerate(texts)
        ]

    async with opened(f"sqlite:///{file}") as store:
        learned = [facts(number) for number in range(600)]
        for group in learned[:300]:
            await store.append([NewEvent(stream=one.fact, payload=one) for one in group])
        await store.erase([group[0].text.ref for group in learned[:300]])  # empties the journal
        before = file.stat().st_size
        for group in learned[300:]:
            await store.append([NewEvent(stream=one.fact, payload=one) for one in group])
        await store.erase([learned[300][0].text.ref])
        assert file.stat().st_size - before < before / 2
        assert (await store.verify()).problem is None


async def test_a_server_that_went_away_is_found_again() -> None:
    """While a server is away calls may be tried again; when it is back everything goes on."""
    with PostgresServer() as server:
        url = server.url(server.create_database())
        async with opened(url) as store:
            heard: list[int] = []
            store.listen(lambda events: heard.extend(event.position for event in events))
            await store.append([added("T1")])
            server.stop()
            for call in (store.append([added("T2")]), store.read(EventQuery())):
                with pytest.raises(TransientError, match="does not answer; try again"):
                    await call
            server.start()
            await store.append([added("T3")])
            assert [event.position for event in await store.read(EventQuery())] == [1, 2]
            assert heard == [1, 2]


async def test_a_connection_that_broke_is_replaced(postgres_url: str) -> None:
    """Connections that the server ended while they were idle cost nobody an error."""
    async with opened(postgres_url) as store:
        await store.append([added("T1")])
        await store.head()
        execute(
            postgres_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        await store.append([added("T2")])
        assert (await store.head())[0] == 2
        assert (await store.verify()).problem is None


async def test_a_server_that_only_reads_is_waited_for(postgres_url: str) -> None:
    """The one that leads became one that stands by; the next connection finds who leads now."""
    where = make_url(postgres_url)
    beside = where.set(database="postgres").render_as_string(hide_password=False)
    standing = f"ALTER DATABASE {where.database} SET default_transaction_read_only = "
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    async with opened(postgres_url) as store:
        await store.append([added("T1")])
        execute(beside, f"{standing} on")
        execute(beside, ended, name=where.database)
        for _ in range(2):
            with pytest.raises(StoreAwayError, match=r"may only be read now.*try again"):
                await store.append([added("T2")])
        assert (await store.head())[0] == 1
        execute(beside, f"{standing} off")
        await store.append([added("T2")])
        assert (await store.head())[0] == 2


async def test_a_server_that_is_not_there_is_named(postgres_server: PostgresServer) -> None:
    """A wrong port or database is one sentence, without the password."""
    with pytest.raises(TransientError, match=r"u:\*\*\*@127.* does not answer"):
        async with opened(f"postgres://u:secret@{LOOPBACK}:{free_port()}/db"):
            pass
    with pytest.raises(StorageError, match='nowhere refused us: database "nowhere" does not'):
        async with opened(postgres_server.url("nowhere")):
            pass


async def test_writers_of_one_server_take_turns(postgres_url: str) -> None:
    """An append waits for whoever holds the log's lock, and nothing is lost."""
    async with opened(postgres_url) as store:
        from sqlalchemy import create_engine, text

        engine = create_engine(store._database.url)
        with engine.begin() as other:
            other.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            waiting = asyncio.ensure_future(store.append([added()]))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        assert (await waiting).events[0].position == 1
        engine.dispose()


async def test_only_the_thread_that_commits_empties_the_journal(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite up to 3.51.2 may lose a commit that is made while another connection does it."""
    threads: list[str] = []
    checkpoint = Transactor.checkpoint

    def noted(self: Transactor, wait_s: float = 0) -> bool:
        threads.append(threading.current_thread().name)
        return checkpoint(self, wait_s)

    monkeypatch.setattr(Transactor, "checkpoint", noted)
    learned = FactLearned(fact="F", text=Erasable.of("hidden"), by="me")
    async with opened(url) as store:
        await store.append([NewEvent(stream="f", payload=learned)])
        await store.erase([learned.text.ref])
    assert threads == ["event-log-writer"]


async def test_erased_text_leaves_the_journal_when_nobody_reads_in_it_any_more(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that reads delays it to the commit after that, and costs nobody an error."""
    monkeypatch.setattr(Writer._empty_journal, "__defaults__", (0.1,))
    secret = "the rabbit is in the blue hat"
    learned = FactLearned(fact="F", text=Erasable.of(secret), by="me")
    async with opened(url) as store:
        await store.append([NewEvent(stream="f", payload=learned)])
        with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as reader:
            reader.execute("BEGIN").close()
            reader.execute("SELECT count(*) FROM events").fetchall()
            assert await store.erase([learned.text.ref]) == 1
            assert holding(tmp_path, secret)
        await store.append([added()])
        assert holding(tmp_path, secret) == []
