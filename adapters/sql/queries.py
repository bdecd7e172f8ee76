"""What is read: events, contents and rows, each by one statement on a read connection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, select

from adapters.sql.records import SELECT_ROWS, content_of, event_of, row_of
from adapters.sql.schema import CONTENTS, EVENTS, READ_ROWS
from core.domain.erasable import Content
from core.domain.errors import BugError
from core.domain.events import GENESIS, Event, stamp
from core.log.folding import StoredRow
from core.log.following import since_stamp
from core.log.sealing import is_name
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery

_CHUNK = 500
_ORDERS = {
    "key": READ_ROWS.c.row_key,
    "due": READ_ROWS.c.due_utc,
    "written": READ_ROWS.c.written,
}


def _is(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Compare with a name; one that no database could hold is simply not there."""
    return column == name if is_name(name) else false()


def raw_events(connection: Connection, query: EventQuery, limit: int) -> Sequence[Any]:
    """Return up to `limit` database rows of events by position."""
    columns = {
        EVENTS.c.stream: query.stream,
        EVENTS.c.goal: query.goal,
        EVENTS.c.event_type: query.type,
    }
    statement = select(EVENTS).where(EVENTS.c.position > query.after)
    for column, wanted in columns.items():
        if wanted is not None:
            statement = statement.where(_is(column, wanted))
    if query.keys:
        statement = statement.where(
            EVENTS.c.dedupe_key.in_([key for key in query.keys if is_name(key)])
        )
    if query.since is not None:
        statement = statement.where(EVENTS.c.at_utc >= since_stamp(query.since))
    return connection.execute(statement.order_by(EVENTS.c.position).limit(limit)).all()


def read_events(query: EventQuery, limit: int) -> Callable[[Connection], list[Event]]:
    """Return up to `limit` events by position."""
    return lambda connection: [event_of(row) for row in raw_events(connection, query, limit)]


def read_contents(refs: Sequence[str]) -> Callable[[Connection], dict[str, Content]]:
    """Return the content rows of the references."""

    def work(connection: Connection) -> dict[str, Content]:
        found: dict[str, Content] = {}
        for start in range(0, len(refs), _CHUNK):
            chunk = [ref for ref in refs[start : start + _CHUNK] if is_name(ref)]
            statement = select(CONTENTS).where(CONTENTS.c.content_ref.in_(chunk))
            contents = map(content_of, connection.execute(statement))
            found.update((content.ref, content) for content in contents)
        return found

    return work


def version_of(stream: str) -> Callable[[Connection], int]:
    """Return the version of a stream, 0 for none."""
    statement = select(func.max(EVENTS.c.stream_version)).where(_is(EVENTS.c.stream, stream))
    return lambda connection: connection.execute(statement).scalar() or 0


def head(connection: Connection) -> tuple[int, str]:
    """Return position and hash of the newest event."""
    newest = EVENTS.c.position.desc()
    statement = select(EVENTS.c.position, EVENTS.c.event_hash).order_by(newest).limit(1)
    found = connection.execute(statement).first()
    return (0, GENESIS) if found is None else (found[0], found[1])


def row(projection: str, key: str) -> Callable[[Connection], StoredRow | None]:
    """Return one row."""
    statement = SELECT_ROWS.where(
        READ_ROWS.c.projection == projection, _is(READ_ROWS.c.row_key, key)
    )
    return lambda connection: next(map(row_of, connection.execute(statement)), None)


def rows(query: RowQuery, limit: int) -> Callable[[Connection], list[StoredRow]]:
    """Return the matching rows in the order asked for; those without a due time come last."""
    column = _ORDERS.get(query.order)
    if column is None:
        message = f"Rows cannot be ordered by {query.order!r}."
        raise BugError(message)
    statement = _narrowed(SELECT_ROWS, query)
    if query.order == "due" and query.due_by is None:
        statement = statement.order_by(READ_ROWS.c.due_utc.is_(None))
    order = dict.fromkeys((column, READ_ROWS.c.row_key))
    for part in order:
        statement = statement.order_by(part.desc() if query.newest_first else part)
    return _all_rows(statement.limit(limit))


def next_due(projection: str) -> Callable[[Connection], list[StoredRow]]:
    """Return the row with the earliest due time, if there is one."""
    statement = SELECT_ROWS.where(
        READ_ROWS.c.projection == projection, READ_ROWS.c.due_utc.is_not(None)
    )
    return _all_rows(statement.order_by(READ_ROWS.c.due_utc, READ_ROWS.c.row_key).limit(1))


def _all_rows(statement: Select[Any]) -> Callable[[Connection], list[StoredRow]]:
    return lambda connection: [row_of(found) for found in connection.execute(statement)]


def count(query: RowQuery) -> Callable[[Connection], int]:
    """Return how many rows match."""
    statement = _narrowed(select(func.count()).select_from(READ_ROWS), query)
    return lambda connection: connection.execute(statement).scalar_one()


def groups(query: RowQuery) -> Callable[[Connection], list[str]]:
    """Return the distinct groups of the matching rows."""
    statement = _narrowed(select(READ_ROWS.c.row_group).distinct(), query)
    statement = statement.where(READ_ROWS.c.row_group.is_not(None)).order_by(READ_ROWS.c.row_group)
    return lambda connection: list(connection.execute(statement).scalars())


def _narrowed(statement: Select[Any], query: RowQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [READ_ROWS.c.projection == query.projection]
    if query.group is not None:
        conditions.append(_is(READ_ROWS.c.row_group, query.group))
    if query.states:
        conditions.append(READ_ROWS.c.row_state.in_(sorted(query.states)))
    if query.due_by is not None:
        conditions.append(READ_ROWS.c.due_utc <= stamp(query.due_by))
    return statement.where(*conditions)


def every_row(connection: Connection) -> Iterator[StoredRow]:
    """Yield all rows by projection and key, some hundred at a time in memory."""
    statement = SELECT_ROWS.order_by(READ_ROWS.c.projection, READ_ROWS.c.row_key)
    found = connection.execute(statement.execution_options(yield_per=_CHUNK))
    yield from map(row_of, found)


def values_of(contents: Mapping[str, Content]) -> Mapping[str, str]:
    """Return the JSON text of each content that still has one."""
    return {ref: found.body for ref, found in contents.items() if found.body is not None}
