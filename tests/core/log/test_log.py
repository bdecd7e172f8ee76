from collections.abc import Iterable
from typing import Any

import pytest

from adapters.inmemory.clock import START, FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from core.domain.errors import BugError
from core.domain.events import Event
from core.log.checking import ChainCheck
from core.log.folding import Folder, RowBook, digest_of, stored
from core.ports.read_models import Drop, Get, Row
from tests.contracts.stores import BOARD, added, done, reopened


class Careless:
    """A projection that changes the document it was given."""

    name = "careless"
    handles = frozenset({"todo.added.v1", "todo.done.v1"})

    def fold(self, event: Event, get: Get) -> Iterable[Row | Drop]:
        """Fold one event."""
        row = get("all") or Row("all", {"seen": []})
        yield row
        row.doc["seen"].append(event.position)


async def test_a_fold_cannot_change_a_row_but_by_writing_it() -> None:
    """A document changed in place after it was handed over is not stored."""
    store = MemoryStore([Careless()], FakeClock(), SequentialIds())
    await store.append([added(), done()])
    assert await store.get("careless", "all") == Row("all", {"seen": []})


async def test_types_nobody_handles_fold_to_nothing() -> None:
    """An event that no projection handles writes no row."""
    store = MemoryStore([BOARD], FakeClock(), SequentialIds())
    (event,) = (await store.append([reopened()])).events
    book = RowBook(lambda _projection, _key: None)
    Folder([BOARD]).fold(event, book)
    assert book.changed == {}
    assert await store.digest() == digest_of([])


@pytest.mark.parametrize(
    "row", [Row("a\x00", {}), Row("a", {}, "\ud800"), Row("a", {}, None, "x" * 501)]
)
def test_rows_under_names_that_cannot_be_stored_are_a_bug(row: Row) -> None:
    """A key, group or state that some database cannot hold is the projection's mistake."""
    with pytest.raises(BugError, match="Projection 'board' writes"):
        stored("board", row, 1)


def test_a_book_remembers_what_it_has_written() -> None:
    """After its changes are written a book still knows them, until it knows too much."""
    asked: list[str] = []

    def find(_projection: str, key: str) -> None:
        asked.append(key)

    book = RowBook(find)
    book.write("board", Row("a", {"n": 1}, due=START), 7)
    book.settle(keep=10)
    assert book.changed == {}
    assert book.get("board", "a") == Row("a", {"n": 1}, due=START)
    assert asked == []
    book.settle(keep=0)
    assert book.get("board", "a") is None
    assert asked == ["a"]


def test_a_digest_counts_every_column() -> None:
    """Rows that differ in any column, or in their order, have different digests."""
    first = stored("p", Row("k", {"a": 1}, "g", "s", START), 1)
    other: dict[str, Any] = {
        "projection": "q",
        "key": "l",
        "doc": "{}",
        "group": None,
        "state": "t",
        "due": None,
        "written": 2,
    }
    rows = [first, *(first._replace(**{name: value}) for name, value in other.items())]
    digests = {digest_of([row]) for row in rows} | {digest_of(rows), digest_of(rows[::-1])}
    assert len(digests) == len(rows) + 2


def test_the_first_problem_is_kept() -> None:
    """A check names the first thing that is wrong, whatever follows."""
    check = ChainCheck()
    check.broken(3, "was changed")
    check.broken(4, "is gone")
    assert check.result().problem == "Event 3 was changed."
