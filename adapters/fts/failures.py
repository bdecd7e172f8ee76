"""What is wrong with an index file, and what to do, as one error of ours."""

import errno
import os
import sqlite3
from pathlib import Path

from core.domain.errors import FactIndexError

_ANEW = "it is made again from the log"
_SQLITE = {
    sqlite3.SQLITE_BUSY: ("another program keeps it locked", "end that program, or wait"),
    sqlite3.SQLITE_LOCKED: ("another program keeps it locked", "end that program, or wait"),
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space"),
    sqlite3.SQLITE_IOERR: ("the disk failed", "check the disk's health and its free space"),
    sqlite3.SQLITE_READONLY: ("it may not be written to", "check the rights of it and its folder"),
    sqlite3.SQLITE_PERM: ("it may not be opened", "check the rights of it and its folder"),
    sqlite3.SQLITE_CANTOPEN: ("it may not be opened", "check the rights of it and its folder"),
}
_SYSTEM = {
    errno.ENOSPC: _SQLITE[sqlite3.SQLITE_FULL],
    errno.EDQUOT: _SQLITE[sqlite3.SQLITE_FULL],
    errno.EACCES: _SQLITE[sqlite3.SQLITE_PERM],
    errno.EPERM: _SQLITE[sqlite3.SQLITE_PERM],
    errno.EROFS: _SQLITE[sqlite3.SQLITE_READONLY],
    errno.EIO: _SQLITE[sqlite3.SQLITE_IOERR],
    errno.EBUSY: (
        "another program uses it, so that words of what was erased are still in it",
        "end that program, or wait",
    ),
    errno.ETIMEDOUT: ("another program that does not go on keeps it locked", "end that program"),
}
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY = 0xFF


def is_damage(error: Exception) -> bool:
    """Whether an error says that the file is not what was written into it.

    A value that cannot be read back as what it was is damage as well.
    """
    if not isinstance(error, sqlite3.Error):
        return isinstance(error, ValueError | TypeError | AttributeError | ArithmeticError)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # what is not UTF-8 any more has no code
        return isinstance(error, sqlite3.OperationalError)
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & _PRIMARY in _DAMAGED


def is_passing(error: Exception) -> bool:
    """Whether a connection is as good as before, once another program lets go of the file."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _BUSY


def damaged(path: Path, *, again: bool) -> FactIndexError:
    """Return the error for a file that is damaged; `again`: it was made anew a moment ago."""
    if again:
        todo = f"check the disk's health, and who else writes there; {_ANEW} in a while"
        return FactIndexError(repr(str(path)), "it was damaged again as soon as it was made", todo)
    todo = f"nothing need be done: {_ANEW}"
    return FactIndexError(repr(str(path)), "it was damaged", todo, renewed=True)


def translate(error: Exception, path: Path) -> FactIndexError:
    """Return the error to raise for what SQLite or the system said about a file."""
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
        what, todo = "a folder is in its place", "move the folder away"
    elif isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        what, todo = _SQLITE.get(code, (str(error), "see to that, or delete the file"))
    else:
        number = error.errno if isinstance(error, OSError) and error.errno else 0
        what, todo = _SYSTEM.get(number, (str(error), "see to that, or delete the file"))
    return FactIndexError(repr(str(path)), what, f"{todo}; {_ANEW}")
