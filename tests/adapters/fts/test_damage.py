"""An index file that breaks while it is in use: thrown away and made anew, or said to be away."""

import errno
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.fts import index as fts
from adapters.fts import reading, schema
from adapters.fts.index import FtsIndex
from core.domain.errors import FactIndexError
from core.ports.fact_index import Changes
from tests.contracts.fact_index import SPACE, fact, fill, vec

PAGE = 4096


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[FtsIndex]:
    """Give one with an entry that has a vector, on disk as a whole."""
    made = FtsIndex(tmp_path / "facts.db")
    at = await fill(made, *(fact(f"F{number}", f"a zebra {number}") for number in range(50)))
    await made.embed(SPACE, [(number, vec(1, 0)) for number in at.values()])
    await made.close()
    assert not (tmp_path / "facts.db-wal").exists()
    again = FtsIndex(tmp_path / "facts.db")
    yield again
    await again.close()


def overwrite(path: Path) -> None:
    """Write garbage over every page but the first two, in place."""
    with path.open("r+b") as file:
        file.seek(2 * PAGE)
        file.write(b"\xff" * (path.stat().st_size - 2 * PAGE))


def cut(path: Path) -> None:
    """Leave two pages of the file."""
    os.truncate(path, 2 * PAGE)


@pytest.mark.parametrize("spoil", [overwrite, cut])
async def test_a_file_that_breaks_in_use_is_made_anew(
    index: FtsIndex, tmp_path: Path, spoil: object
) -> None:
    """Who meets it is told, not answered with nothing; from then on it is empty and works."""
    path = tmp_path / "facts.db"
    one, two = index, FtsIndex(path)
    assert await one.position() == await two.position() == 1
    assert callable(spoil)
    spoil(path)
    with pytest.raises(FactIndexError, match=r"damaged.*made again from the log") as raised:
        await one.match(["zebra"], 5)
    assert raised.value.renewed
    assert [await one.position(), await two.position()] == [0, 0]
    at = await fill(one, fact("F1", "a zebra"))
    await two.embed(SPACE, [(at["F1"], vec(0, 1))])
    for each in (one, two):
        assert [found.number for found in await each.match(["zebra"], 5)] == [at["F1"]]
        assert [found.number for found in await each.nearest(SPACE, vec(0, 1), 5)] == [at["F1"]]
    await two.close()


async def test_a_value_that_is_none_of_ours_is_damage(index: FtsIndex, tmp_path: Path) -> None:
    """A time that is no time, say, is no reason to fail for ever."""
    with sqlite3.connect(tmp_path / "facts.db") as other:
        other.execute("UPDATE entries SET said = 'yesterday'")
    other.close()
    with pytest.raises(FactIndexError, match="damaged"):
        await index.same_text("a zebra 1")
    assert await index.position() == 0


async def test_what_is_damaged_again_at_once_is_not_made_on_and_on(
    index: FtsIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that keeps nothing, say: once in a while is enough."""

    def broken(*_: object) -> list[object]:
        raise ValueError

    monkeypatch.setattr(reading, "about", broken)
    with pytest.raises(FactIndexError, match="it was damaged\\."):
        await index.about("x")
    await fill(index, fact("F1", "a zebra"))
    with pytest.raises(FactIndexError, match="damaged again"):
        await index.about("x")
    assert await index.position() == 1
    monkeypatch.setattr(fts, "STEADY_S", 0.0)
    with pytest.raises(FactIndexError):
        await index.about("x")
    assert await index.position() == 0


async def test_a_file_that_was_deleted_in_use_is_made_again(
    index: FtsIndex, tmp_path: Path
) -> None:
    """As the sentence says that may be done: nothing goes on in a file without a name."""
    for file in sorted(tmp_path.glob("facts.db*")):  # noqa: ASYNC240 - a few files of a test
        file.unlink()
    assert await index.position() == 0
    await fill(index, fact("F1", "a zebra"))
    assert len(await index.match(["zebra"], 5)) == 1
    assert await index.nearest(SPACE, vec(1, 0), 5) == []
    assert (tmp_path / "facts.db").exists()


async def test_a_lock_is_no_damage(
    index: FtsIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said as what it is, and nothing is lost once it is over."""
    monkeypatch.setattr(schema, "BUSY_S", 0.05)
    other = sqlite3.connect(tmp_path / "facts.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(FactIndexError, match="another program keeps it locked") as raised:
        await index.apply(Changes(2, (), ("F1",)), 1)
    assert not raised.value.renewed
    assert "delete" not in raised.value.todo
    other.close()
    assert await index.apply(Changes(2, (), ("F1",)), 1)
    assert len(await index.match(["zebra"], 100)) == 49


async def test_a_full_disk_is_said_as_such(index: FtsIndex) -> None:
    """Also where SQLite itself ended the transaction; the next change is taken again."""
    big = [fact(f"B{number}", "otter " * 500) for number in range(200)]
    limit = index._writer.run(lambda it: it.execute("PRAGMA max_page_count=60").fetchone())
    await limit
    with pytest.raises(FactIndexError, match="the disk is full") as raised:
        await index.apply(Changes(2, tuple(big)), 1)
    assert "free some space" in raised.value.todo
    assert await index.apply(Changes(2, tuple(big)), 1)


async def test_what_the_system_says_is_said(
    index: FtsIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No right to look into the folder, say."""

    def denied(_path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(fts, "_file_at", denied)
    with pytest.raises(FactIndexError, match=r"may not be opened.*rights"):
        await index.position()
    monkeypatch.undo()
    assert await index.position() == 1
    assert (tmp_path / "facts.db").exists()
