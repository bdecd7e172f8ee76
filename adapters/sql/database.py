"""Connections: one kind for the writer, one for readers, set up for durability."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from adapters.sql.failures import is_lost, translate
from core.domain.errors import StorageError

T = TypeVar("T")
READERS = 3
BUSY_S = 10.0
PRIVATE = 0o600


class Database:
    """Where the log lives; `name` is how errors call it, without a password.

    `errors` are the exceptions of SQLAlchemy and of the driver.
    """

    def __init__(self, url: str) -> None:
        self.url = _understood(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        shown = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.name = self.url.database or "" if self.is_sqlite else shown
        self._readers = self._engine(
            pool_size=READERS + 1, pool_reset_on_return=None, isolation_level="AUTOCOMMIT"
        )
        self._writers = self._engine(poolclass=NullPool)
        self._kept: Connection | None = None
        self.errors = (SQLAlchemyError, self._writers.dialect.loaded_dbapi.Error)
        if self.is_sqlite:
            event.listen(self._readers, "connect", _set_up_sqlite)
            event.listen(self._writers, "connect", _set_up_sqlite)
            event.listen(self._writers, "connect", _no_implicit_begin)
            event.listen(self._writers, "begin", _begin_immediate)

    def _engine(self, **options: Any) -> Engine:  # noqa: ANN401 - create_engine's own
        connect: dict[str, Any] = (
            {"timeout": BUSY_S, "check_same_thread": False}
            if self.is_sqlite
            else {"connect_timeout": int(BUSY_S)}
        )
        return create_engine(self.url, connect_args=connect, **options)

    def make_folder(self) -> None:
        """Create the folder of an SQLite file. Raises StorageError where that may not be done."""
        if not self.is_sqlite:
            return
        folder = Path(self.name).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder {str(folder)!r} cannot be made: {error.strerror}."
            raise StorageError(message) from error
        with suppress(OSError):  # SQLite says what is wrong, and gives its other files these rights
            Path(self.name).touch(PRIVATE)

    def connect_writer(self) -> Connection:
        """Return a new connection for transactions that write."""
        return self._writers.connect()

    def connect_reader(self) -> Connection:
        """Return a connection from the pool whose statements stand alone."""
        return self._readers.connect()

    def reading(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a read connection; once more where the server had gone away meanwhile.

        Raises StorageError or TransientError.
        """
        try:
            try:
                return self._read(work)
            except self.errors as error:
                if not is_lost(error):
                    raise
                return self._read(work)
        except self.errors as error:
            raise translate(error, self.name) from error

    def reading_here(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection that is kept for the calling thread, always the same one.

        To get one from the pool takes as long as a point query. Raises as `reading` does.
        """
        if self._kept is None:
            self._kept = self._readers.connect()
        try:
            return work(self._kept)
        except self.errors as error:
            raise translate(error, self.name) from error

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._readers.connect() as connection:
            try:
                return work(connection)
            except self.errors as error:
                if is_lost(error):  # then so are the others in the pool
                    connection.invalidate()
                    self._readers.dispose()
                raise

    def dispose(self) -> None:
        """Close all connections of readers."""
        if self._kept is not None:
            self._kept.close()
        self._readers.dispose()
        self._writers.dispose()


def _understood(url: str) -> URL:
    """Parse a database URL; plain `postgres://` and `postgresql://` mean psycopg."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = "storage.database_url is no database URL; write sqlite:///FILE or postgresql://…"
        raise StorageError(message) from error
    backend = parsed.drivername.partition("+")[0]
    if backend in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed.set(drivername="sqlite+pysqlite")
    message = "storage.database_url must name an SQLite file or a PostgreSQL database."
    raise StorageError(message)


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Make commits durable. Two programs that create one file at once get in each other's way."""
    give_up = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=FULL").close()


def _no_implicit_begin(connection: sqlite3.Connection, _record: object) -> None:
    """Take the driver's own transactions away: they let DDL and savepoints escape."""
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")
