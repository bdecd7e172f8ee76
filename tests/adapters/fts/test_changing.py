"""An index that changes between two questions, and one whose process ended while it erased."""

from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.fts import schema, writing
from adapters.fts.exact import packed
from adapters.fts.index import FtsIndex
from core.ports.fact_index import Changes, Entry

SPACE = "three"


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[FtsIndex]:
    """Give an empty index."""
    made = FtsIndex(tmp_path / "facts.db")
    yield made
    await made.close()


async def _add(index: FtsIndex, position: int, *names: str) -> None:
    entries = tuple(Entry(id=name[:3], text=f"the {name} is here") for name in names)
    assert await index.apply(Changes(position, entries), position - 1)


async def _nearest(index: FtsIndex) -> list[int]:
    found = await index.nearest(SPACE, array("f", [1.0, 0.0, 0.0]), 10)
    return sorted(match.number for match in found)


async def _embed(index: FtsIndex, *numbers: int) -> None:
    await index.embed(SPACE, [(number, array("f", [1.0, 0.0, 0.0])) for number in numbers])


async def test_asked_before_the_first_vector_it_finds_the_first(index: FtsIndex) -> None:
    """An entry that got its vector after a question without any is found by the next."""
    await _add(index, 1, "ant", "bee")
    assert await _nearest(index) == []
    await _embed(index, 1)
    assert await _nearest(index) == [1]


async def test_a_vector_gone_and_another_come_in_between_are_noticed(index: FtsIndex) -> None:
    """As many vectors as before are not the same vectors."""
    await _add(index, 1, "ant", "bee", "cat")
    await _embed(index, 1, 3)
    assert await _nearest(index) == [1, 3]
    assert await index.apply(Changes(2, removed=("ant",)), 1)
    await _embed(index, 2)
    assert await _nearest(index) == [2, 3]


async def test_what_one_question_reads_is_of_one_moment(index: FtsIndex, tmp_path: Path) -> None:
    """A commit between two statements of a question is in none of its numbers, or in all."""
    await _add(index, 1, *(f"{n:03} badger" for n in range(3)))
    await index.statistics(["badger"])
    connection = index._reader._connection
    assert connection is not None
    writer = schema.connect(tmp_path / "facts.db")
    came: list[str] = []

    def comes_between(statement: str) -> None:
        if statement.startswith("SELECT") and "meta" not in statement and not came:
            came.append(statement)
            entries = tuple(Entry(id=f"n{n}", text="a badger") for n in range(400))
            assert writing.apply(writer, Changes(2, entries), 1)

    connection.set_trace_callback(comes_between)
    known = await index.statistics(["badger"])
    assert came
    assert (known.entries, known.holding) == (3, {"badger": 3})
    came.clear()
    connection.set_trace_callback(None)
    assert (await index.statistics(["badger"])).entries == 403
    writer.close()


async def test_an_extent_is_of_one_moment(index: FtsIndex, tmp_path: Path) -> None:
    """There are never more vectors than entries, nor a position behind what was counted."""
    await _add(index, 1, "ant", "bee")
    await _embed(index, 1, 2)
    await index.extent(SPACE)
    connection = index._reader._connection
    assert connection is not None
    writer = schema.connect(tmp_path / "facts.db")
    came: list[str] = []

    def comes_between(statement: str) -> None:
        if "FROM vectors" in statement and not came:
            came.append(statement)
            assert writing.apply(writer, Changes(2, (Entry(id="cat", text="a cat"),)), 1)
            writing.embed(writer, SPACE, [(3, packed(array("f", [1.0, 0.0, 0.0])))])

    connection.set_trace_callback(comes_between)
    extent = await index.extent(SPACE)
    assert came
    assert (extent.entries, extent.embedded, extent.position) == (2, 2, 1)
    writer.close()
