"""The event log, the texts that may be erased, the rows of the read models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
_NUMBER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_events()
    op.create_table(
        "contents",
        sa.Column("content_ref", _TEXT, primary_key=True),
        sa.Column("salt", _TEXT, nullable=False),
        sa.Column("body", _TEXT),
    )
    op.create_table(
        "read_rows",
        sa.Column("projection", _TEXT, primary_key=True),
        sa.Column("row_key", _TEXT, primary_key=True),
        sa.Column("doc", _TEXT, nullable=False),
        sa.Column("row_group", _TEXT),
        sa.Column("row_state", _TEXT),
        sa.Column("due_utc", _TEXT),
        sa.Column("written", _NUMBER, nullable=False),
        sqlite_with_rowid=False,
    )
    _index("read_rows_group", "read_rows", ["projection", "row_group", "row_state"], "row_group")
    _index("read_rows_state", "read_rows", ["projection", "row_state"], "row_state")
    _index("read_rows_due", "read_rows", ["projection", "due_utc"], "due_utc")
    op.create_table(
        "store_meta",
        sa.Column("meta_name", _TEXT, primary_key=True),
        sa.Column("body", _TEXT, nullable=False),
    )


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("position", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("event_id", _TEXT, nullable=False),
        sa.Column("stream", _TEXT, nullable=False),
        sa.Column("stream_version", _NUMBER, nullable=False),
        sa.Column("event_type", _TEXT, nullable=False),
        sa.Column("goal", _TEXT),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("causation", _TEXT),
        sa.Column("dedupe_key", _TEXT),
        sa.Column("at_utc", _TEXT, nullable=False),
        sa.Column("payload", _TEXT, nullable=False),
        sa.Column("prev_hash", _TEXT, nullable=False),
        sa.Column("event_hash", _TEXT, nullable=False),
        sa.UniqueConstraint("event_id", name="events_event_id"),
        sa.UniqueConstraint("stream", "stream_version", name="events_stream"),
    )
    _index("events_dedupe_key", "events", ["dedupe_key"], "dedupe_key", unique=True)
    _index("events_goal", "events", ["goal", "position"], "goal")
    op.create_index("events_type", "events", ["event_type", "position"])


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    there = sa.text(f"{where} IS NOT NULL")
    op.create_index(name, table, columns, unique=unique, sqlite_where=there, postgresql_where=there)
