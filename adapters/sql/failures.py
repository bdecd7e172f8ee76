"""What a database says, as one sentence of ours."""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError

from core.domain.errors import EquerryError, StorageError, TransientError

_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk is full: nothing was written to {name}; free some space and try "
    "again.",
    sqlite3.SQLITE_CORRUPT: "The database {name} is damaged; restore it from a backup.",
    sqlite3.SQLITE_NOTADB: "{name} is not a database, or it is damaged; restore it from a "
    "backup or name another file.",
    sqlite3.SQLITE_CANTOPEN: "The database {name} cannot be opened; check that its folder is there "
    "and may be written to.",
    sqlite3.SQLITE_READONLY: "The database {name} may not be written to; check the rights of the "
    "file and of its folder.",
    sqlite3.SQLITE_PERM: "The database {name} may not be used; check the rights of the file and of "
    "its folder.",
    sqlite3.SQLITE_IOERR: "The disk failed while the database {name} was used; check its health "
    "and its free space.",
}
_POSTGRES = {
    "53100": "The disk of the database server is full: nothing was written to {name}; free some "
    "space and try again.",
    "42501": "The database {name} may not be written to; check the rights of its user.",
}
# A refused connection has no code, only the server's words.
_FATAL = "FATAL:"
_PASSING = re.compile("starting up|shutting down|recovery|too many|reserved")
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_GONE = frozenset({"OperationalError", "InterfaceError"})
_PRIMARY = 0xFF


def translate(error: Exception, name: str) -> EquerryError:
    """Return the error to raise for what the driver raised about the database `name`.

    StorageError where somebody has to do something, TransientError where trying again may do.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, name)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES:
        return StorageError(_POSTGRES[state].format(name=name))
    if state is None and _FATAL in str(cause) and not _PASSING.search(str(cause)):
        reason = _first_line(str(cause).partition(_FATAL)[2])
        return StorageError(f"{name} refused us: {reason}; correct storage.database_url.")
    if is_lost(error) or state is None or state.startswith(("08", "57P", "40")):
        return TransientError(f"The database server of {name} does not answer; try again.")
    return StorageError(f"The database {name} refused: {_first_line(cause)}.")


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, so that a new one may do better."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, sqlite3.Error) or not names & _GONE:
        return False
    return (getattr(error, "sqlstate", None) or "08").startswith(("08", "57P"))


def _from_sqlite(cause: sqlite3.Error, name: str) -> EquerryError:
    code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
    if code in _BUSY:
        return TransientError(f"Another program keeps the database {name} locked; try again.")
    sentence = _SQLITE.get(code)
    if sentence is None:
        return StorageError(f"The database {name} refused: {_first_line(cause)}.")
    return StorageError(sentence.format(name=name))


def _first_line(said: object) -> str:
    return (str(said).strip().splitlines() or [type(said).__name__])[0].rstrip(".")
