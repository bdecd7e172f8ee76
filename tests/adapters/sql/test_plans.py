"""How SQLite searches: by an index for what is asked all the time, however much there is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from adapters.inmemory.clock import FakeClock
from adapters.sql.database import Database
from adapters.sql.prepared import Prepared
from adapters.sql.queries import _events, _Many, _rows, _Shape
from adapters.sql.store import SqlStore
from adapters.system.ids import SystemIds
from core.ports.read_models import RowQuery

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOT = (
    RowQuery("messages", group="terminal", states=frozenset({"new"}), order="written"),
    RowQuery("outbox", group="terminal", states=frozenset({"queued", "sending"}), order="written"),
    RowQuery("cards", group="terminal", states=frozenset({"open"}), order="written"),
    RowQuery("goals", group="terminal", states=frozenset({"active"})),
    RowQuery("goals", group="terminal", states=frozenset({"waiting"}), due_by=NOW),
    RowQuery("reminders", group="terminal", states=frozenset({"set"}), due_by=NOW, order="due"),
    RowQuery("cards", states=frozenset({"open"}), order="written"),
    RowQuery("facts", states=frozenset({"known"}), order="written", newest_first=True),
)


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    """Give a read connection on a new database, which has no rows to learn from."""
    url = f"sqlite:///{tmp_path}/log.sqlite"
    store = await SqlStore.open(url, (), FakeClock(), SystemIds())
    await store.close()
    database = Database(url)
    with database.connect_reader() as reader:
        yield reader
    database.dispose()


def plan(connection: Connection, statement: Prepared) -> str:
    """Return how SQLite would search."""
    compiled, cursor = statement._begin(connection)
    cursor.execute(f"EXPLAIN QUERY PLAN {compiled.text}", [None] * compiled.text.count("?"))
    return " ".join(row[3] for row in cursor.fetchall())


@pytest.mark.parametrize(
    "query", HOT, ids=lambda query: f"{query.projection} {sorted(query.states)}"
)
def test_rows_are_found_by_an_index(connection: Connection, query: RowQuery) -> None:
    """What waits is found without reading all that ever was, on a database without statistics."""
    statement = _rows(_Shape.of(query), query.order, newest_first=query.newest_first)
    assert "USING INDEX read_rows_" in plan(connection, statement)


def test_one_state_comes_in_the_order_it_was_written(connection: Connection) -> None:
    """The first rows of many are read alone: nothing is sorted."""
    statement = _rows(
        _Shape(group=True, prefix=False, states=1, due=False), "written", newest_first=False
    )
    assert "TEMP B-TREE" not in plan(connection, statement)


def test_the_beginning_of_a_key_is_looked_up(connection: Connection) -> None:
    """However many operations there are, those whose marker begins so are found at once."""
    shape = _Shape(group=False, prefix=True, states=0, due=False)
    found = plan(connection, _rows(shape, "key", newest_first=False))
    assert "row_key>? AND row_key<?" in found


@pytest.mark.parametrize(
    ("names", "index"),
    [
        (("goal",), "events_goal"),
        (("stream",), "sqlite_autoindex_events_2"),
        (("stream", "event_type"), "sqlite_autoindex_events_2"),
        (("event_type",), "events_type"),
    ],
)
def test_events_are_found_by_an_index(
    connection: Connection, names: tuple[str, ...], index: str
) -> None:
    """A goal, a stream and a type each have theirs; a type within a stream is looked for there."""
    assert f"USING INDEX {index}" in plan(connection, _events(names, _Many(), since=False))


def test_keys_are_found_by_their_index(connection: Connection) -> None:
    """Whether a line was taken before is one search for each of its keys."""
    assert "events_dedupe_key" in plan(connection, _events((), _Many(keys=3), since=False))


@pytest.mark.parametrize("many", [_Many(streams=24), _Many(places=24)])
def test_several_streams_and_places_are_found_by_their_index(
    connection: Connection, many: _Many
) -> None:
    """What memory found is looked up on the log without reading what else is there."""
    found = plan(connection, _events((), many, since=False))
    assert "sqlite_autoindex_events_2" in found
    assert "SCAN" not in found
