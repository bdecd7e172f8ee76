"""The tables. Everything but positions and versions is text, so that both databases hold the same.

Names avoid the keywords of either database. On Postgres text is compared byte by byte (collation C)
as SQLite does, so that order is the same too.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint

HEAD = "0002"
"""The newest migration; a test holds it to the files in migrations/versions."""

LOCK = 0x45715E77
"""The advisory lock that serialises the writers of a Postgres database."""

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_NUMBER = Integer().with_variant(BigInteger(), "postgresql")

METADATA = MetaData()


def _index(name: str, *columns: Column[Any], where: Column[Any], unique: bool = False) -> None:
    """Index the rows in which `where` is set; the others cost the commit nothing.

    The migration leaves them out on Postgres too; to name it here would import its dialect.
    """
    Index(name, *columns, unique=unique, sqlite_where=where.is_not(None))


EVENTS = Table(
    "events",
    METADATA,
    Column("position", _NUMBER, primary_key=True, autoincrement=False),
    Column("event_id", _TEXT, nullable=False),
    Column("stream", _TEXT, nullable=False),
    Column("stream_version", _NUMBER, nullable=False),
    Column("event_type", _TEXT, nullable=False),
    Column("goal", _TEXT),
    Column("actor", _TEXT, nullable=False),
    Column("causation", _TEXT),
    Column("dedupe_key", _TEXT),
    Column("at_utc", _TEXT, nullable=False),
    Column("payload", _TEXT, nullable=False),
    Column("prev_hash", _TEXT, nullable=False),
    Column("event_hash", _TEXT, nullable=False),
    UniqueConstraint("event_id", name="events_event_id"),
    UniqueConstraint("stream", "stream_version", name="events_stream"),
    Index("events_type", "event_type", "position"),
)

_index("events_dedupe_key", EVENTS.c.dedupe_key, where=EVENTS.c.dedupe_key, unique=True)
_index("events_goal", EVENTS.c.goal, EVENTS.c.position, where=EVENTS.c.goal)

CONTENTS = Table(
    "contents",
    METADATA,
    Column("content_ref", _TEXT, primary_key=True),
    Column("salt", _TEXT, nullable=False),
    Column("body", _TEXT),
)

READ_ROWS = Table(
    "read_rows",
    METADATA,
    Column("projection", _TEXT, primary_key=True),
    Column("row_key", _TEXT, primary_key=True),
    Column("doc", _TEXT, nullable=False),
    Column("row_group", _TEXT),
    Column("row_state", _TEXT),
    Column("due_utc", _TEXT),
    Column("written", _NUMBER, nullable=False),
    sqlite_with_rowid=False,
)

_BY = READ_ROWS.c
_index(
    "read_rows_group",
    _BY.projection,
    _BY.row_group,
    _BY.row_state,
    _BY.written,
    where=_BY.row_group,
)
_index("read_rows_state", _BY.projection, _BY.row_state, _BY.written, where=_BY.row_state)
_index("read_rows_due", _BY.projection, _BY.due_utc, where=_BY.due_utc)

STORE_META = Table(
    "store_meta",
    METADATA,
    Column("meta_name", _TEXT, primary_key=True),
    Column("body", _TEXT, nullable=False),
)
