"""What is read: events, contents and rows, each by one statement on a read connection."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from adapters.sql.prepared import Prepared
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
_MOST: Any = bindparam("most", type_=BigInteger)
ALL = 2**63 - 1
"""A limit above every number of rows: the largest number that both databases take."""
_LAST = "\U0010ffff"
"""The character above all others, byte by byte: what begins so is not above what it ends."""
_ORDERS = {
    "key": READ_ROWS.c.row_key,
    "due": READ_ROWS.c.due_utc,
    "written": READ_ROWS.c.written,
}
_NEWEST = Prepared(
    select(EVENTS.c.position, EVENTS.c.event_hash).order_by(EVENTS.c.position.desc()).limit(1)
)
VERSION = Prepared(
    select(func.max(EVENTS.c.stream_version)).where(EVENTS.c.stream == bindparam("name"))
)
ROW = Prepared(
    SELECT_ROWS.where(
        READ_ROWS.c.projection == bindparam("name"), READ_ROWS.c.row_key == bindparam("key")
    )
)
_NEXT_DUE = Prepared(
    SELECT_ROWS.where(READ_ROWS.c.projection == bindparam("name"), READ_ROWS.c.due_utc.is_not(None))
    .order_by(READ_ROWS.c.due_utc, READ_ROWS.c.row_key)
    .limit(1)
)


def _named(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == bindparam(name)


class _Many(NamedTuple):
    """Of how many keys, streams and places an event may have one; 0 does not narrow."""

    keys: int = 0
    streams: int = 0
    places: int = 0

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what narrows, over numbered parameters."""
        if self.keys:
            yield EVENTS.c.dedupe_key.in_(_numbered("key", self.keys))
        if self.streams:
            yield EVENTS.c.stream.in_(_numbered("stream", self.streams))
        if self.places:
            at = zip(_numbered("at", self.places), _numbered("version", self.places), strict=True)
            yield or_(
                *(
                    and_(EVENTS.c.stream == stream, EVENTS.c.stream_version == version)
                    for stream, version in at
                )
            )


def _numbered(name: str, count: int) -> list[Any]:
    return [bindparam(f"{name}{number}") for number in range(count)]


def _valued(name: str, values: Sequence[object]) -> dict[str, object]:
    return {f"{name}{number}": value for number, value in enumerate(values)}


@cache
def _events(names: tuple[str, ...], many: _Many, *, since: bool) -> Prepared:
    """Select events by the columns `names`, by one of `many`, and a time to start at."""
    statement = select(EVENTS).where(EVENTS.c.position > bindparam("after", type_=BigInteger))
    for name in names:
        statement = statement.where(_named(EVENTS.c[name], name))
    for condition in many.conditions():
        statement = statement.where(condition)
    if since:
        statement = statement.where(EVENTS.c.at_utc >= bindparam("since"))
    return Prepared(statement.order_by(EVENTS.c.position).limit(_MOST))


def raw_events(connection: Connection, query: EventQuery, limit: int) -> Sequence[Any]:
    """Return up to `limit` database rows of events by position."""
    columns = {"stream": query.stream, "goal": query.goal, "event_type": query.type}
    values = {name: wanted for name, wanted in columns.items() if wanted is not None}
    keys = [key for key in query.keys if is_name(key)]
    streams = [stream for stream in query.streams if is_name(stream)]
    places = [place for place in query.places if is_name(place[0])]
    asked = (query.keys, keys), (query.streams, streams), (query.places, places)
    if not all(map(is_name, values.values())) or any(any_ and not can for any_, can in asked):
        return []
    many = _Many(len(keys), len(streams), len(places))
    statement = _events(tuple(values), many, since=query.since is not None)
    numbered = {
        **_valued("key", keys),
        **_valued("stream", streams),
        **_valued("at", [stream for stream, _ in places]),
        **_valued("version", [version for _, version in places]),
        **({} if query.since is None else {"since": since_stamp(query.since)}),
    }
    return statement.rows(connection, after=query.after, most=limit, **values, **numbered)


def read_events(query: EventQuery, limit: int) -> Callable[[Connection], list[Event]]:
    """Return up to `limit` events by position."""
    return lambda connection: [event_of(row) for row in raw_events(connection, query, limit)]


@cache
def _contents(refs: int) -> Prepared:
    wanted: list[Any] = [bindparam(f"ref{number}") for number in range(refs)]
    return Prepared(select(CONTENTS).where(CONTENTS.c.content_ref.in_(wanted)))


def read_contents(refs: Sequence[str]) -> Callable[[Connection], dict[str, Content]]:
    """Return the content rows of the references."""
    wanted = [ref for ref in refs if is_name(ref)]

    def work(connection: Connection) -> dict[str, Content]:
        found: dict[str, Content] = {}
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            room = min(_CHUNK, 1 << (len(chunk) - 1).bit_length())
            padded = [*chunk, *[chunk[0]] * (room - len(chunk))]
            values = {f"ref{number}": ref for number, ref in enumerate(padded)}
            contents = map(content_of, _contents(room).rows(connection, **values))
            found.update((content.ref, content) for content in contents)
        return found

    return work


