"""Work on the whole store: refold the rows, erase texts, check the chain."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, func, select, update

from adapters.sql.migrating import lock
from adapters.sql.queries import every_row, raw_events, read_contents
from adapters.sql.records import event_of, row_of, write_rows
from adapters.sql.schema import CONTENTS, READ_ROWS, STORE_META
from adapters.sql.stored import EPOCH
from adapters.sql.texts import dump, load
from core.domain.events import Event
from core.log.checking import ChainCheck
from core.log.folding import Folder, RowBook, StoredRow, digest_of
from core.log.sealing import wanted_refs
from core.ports.event_log import EventQuery

_BATCH = 1000
_KEEP_ROWS = 20_000
_FOLDED = "projections"


def rebuild(folder: Folder) -> Callable[[Connection], tuple[str, str]]:
    """Delete all rows and fold all events again; return the digests (before, after)."""

    def work(connection: Connection) -> tuple[str, str]:
        lock(connection)
        before = digest_of(every_row(connection))
        connection.execute(delete(READ_ROWS))
        _refold(connection, folder)
        return before, digest_of(every_row(connection))

    return work


def fold_what_is_new(folder: Folder) -> Callable[[Connection], None]:
    """Fold the whole log for projections that this database has not seen in their present form.

    A version that adds a projection, or lets one handle more types, needs no word from the owner.
    """

    def work(connection: Connection) -> None:
        lock(connection)
        seen = folded(connection)
        new = [it for it in folder.projections if seen.get(it.name) != sorted(it.handles)]
        if not new:
            return
        names = [it.name for it in new]
        connection.execute(delete(READ_ROWS).where(READ_ROWS.c.projection.in_(names)))
        _refold(connection, Folder(new))
        _set_meta(connection, _FOLDED, dump({**seen, **_published(folder)}))

    return work


def is_folded(folder: Folder) -> Callable[[Connection], bool]:
    """Whether the rows are those of the projections in their present form."""
    return lambda connection: _published(folder).items() <= folded(connection).items()


def folded(connection: Connection) -> dict[str, list[str]]:
    """Return the types that each projection handled when its rows were folded."""
    statement = select(STORE_META.c.body).where(STORE_META.c.meta_name == _FOLDED)
    found = connection.execute(statement).scalar()
    known: dict[str, list[str]] = load(found) if found else {}
    return known


def _published(folder: Folder) -> dict[str, list[str]]:
    return {it.name: sorted(it.handles) for it in folder.projections}


def _refold(connection: Connection, folder: Folder) -> None:
    def stored(projection: str, key: str) -> StoredRow | None:
        statement = select(READ_ROWS).where(
            READ_ROWS.c.projection == projection, READ_ROWS.c.row_key == key
        )
        found = connection.execute(statement).first()
        return None if found is None else row_of(found)

    book, position = RowBook(stored), 0
    while found := raw_events(connection, EventQuery(after=position), _BATCH):
        for event in map(event_of, found):
            folder.fold(event, book)
            position = event.position
        write_rows(connection, book.changed)
        book.settle(_KEEP_ROWS)
    statement = select(STORE_META.c.body).where(STORE_META.c.meta_name == EPOCH)
    epoch = int(connection.execute(statement).scalar() or 0)
    _set_meta(connection, EPOCH, str(epoch + 1))


def _set_meta(connection: Connection, name: str, body: str) -> None:
    connection.execute(delete(STORE_META).where(STORE_META.c.meta_name == name))
    connection.execute(STORE_META.insert(), {"meta_name": name, "body": body})


def erase(refs: Sequence[str]) -> Callable[[Connection], int]:
    """Take away texts and their salts, without which a short text could be guessed."""

    def work(connection: Connection) -> int:
        lock(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
        there = CONTENTS.c.content_ref.in_(refs) & CONTENTS.c.body.is_not(None)
        erased = connection.execute(select(func.count()).where(there)).scalar_one()
        connection.execute(update(CONTENTS).where(there).values(body=None, salt=""))
        return erased

    return work


def search_contents(wanted: Callable[[Any], bool]) -> Callable[[Connection], list[str]]:
    """Return the references of the texts that are wanted, one batch in memory at a time."""

    def work(connection: Connection) -> list[str]:
        statement = select(CONTENTS.c.content_ref, CONTENTS.c.body).where(
            CONTENTS.c.body.is_not(None)
        )
        found = connection.execution_options(yield_per=_BATCH).execute(statement)
        return [ref for ref, body in found if wanted(load(body))]

    return work


def empty_journal(connection: Connection) -> None:
    """Write the journal into the file and empty it, so that erased text is not in it either."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()


def check_next(check: ChainCheck, after: int) -> Callable[[Connection], int | None]:
    """Check the events after a position; return the last one's, None at the end or at a problem."""

    def work(connection: Connection) -> int | None:
        found = raw_events(connection, EventQuery(after=after), _BATCH)
        events = [event for event in (_readable(row, check) for row in found) if event]
        check.take(events, read_contents(wanted_refs(events))(connection))
        return events[-1].position if events and check.problem is None else None

    return work


def _readable(row: Any, check: ChainCheck) -> Event | None:  # noqa: ANN401 - a database row
    if check.problem is not None:
        return None
    try:
        return event_of(row)
    except (ValueError, TypeError, ValidationError):
        check.broken(row[0], "was changed: it cannot be read any more")
        return None
