"""SQLite itself: whether a file is whole, and whether this version of SQLite may damage one."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from adapters.sql.failures import translate
from core.domain.errors import DamagedError, StorageError

WAL_RESET_FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first fixed version of each line, the last for all that come after.

Two connections that commit and checkpoint at one moment may lose a commit or damage the file, from
3.7.0 on: https://sqlite.org/wal.html#walresetbug.
"""


def wal_reset_bug(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> bool:
    """Whether a version of SQLite has the WAL-reset bug; without one: the version in use."""
    backports, fixed = WAL_RESET_FIXED[:-1], WAL_RESET_FIXED[-1]
    if version >= fixed:
        return False
    return not any(version[:2] == one[:2] and version >= one for one in backports)


def check_pages(file: Path) -> None:
    """Read every page of a file and check its form, which takes seconds for a large one.

    Raises StorageError for one that is damaged or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise translate(error, str(file)) from error
    if found != "ok":
        problem = " ".join(str(found).split())
        message = f"The database {file} is damaged ({problem})"
        raise DamagedError(message)


def check_left_journal(file: Path, alone: Callable[[], bool]) -> None:
    """Read every page of a file whose last program was killed: the journal may be of another file.

    SQLite takes the journal that lies beside a file for its own, also where the file was put back
    from a copy, and makes one that is neither. `alone` is asked whether nobody is at work on it.
    Raises StorageError, with both left as they are.
    """
    journal = file.with_name(f"{file.name}-wal")
    try:
        left = journal.stat().st_size > 0 < file.stat().st_size  # of an empty one it is dropped
    except OSError:
        return
    if not left or not alone():
        return
    try:
        check_pages(file)
    except StorageError as error:
        message = (
            f"{error} If it was put back from a copy, remove {journal.name} and {file.name}-shm "
            "first: they are of the file that was there before."
        )
        raise StorageError(message) from error
