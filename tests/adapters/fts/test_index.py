"""The index in an SQLite file: the contract, the file itself, and more than one process on it."""

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.fts import writing
from adapters.fts.index import FtsIndex
from adapters.fts.schema import VERSION
from core.domain.errors import StorageError
from core.memory.search.words import stems
from core.ports.fact_index import Changes
from tests.contracts.fact_index import SPACE, FactIndexContract, fact, fill, vec

SECRETS = (b"quixotic", b"Quixotic", b"zanzibar")
"""Words of the erased text as it was said, and as stems."""


class TestFts(FactIndexContract):
    """In a file."""

    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[FtsIndex]:
        """Give an empty one."""
        made = FtsIndex(tmp_path / "memory" / "facts.db")
        yield made
        await made.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a file that is not there yet."""
    return tmp_path / "memory" / "facts.db"


def bytes_of(path: Path) -> bytes:
    """Return all that is in the index's files."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def open_to_others(path: Path) -> int:
    """Return what anybody but the owner may do."""
    return path.stat().st_mode & 0o077


async def test_what_was_applied_is_there_after_a_restart(path: Path) -> None:
    """A closed index is opened again with its entries, vectors and position, for its owner only."""
    index = FtsIndex(path)
    at = await fill(index, fact("F1", "a zebra"))
    await index.embed(SPACE, [(at["F1"], vec(1, 0))])
    await index.close()
    again = FtsIndex(path)
    assert await again.position() == 1
    assert [match.number for match in await again.match(["zebra"], 5)] == [at["F1"]]
    assert len(await again.nearest(SPACE, vec(1, 0), 5)) == 1
    await again.close()
    assert [open_to_others(one) for one in (path, path.parent)] == [0, 0]


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def _truncated(path: Path) -> None:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE meta (name TEXT, body TEXT)")
        made.executemany("INSERT INTO meta VALUES (?, ?)", [(str(n), "x" * 900) for n in range(99)])
    made.close()
    path.write_bytes(path.read_bytes()[:5000])


def _other_version(path: Path) -> None:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, body TEXT NOT NULL)")
        made.execute("INSERT INTO meta VALUES ('version', ?)", (str(VERSION + 1),))
        made.execute("CREATE TABLE entries (other TEXT)")
    made.close()


def _other_tables(path: Path) -> None:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE meta (something TEXT)")
    made.close()


@pytest.mark.parametrize("spoil", [_garbage, _truncated, _other_version, _other_tables])
async def test_a_file_that_is_no_index_is_replaced(path: Path, spoil: object) -> None:
    """Garbage, half a file, another version and other tables make an empty index."""
    path.parent.mkdir()
    assert callable(spoil)
    spoil(path)
    path.with_name("facts.db-wal").write_bytes(b"an old journal")
    index = FtsIndex(path)
    assert await index.position() == 0
    await fill(index, fact("F1", "a zebra"))
    assert len(await index.match(["zebra"], 5)) == 1
    await index.close()


