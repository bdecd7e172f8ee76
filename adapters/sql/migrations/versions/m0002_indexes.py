"""Rows in the order they were written, from the index; and what SQLite must know to use it.

Without statistics SQLite takes every column of an index to narrow a search to a tenth of a handful,
so that a whole projection looks as small as one group of it, and reads it all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATISTICS = {
    ("read_rows", "read_rows"): "100000 10000 1",
    ("read_rows", "read_rows_group"): "80000 8000 2000 500 1",
    ("read_rows", "read_rows_state"): "80000 8000 1000 1",
    ("read_rows", "read_rows_due"): "4000 1000 1",
    ("events", "events_goal"): "800000 20 1",
    ("events", "events_type"): "1000000 20000 1",
    ("events", "events_dedupe_key"): "500000 1",
}
"""Rows of a table, and for its index: how many there are for one value of its first columns.

Set by hand, as https://sqlite.org/optoverview.html recommends for plans that never change.
"""


def upgrade() -> None:
    """Widen two indexes; tell SQLite what a well-filled log is like."""
    _index("read_rows_group", ["projection", "row_group", "row_state", "written"], "row_group")
    _index("read_rows_state", ["projection", "row_state", "written"], "row_state")
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE")  # creates the table of statistics
    op.execute("DELETE FROM sqlite_stat1")
    insert = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)")
    for (table, index), numbers in _STATISTICS.items():
        op.execute(insert.bindparams(tbl=table, idx=index, stat=numbers))


def _index(name: str, columns: list[str], where: str) -> None:
    there = sa.text(f"{where} IS NOT NULL")
    op.drop_index(name, "read_rows")
    op.create_index(name, "read_rows", columns, sqlite_where=there, postgresql_where=there)