def version_of(stream: str) -> Callable[[Connection], int]:
    """Return the version of a stream, 0 for none."""
    if not is_name(stream):
        return lambda _connection: 0
    return lambda connection: VERSION.rows(connection, name=stream)[0][0] or 0


def head(connection: Connection) -> tuple[int, str]:
    """Return position and hash of the newest event."""
    found = _NEWEST.rows(connection)
    return (found[0][0], found[0][1]) if found else (0, GENESIS)


def row(projection: str, key: str) -> Callable[[Connection], StoredRow | None]:
    """Return one row."""
    if not is_name(key):
        return lambda _connection: None
    return lambda connection: next(
        map(row_of, ROW.rows(connection, name=projection, key=key)), None
    )


@cache
def _rows(shape: "_Shape", order: str, *, newest_first: bool) -> Prepared:
    statement = _narrowed(SELECT_ROWS, shape)
    if order == "due" and not shape.due:
        statement = statement.order_by(READ_ROWS.c.due_utc.is_(None))
    for part in dict.fromkeys((_ORDERS[order], READ_ROWS.c.row_key)):
        statement = statement.order_by(part.desc() if newest_first else part)
    return Prepared(statement.limit(_MOST))


def rows(query: RowQuery, limit: int) -> Callable[[Connection], list[StoredRow]]:
    """Return the matching rows in the order asked for; those without a due time come last."""
    if query.order not in _ORDERS:
        message = f"Rows cannot be ordered by {query.order!r}."
        raise BugError(message)
    if not _possible(query):
        return lambda _connection: []
    statement = _rows(_Shape.of(query), query.order, newest_first=query.newest_first)
    values = _values(query)
    return lambda connection: [
        row_of(found) for found in statement.rows(connection, most=limit, **values)
    ]


def next_due(projection: str) -> Callable[[Connection], list[StoredRow]]:
    """Return the row with the earliest due time, if there is one."""
    return lambda connection: list(map(row_of, _NEXT_DUE.rows(connection, name=projection)))


@cache
def _count(shape: "_Shape") -> Prepared:
    return Prepared(_narrowed(select(func.count()).select_from(READ_ROWS), shape))


def count(query: RowQuery) -> Callable[[Connection], int]:
    """Return how many rows match."""
    if not _possible(query):
        return lambda _connection: 0
    statement, values = _count(_Shape.of(query)), _values(query)
    return lambda connection: int(statement.rows(connection, **values)[0][0])


@cache
def _groups(shape: "_Shape") -> Prepared:
    statement = _narrowed(select(READ_ROWS.c.row_group).distinct(), shape)
    statement = statement.where(READ_ROWS.c.row_group.is_not(None))
    return Prepared(statement.order_by(READ_ROWS.c.row_group))


def groups(query: RowQuery) -> Callable[[Connection], list[str]]:
    """Return the distinct groups of the matching rows."""
    if not _possible(query):
        return lambda _connection: []
    statement, values = _groups(_Shape.of(query)), _values(query)
    return lambda connection: [found[0] for found in statement.rows(connection, **values)]


class _Shape(NamedTuple):
    """What makes one statement of many queries: which columns are compared, with how much."""

    group: bool
    prefix: bool
    states: int
    due: bool

    @classmethod
    def of(cls, query: RowQuery) -> Self:
        return cls(
            group=query.group is not None,
            prefix=bool(query.prefix),
            states=len(query.states),
            due=query.due_by is not None,
        )


def _possible(query: RowQuery) -> bool:
    """Whether a row may match: a name that no database could hold is simply not there."""
    return (query.group is None or is_name(query.group)) and is_name(query.prefix)


def _values(query: RowQuery) -> dict[str, Any]:
    values = {f"state{number}": state for number, state in enumerate(sorted(query.states))}
    values["name"] = query.projection
    if query.group is not None:
        values["group"] = query.group
    if query.prefix:
        values["first"], values["last"] = query.prefix, query.prefix + _LAST
    if query.due_by is not None:
        values["due"] = stamp(query.due_by)
    return values


def _narrowed(statement: Select[Any], shape: _Shape) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [_named(READ_ROWS.c.projection, "name")]
    if shape.group:
        conditions.append(_named(READ_ROWS.c.row_group, "group"))
    if shape.prefix:
        conditions.append(READ_ROWS.c.row_key >= bindparam("first"))
        conditions.append(READ_ROWS.c.row_key <= bindparam("last"))
    if shape.states:
        states: list[Any] = [bindparam(f"state{number}") for number in range(shape.states)]
        conditions.append(READ_ROWS.c.row_state.in_(states))
    if shape.due:
        conditions.append(READ_ROWS.c.due_utc <= bindparam("due"))
    return statement.where(*conditions)


def every_row(connection: Connection) -> Iterator[StoredRow]:
    """Yield all rows by projection and key, some hundred at a time in memory."""
    statement = SELECT_ROWS.order_by(READ_ROWS.c.projection, READ_ROWS.c.row_key)
    found = connection.execute(statement.execution_options(yield_per=_CHUNK))
    yield from map(row_of, found)


def values_of(contents: Mapping[str, Content]) -> Mapping[str, str]:
    """Return the JSON text of each content that still has one."""
    return {ref: found.body for ref, found in contents.items() if found.body is not None}