async def test_a_file_in_use_is_not_replaced(path: Path) -> None:
    """One that another process has locked is an error for now, and is as it was later."""
    index = FtsIndex(path)
    await fill(index, fact("F1", "a zebra"))
    await index.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    second = FtsIndex(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.fts.schema.BUSY_S", 0.05)
        with pytest.raises(StorageError, match="locked"):
            await second.position()
    other.execute("ROLLBACK")
    other.close()
    assert await second.position() == 1
    await second.close()


async def test_a_lock_that_another_keeps_is_an_error_for_now(path: Path) -> None:
    """A process that was stopped while it opened the file holds up no other one for ever."""
    index = FtsIndex(path)
    path.parent.mkdir()
    with path.with_name("facts.db.lock").open("wb") as held, pytest.MonkeyPatch.context() as patch:
        fcntl.flock(held, fcntl.LOCK_EX)
        patch.setattr("adapters.fts.schema.BUSY_S", 0.05)
        with pytest.raises(StorageError, match="another program"):
            await index.position()
    assert await index.position() == 0
    await index.close()


async def test_a_path_that_cannot_be_a_file_is_said(tmp_path: Path) -> None:
    """The sentence names the file and says what to do."""
    (tmp_path / "facts.db").mkdir()
    index = FtsIndex(tmp_path / "facts.db")
    with pytest.raises(StorageError, match=r"facts\.db.*made again from the log\."):
        await index.position()
    await index.close()


async def test_erased_words_are_in_no_file(path: Path) -> None:
    """After an erasing change neither the text nor its stems are in any file, while it is open."""
    index = FtsIndex(path)
    many = [fact(f"N{number}", f"ordinary words {number}") for number in range(200)]
    await fill(index, *many[:100])
    await fill(index, fact("F1", "Quixotic plans for Zanzibar", about="quixotic|plan"))
    await fill(index, *many[100:])
    assert all(word in bytes_of(path) for word in SECRETS[:2])
    at = await index.position()
    assert await index.apply(Changes(at + 1, (), ("F1",), erased=True), at)
    left = bytes_of(path).lower()
    assert [word for word in SECRETS if word.lower() in left] == []
    assert b"ordinari" in left
    assert len(await index.match(stems("ordinary"), 300)) == 200
    await index.close()


async def test_erasing_that_was_cut_off_is_finished(path: Path) -> None:
    """Killed between the change and the cleaning, the next use of the index cleans."""
    index = FtsIndex(path)
    await fill(index, fact("F1", "Quixotic plans for Zanzibar"), fact("F2", "ordinary"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "finish_erasing", lambda _: None)
        assert await index.apply(Changes(2, (), ("F1",), erased=True), 1)
    assert b"quixot" in bytes_of(path).lower()
    again = FtsIndex(path)
    assert await again.apply(Changes(3), 2)
    assert b"quixot" not in bytes_of(path).lower()
    await index.close()
    await again.close()


async def test_two_processes_see_each_other(path: Path) -> None:
    """What one applies, embeds or removes the other finds, words and vectors."""
    one, two = FtsIndex(path), FtsIndex(path)
    at = await fill(one, fact("F1", "a zebra"), fact("F2", "an otter"))
    assert [match.number for match in await two.match(["zebra"], 5)] == [at["F1"]]
    await two.embed(SPACE, [(at["F1"], vec(1, 0)), (at["F2"], vec(0.6, 0.8))])
    assert len(await one.nearest(SPACE, vec(1, 0), 5)) == 2
    await fill(two, removed=["F1"])
    assert [match.number for match in await one.nearest(SPACE, vec(1, 0), 5)] == [at["F2"]]
    assert await one.match(["zebra"], 5) == []
    await one.close()
    await two.close()


async def test_of_two_changes_at_a_position_one_wins(path: Path) -> None:
    """Whoever comes second is told, and nothing of his is in it."""
    several = [FtsIndex(path) for _ in range(4)]
    for after in range(5):
        applied = await asyncio.gather(
            *(
                index.apply(Changes(after + 1, (fact(f"F{after}", f"by {number}"),)), after)
                for number, index in enumerate(several)
            )
        )
        assert sum(applied) == 1
        numbers = await several[0].numbers([f"F{after}"])
        (found,) = await several[0].entries(list(numbers.values()))
        assert found.entry.text == f"by {applied.index(True)}"
    for index in several:
        await index.close()


@pytest.mark.parametrize("spoiled", [False, True])
async def test_many_open_a_new_file_at_once(path: Path, *, spoiled: bool) -> None:
    """Nobody replaces what another has just made: all work on the same file."""
    if spoiled:
        path.parent.mkdir()
        _other_version(path)
    several = [FtsIndex(path) for _ in range(6)]
    await asyncio.gather(*(index.position() for index in several), *(i.clear() for i in several))
    await fill(several[0], fact("F1", "a zebra"))
    assert [len(await index.match(["zebra"], 5)) for index in several] == [1] * 6
    for index in several:
        await index.close()
