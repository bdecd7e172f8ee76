"""Bring a database of any earlier program to the form of this one, whole or not at all."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, text

from adapters.sql.database import Database
from adapters.sql.migrating import check_schema, lock, upgrade, version_of
from adapters.sql.schema import HEAD, READ_ROWS
from adapters.sql.texts import dump, load
from adapters.sql.transacting import Transactor
from adapters.sql.upkeep import Progress, meta, refold, set_meta
from core.domain.errors import StorageError, UnreadableEventError
from core.domain.events import REVISION, is_known
from core.log.folding import Folder

_FOLDED = "projections"
_REVISION = "events_revision"

# Steps from one type to the next in the index, so that a long log costs no more than a short one.
_KINDS = text("""
WITH RECURSIVE kinds(kind) AS (
    SELECT min(event_type) FROM events
    UNION ALL
    SELECT (SELECT min(event_type) FROM events WHERE event_type > kind)
    FROM kinds WHERE kind IS NOT NULL
)
SELECT kind FROM kinds WHERE kind IS NOT NULL
""")
_FIRST = text("SELECT min(position) FROM events WHERE event_type = :kind")


def bring_up_to_date(
    database: Database,
    transactor: Transactor,
    folder: Folder,
    progress: Progress | None = None,
    may_upgrade: Callable[[], bool] | None = None,
) -> None:
    """Create or upgrade the tables, read every event, fold what is folded otherwise now.

    All of it is one transaction: what fails, or is killed, leaves the database to the version that
    wrote it. A database that is up to date is only read.
    `may_upgrade` is asked before a database that is in use is changed.
    Raises StorageError for one that this program cannot read, before anything is written.
    """
    name = database.name
    if database.reading(lambda connection: _is_current(connection, folder, name), patient=True):
        return
    used = database.reading(version_of) is not None
    if used and may_upgrade is not None and not may_upgrade():
        message = (
            f"The database {name} is of an earlier version of Equerry, and another process is at "
            "work on it; restart that with this version, or wait until it is done, and try again."
        )
        raise StorageError(message)
    try:
        transactor.run(lambda connection: _bring(connection, folder, name, progress), patient=True)
    except UnreadableEventError as error:
        message = f"The database {name} was left as it is: {error}"
        raise StorageError(message) from error


def _is_current(connection: Connection, folder: Folder, name: str) -> bool:
    """Whether nothing is to be done. Raises StorageError for a database of a newer version."""
    version = version_of(connection)
    if version is None:
        return False
    check_schema(version, name)
    _check_events(connection, name)
    return (
        version == HEAD
        and meta(connection, _REVISION) == str(REVISION)
        and _published(folder).items() <= _folded(connection).items()
    )


def _check_events(connection: Connection, name: str) -> None:
    """Refuse events that a newer version wrote."""
    for (kind,) in connection.execute(_KINDS):
        if not is_known(kind):
            position = connection.execute(_FIRST, {"kind": kind}).scalar()
            message = (
                f"The database {name} was written by a newer version of Equerry: it has events of "
                f"the type {kind} (the first is event {position}), which this one does not know; "
                "update the program or use another database."
            )
            raise StorageError(message)
    revision = int(meta(connection, _REVISION) or 0)
    if revision > REVISION:
        message = (
            f"The database {name} was written by a newer version of Equerry (revision {revision} "
            f"of its events, this one knows {REVISION}); update the program or use another "
            "database."
        )
        raise StorageError(message)


def _bring(connection: Connection, folder: Folder, name: str, progress: Progress | None) -> None:
    lock(connection)
    if _is_current(connection, folder, name):  # another process was faster
        return
    upgrade(connection)
    seen, published = _folded(connection), _published(folder)
    stale = [it for it in folder.projections if seen.get(it.name) != published[it.name]]
    connection.execute(
        delete(READ_ROWS).where(READ_ROWS.c.projection.in_([it.name for it in stale]))
    )
    unread = meta(connection, _REVISION) != str(REVISION)
    if stale or unread:
        refold(connection, Folder(stale), validate=unread, progress=progress)
    set_meta(connection, _FOLDED, dump({**seen, **published}))
    set_meta(connection, _REVISION, str(REVISION))


def _folded(connection: Connection) -> dict[str, Any]:
    """Return the form of each projection when its rows were folded."""
    found = meta(connection, _FOLDED)
    known: dict[str, Any] = load(found) if found else {}
    return known


def _published(folder: Folder) -> dict[str, Any]:
    return {
        it.name: {"version": it.version, "types": sorted(it.handles)} for it in folder.projections
    }
