"""What lies beside an SQLite file is taken away while it is open: SQLite itself never notices."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection

from adapters.sql.database import JournalLostError
from adapters.sql.store import SqlStore
from core.domain.errors import STORE_ERRORS, StorageError, StoreAwayError
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from tests.adapters.sql.parts import opened
from tests.contracts.stores import added
from tests.waiting import PATIENCE_S


def _unlink(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.unlink()
    path.touch()


def _copy(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


HARM = pytest.mark.parametrize("harm", [_unlink, _empty, _copy])
BESIDE = pytest.mark.parametrize("suffix", ["-wal", "-shm"])


async def heads(store: SqlStore) -> int:
    """Return how many events there are."""
    return (await store.head())[0]


@HARM
@BESIDE
async def test_nothing_is_written_into_a_void(
    tmp_path: Path, harm: Callable[[Path], None], suffix: str
) -> None:
    """What was committed is in the database before anything more is, and all of it is readable."""
    file = tmp_path / "log.sqlite"
    async with opened(f"sqlite:///{file}") as store:
        await store.append([added("a"), added("b")])
        harm(Path(f"{file}{suffix}"))
        for _ in range(3):  # connections that are made now find another journal than the others
            with suppress(StorageError):
                await store.count(RowQuery("board"))
        await appended(store, "c")
        assert [event.payload["todo"] for event in await store.read(EventQuery())] == [*"abc"]
        killed = tmp_path / "killed"
        killed.mkdir()
        for beside in ("", "-wal"):  # what another process sees, or a kill leaves
            shutil.copy(f"{file}{beside}", killed)
        await appended(store, "d")
    for left, count in ((file, 4), (killed / file.name, 3)):
        async with opened(f"sqlite:///{left}") as store:
            assert await heads(store) == count
            await store.append([added("e")])
            assert (await store.verify()).problem is None
        with closing(sqlite3.connect(left)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@BESIDE
async def test_it_waits_for_whoever_reads(tmp_path: Path, suffix: str) -> None:
    """While a connection is open on the old files, appends are refused; then they go on."""
    file = tmp_path / "log.sqlite"
    reads, ends = threading.Event(), threading.Event()

    def read(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT 1").close()
        reads.set()
        ends.wait(PATIENCE_S)

    async with opened(f"sqlite:///{file}") as store:
        await store.append([added("a")])
        reading = asyncio.create_task(store._read(read))
        await asyncio.to_thread(reads.wait)
        _unlink(Path(f"{file}{suffix}"))
        for _ in range(3):
            with pytest.raises(JournalLostError, match=f"log.sqlite{suffix} was taken away"):
                await store.append([added("b")])
        killed = tmp_path / "killed.sqlite"
        shutil.copy(file, killed)  # a kill now leaves this for sure
        ends.set()
        await reading
        await appended(store, "b")
        assert await heads(store) == 2
    async with opened(f"sqlite:///{killed}") as store:
        assert await heads(store) == 1


async def appended(store: SqlStore, todo: str) -> None:
    """Append, as soon as what the store has open was opened again."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await store.append([added(todo)])
            except StoreAwayError:
                await asyncio.sleep(0.05)
            else:
                return


@HARM
@BESIDE
async def test_an_end_saves_what_nobody_noticed(
    tmp_path: Path, harm: Callable[[Path], None], suffix: str
) -> None:
    """Closed before anything more is written, the journal that has no name any more is kept."""
    file = tmp_path / "log.sqlite"
    async with opened(f"sqlite:///{file}") as store:
        await store.append([added("a"), added("b")])
        harm(Path(f"{file}{suffix}"))
    async with opened(f"sqlite:///{file}") as store:
        assert await heads(store) == 2
        assert (await store.verify()).problem is None


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
async def test_it_is_noticed_while_nothing_is_written(tmp_path: Path, suffix: str) -> None:
    """Whoever listens hears of it, and no more once the files are back."""
    file = tmp_path / "log.sqlite"
    async with opened(f"sqlite:///{file}") as store:
        await store.append([added("a")])
        heard: list[Exception] = []
        store.on_failure(heard.append)
        shutil.move(f"{file}{suffix}", tmp_path / "aside")
        async with asyncio.timeout(PATIENCE_S):
            while not heard:  # noqa: ASYNC110 - nothing else tells of it
                await asyncio.sleep(0.05)
        assert isinstance(heard[0], STORE_ERRORS)
        shutil.move(tmp_path / "aside", f"{file}{suffix}")
        await appended(store, "b")
        assert await heads(store) == 2


async def test_another_process_that_comes_and_goes_is_no_loss(tmp_path: Path) -> None:
    """The files beside the database stay the same for as long as it is open anywhere."""
    url = f"sqlite:///{tmp_path}/log.sqlite"
    async with opened(url) as store:
        for number in range(3):
            await store.append([added(f"a{number}")])
            async with opened(url) as other:
                await other.append([added(f"b{number}")])
            await store._writer.empty_journal()
        assert await heads(store) == 6
