"""An index that changes between two questions, and one whose process ended while it erased."""

from array import array
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
