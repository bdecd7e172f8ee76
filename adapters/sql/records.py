"""Events and rows as database rows, and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select

from adapters.sql.prepared import Prepared
from adapters.sql.schema import CONTENTS, EVENTS, READ_ROWS
from adapters.sql.texts import dump, load, original_text, stored_text
from core.domain.base import JsonObject
from core.domain.erasable import Content
from core.domain.events import Event, stamp
from core.log.folding import Place, StoredRow

UNREADABLE = "unreadable"
"""Under what a payload keeps what is stored, where that is no JSON object."""
SELECT_ROWS: Select[Any] = select(READ_ROWS)
_DELETE_ROW = Prepared(
    delete(READ_ROWS).where(
        READ_ROWS.c.projection == bindparam("p_projection"),
        READ_ROWS.c.row_key == bindparam("p_key"),
    )
)
_INSERT_EVENTS = Prepared(insert(EVENTS))


def _insert(dialect: str, table: Table) -> Any:  # noqa: ANN401 - no common type has on_conflict
    """Return the dialect's own INSERT; the other dialect takes long to import."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


@cache
def _insert_contents(dialect: str) -> Prepared:
    statement = _insert(dialect, CONTENTS)
    return Prepared(statement.on_conflict_do_nothing(index_elements=["content_ref"]))


@cache
def _upsert_rows(dialect: str) -> Prepared:
    statement = _insert(dialect, READ_ROWS)
    replaced = {
        column.name: statement.excluded[column.name]
        for column in READ_ROWS.columns
        if not column.primary_key
    }
    return Prepared(
        statement.on_conflict_do_update(index_elements=["projection", "row_key"], set_=replaced)
    )


def event_of(row: Sequence[Any]) -> Event:
    """Return the event of a row of the table `events`, its columns in order."""
    (position, name, stream, version, kind, goal, actor, causation, key, at, payload, *chain) = row
    return Event(
        position=position,
        id=name,
        stream=stream,
        version=version,
        type=kind,
        goal=goal,
        actor=actor,
        causation=causation,
        key=key,
        at=datetime.fromisoformat(at),
        payload=_payload(payload),
        prev=chain[0],
        hash=chain[1],
    )


def _payload(text: str) -> JsonObject:
    """Return a payload; one that was damaged and is no JSON object any more has none of its fields.

    Whoever reads the event is told that it cannot be read, and others are read beside it.
    """
    try:
        payload = load(text)
    except ValueError:
        payload = text
    return payload if isinstance(payload, dict) else {UNREADABLE: payload}


def row_of(row: Sequence[Any]) -> StoredRow:
    """Return the row of a row of the table `read_rows`, its columns in order."""
    projection, key, doc, *rest = row
    return StoredRow(projection, key, original_text(doc), *rest)


def content_of(row: Sequence[Any]) -> Content:
    """Return the content of a row of the table `contents`, its columns in order."""
    ref, salt, body = row
    return Content(ref=ref, salt=salt, body=None if body is None else original_text(body))


def write_events(connection: Connection, events: Iterable[Event]) -> None:
    """Insert events."""
    _INSERT_EVENTS.write(connection, [_event_values(event) for event in events])


def _event_values(event: Event) -> dict[str, Any]:
    return {
        "position": event.position,
        "event_id": event.id,
        "stream": event.stream,
        "stream_version": event.version,
        "event_type": event.type,
        "goal": event.goal,
        "actor": event.actor,
        "causation": event.causation,
        "dedupe_key": event.key,
        "at_utc": stamp(event.at),
        "payload": dump(event.payload),
        "prev_hash": event.prev,
        "event_hash": event.hash,
    }


def write_contents(connection: Connection, contents: Iterable[Content]) -> None:
    """Insert contents; one that is there already, erased or not, stays as it is."""
    values = [
        {"content_ref": content.ref, "salt": content.salt, "body": stored_text(content.body or "")}
        for content in contents
    ]
    if values:
        _insert_contents(connection.dialect.name).write(connection, values)


def write_rows(connection: Connection, changed: Mapping[Place, StoredRow | None]) -> None:
    """Insert, replace and delete rows."""
    names = [column.name for column in READ_ROWS.columns]
    there = [
        dict(zip(names, row._replace(doc=stored_text(row.doc)), strict=True))
        for row in changed.values()
        if row is not None
    ]
    gone = [{"p_projection": name, "p_key": key} for (name, key), row in changed.items() if not row]
    if there:
        _upsert_rows(connection.dialect.name).write(connection, there)
    if gone:
        _DELETE_ROW.write(connection, gone)
