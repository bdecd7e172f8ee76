"""What a database says, as one sentence of ours."""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError

from core.domain.errors import DamagedError, DiskError, EquerryError, StorageError, StoreAwayError

_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk is full: nothing was written to {name}; free some space and try "
    "again.",
    sqlite3.SQLITE_CANTOPEN: "The database {name} cannot be opened; check that its folder is there "
    "and may be written to.",
    sqlite3.SQLITE_READONLY: "The database {name} may not be written to; check the rights of the "
    "file and of its folder.",
    sqlite3.SQLITE_PERM: "The database {name} may not be used; check the rights of the file and of "
    "its folder.",
    sqlite3.SQLITE_IOERR: "The disk failed while the database {name} was used; check its health "
    "and its free space.",
}
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: ("The database {name} is damaged", "restore it from a backup"),
    sqlite3.SQLITE_NOTADB: (
        "{name} is not a database, or it is damaged",
        "restore it from a backup or name another file",
    ),
}
_POSTGRES = {
    "53100": "The disk of the database server is full: nothing was written to {name}; free some "
    "space and try again.",
    "58030": "The disk of the database server of {name} failed; check its health.",
    "42501": "The database {name} may not be written to; check the rights of its user.",
}
# A refused connection has no code, only the server's words.
_LOCKED = "55P03"
_TOO_LONG = "57014"
_READ_ONLY = "25006"
_FATAL = "FATAL:"
_AWAY = ("08", "57P", "40", "53")
"""No connection, a server that ends or starts, a transaction to begin anew, nothing left for us."""
_PASSING = re.compile("starting up|shutting down|recovery|too many|reserved")
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REMEMBERED = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_GONE = frozenset({"OperationalError", "InterfaceError"})
_PRIMARY = 0xFF
_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, "53100", "58030"})


def translate(error: Exception, name: str) -> EquerryError:
    """Return the error to raise for what the driver raised about the database `name`.

    StorageError where somebody has to do something, StoreAwayError where trying again may do.
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, name)
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES:
        kind = DiskError if state in _DISK else StorageError
        return kind(_POSTGRES[state].format(name=name))
    if state is None and _FATAL in str(cause) and not _PASSING.search(str(cause)):
        reason = _first_line(str(cause).partition(_FATAL)[2])
        return StorageError(f"{name} refused us: {reason}; correct storage.database_url.")
    if state == _LOCKED:
        return StoreAwayError(f"Another program keeps the database {name} locked; try again.")
    if state == _TOO_LONG:
        return StoreAwayError(f"The database server of {name} takes too long; try again.")
    if state == _READ_ONLY:
        return StoreAwayError(
            f"The database server of {name} may only be read now, as one that stands by for "
            "another; try again."
        )
    if is_lost(error) or state is None or state.startswith(_AWAY):
        return StoreAwayError(f"The database server of {name} does not answer; try again.")
    return StorageError(f"The database {name} refused: {_first_line(cause)}.")


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone, so that a new one may do better."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, sqlite3.Error) or not names & _GONE:
        return False
    return (getattr(error, "sqlstate", None) or "08").startswith(("08", "57P"))


def is_unusable(error: Exception) -> bool:
    """Whether it failed in a way that a connection remembers, so that a new one may do better.

    One that was opened while the disk could not be written, say, writes nothing afterwards either,
    and where a server only reads by now another one may lead.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlstate", None) == _READ_ONLY:
        return True
    return getattr(cause, "sqlite_errorcode", 0) & _PRIMARY in _REMEMBERED


def _from_sqlite(cause: sqlite3.Error, name: str) -> EquerryError:
    code = getattr(cause, "sqlite_errorcode", 0) & _PRIMARY
    if code in _BUSY:
        return StoreAwayError(f"Another program keeps the database {name} locked; try again.")
    if code in _DAMAGED:
        what, todo = _DAMAGED[code]
        return DamagedError(what.format(name=name), todo)
    sentence = _SQLITE.get(code)
    if sentence is None:
        return StorageError(f"The database {name} refused: {_first_line(cause)}.")
    return (DiskError if code in _DISK else StorageError)(sentence.format(name=name))


def _first_line(said: object) -> str:
    return (str(said).strip().splitlines() or [type(said).__name__])[0].rstrip(".")
