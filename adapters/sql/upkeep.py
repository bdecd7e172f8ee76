"""Work on the whole store: refold the rows, erase texts, check the chain."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Select, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql.migrating import lock
from adapters.sql.queries import every_row, head, raw_events, read_contents
from adapters.sql.records import event_of, row_of, write_rows
from adapters.sql.schema import CONTENTS, READ_ROWS, STORE_META
from adapters.sql.stored import EPOCH
from adapters.sql.texts import dump, load, load_whole
from core.domain.errors import UnreadableEventError
from core.domain.events import Event, current, decode
from core.log.checking import ChainCheck
from core.log.folding import Folder, RowBook, StoredRow, digest_of
from core.log.sealing import wanted_refs
from core.ports.event_log import EventQuery

_BATCH = 1000
_KEEP_ROWS = 20_000

Progress = Callable[[int, int], None]
"""Hears of how many events how many are done, now and then, on a thread of the store."""
_PROBE = "probe"
_PROBE_BYTES = 64 * 1024
"""More than most messages take: a disk on which only this much has no room left is a full one."""
_HOME = "data_dir"


def rebuild(
    folder: Folder, progress: Progress | None = None
) -> Callable[[Connection], tuple[str, str]]:
    """Delete all rows and fold all events again; return the digests (before, after)."""

    def work(connection: Connection) -> tuple[str, str]:
        lock(connection)
        before = digest_of(every_row(connection))
        connection.execute(delete(READ_ROWS))
        refold(connection, folder, progress=progress)
        return before, digest_of(every_row(connection))

    return work


def refold(
    connection: Connection,
    folder: Folder,
    *,
    validate: bool = False,
    progress: Progress | None = None,
) -> None:
    """Fold all events; `validate` holds each to its type.

    Raises UnreadableEventError for an event that cannot be read or folded.
    """

    def stored(projection: str, key: str) -> StoredRow | None:
        statement = select(READ_ROWS).where(
            READ_ROWS.c.projection == projection, READ_ROWS.c.row_key == key
        )
        found = connection.execute(statement).first()
        return None if found is None else row_of(found)

    book, position, total = RowBook(stored), 0, head(connection)[0]
    while found := raw_events(connection, EventQuery(after=position), _BATCH):
        for row in found:
            position = row[0]
            _fold_one(row, folder, book, validate=validate)
        write_rows(connection, book.changed)
        book.settle(_KEEP_ROWS)
        if progress is not None:
            progress(position, total)
    set_meta(connection, EPOCH, str(int(meta(connection, EPOCH) or 0) + 1))


def _fold_one(row: Any, folder: Folder, book: RowBook, *, validate: bool) -> None:  # noqa: ANN401
    position, kind = row[0], row[4]
    try:
        event = current(event_of(row))
        if validate:
            decode(event)
        folder.fold(event, book)
    except (UnreadableEventError, SQLAlchemyError):
        raise
    except Exception as error:  # whatever a fold trips over, the owner is to know at which event
        raise UnreadableEventError(position, kind, _problem(error)) from error


def _problem(error: Exception) -> str:
    """Say what is wrong without a value of the event, which may be secret."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return f"it does not fold ({type(error).__name__})"


def meta(connection: Connection, name: str) -> str | None:
    """Return what the store notes about itself under a name, None for nothing."""
    statement = select(STORE_META.c.body).where(STORE_META.c.meta_name == name)
    found: str | None = connection.execute(statement).scalar()
    return found


def set_meta(connection: Connection, name: str, body: str) -> None:
    """Note something about the store."""
    connection.execute(delete(STORE_META).where(STORE_META.c.meta_name == name))
    connection.execute(STORE_META.insert(), {"meta_name": name, "body": body})


def home(connection: Connection) -> tuple[str, str]:
    """Return the id and the place of the data_dir that the database belongs to, or empty texts."""
    found = meta(connection, _HOME)
    ident, place = load(found) if found else ("", "")
    return ident, place


def settle(ident: str, place: str) -> Callable[[Connection], tuple[str, str]]:
    """Let the database belong to a data_dir, unless it does to another; return which it is."""

    def work(connection: Connection) -> tuple[str, str]:
        lock(connection)
        found = home(connection)
        if found[0] not in {"", ident} or found == (ident, place):
            return found
        set_meta(connection, _HOME, dump([ident, place]))
        return ident, place

    return work


def erase(refs: Sequence[str]) -> Callable[[Connection], int]:
    """Take away texts and their salts, without which a short text could be guessed.

    A row without a text is put in the place of each. SQLite joins pages that are mostly empty, and
    uses them again, where rows are deleted, and not where they are emptied.
    """

    def work(connection: Connection) -> int:
        lock(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON").close()
        there = CONTENTS.c.content_ref.in_(refs) & CONTENTS.c.body.is_not(None)
        erased = connection.execute(select(CONTENTS.c.content_ref).where(there)).scalars().all()
        if erased:
            connection.execute(delete(CONTENTS).where(there))
            empty = [{"content_ref": ref, "salt": "", "body": None} for ref in erased]
            connection.execute(insert(CONTENTS), empty)
        return len(erased)

    return work


def search_contents(wanted: Callable[[Any], bool]) -> Callable[[Connection], list[str]]:
    """Return the references of the texts that are wanted, one batch in memory at a time."""

    def work(connection: Connection) -> list[str]:
        found: list[str] = []
        after = ""
        while rows := connection.execute(_next_contents(after)).all():
            found += [ref for ref, body in rows if body is not None and wanted(_read_text(body))]
            after = rows[-1][0]
        return found

    return work


def _read_text(body: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a stored text; of one that was damaged, the text that is left."""
    try:
        return load_whole(body)
    except ValueError:
        return body


def _next_contents(after: str) -> Select[Any]:
    return (
        select(CONTENTS.c.content_ref, CONTENTS.c.body)
        .where(CONTENTS.c.content_ref > after)
        .order_by(CONTENTS.c.content_ref)
        .limit(_BATCH)
    )


def write_probe(connection: Connection) -> None:
    """Write something of the size of a large message; `remove_probe` takes it away again."""
    lock(connection)
    set_meta(connection, _PROBE, "x" * _PROBE_BYTES)


def remove_probe(connection: Connection) -> None:
    """Take away what `write_probe` wrote."""
    lock(connection)
    connection.execute(delete(STORE_META).where(STORE_META.c.meta_name == _PROBE))


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
