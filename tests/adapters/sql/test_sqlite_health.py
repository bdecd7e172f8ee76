import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sql.sqlite_health import check_pages, wal_reset_bug
from core.domain.errors import StorageError


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_the_versions_with_the_bug_are_known(version: tuple[int, int, int], has_it: bool) -> None:  # noqa: FBT001 - of the table
    """It was fixed in 3.51.3, and in two older lines."""
    assert wal_reset_bug(version) is has_it


def test_a_page_that_nobody_reads_otherwise_is_checked(tmp_path: Path) -> None:
    """Noise far behind in a file is found; a file with % and ? in its name is opened."""
    file = tmp_path / "100%? of it.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 300)
    check_pages(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: 40 * 4096] + b"\xff" * 4096 + whole[41 * 4096 :])
    with pytest.raises(StorageError, match=r"is damaged.*restore it from a backup"):
        check_pages(file)
