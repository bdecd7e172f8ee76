"""Connections: one kind for the writer, one for readers, set up for durability."""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool, Pool

from adapters.sql.failures import is_lost, translate
from adapters.sql.server import (
    ANSWER_S,
    CONNECT_ARGS,
    ENDING_S,
    PATIENT_S,
    Watchdog,
    set_up_session,
)
from core.domain.errors import StorageError, StoreAwayError, cannot_store, is_passing

T = TypeVar("T")
READERS = 3
BUSY_S = 10.0
PRIVATE = 0o600
_BESIDE = ("-wal", "-shm")


class _File(sqlite3.Connection):
    """A connection that can be referred to weakly."""


class JournalLostError(StoreAwayError):
    """A file beside that of SQLite is gone, and what is open has to be opened again."""


class Database:
    """Where the log lives; `name` is how errors call it, without a password.

    `errors` are the exceptions of SQLAlchemy and of the driver.
    """

    def __init__(self, url: str, *, checkpoints: bool = True) -> None:
        """Take the URL; `checkpoints`: commits here write SQLite's journal into the file by turns.

        Of the processes on one file only the one that leads is to do so.
        """
        self.url = _understood(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        shown = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
        self.name = self.url.database or "" if self.is_sqlite else shown
        self._readers = self._engine(
            pool_size=READERS + 1, pool_reset_on_return=None, isolation_level="AUTOCOMMIT"
        )
        self._writers = self._engine(poolclass=NullPool)
        self._watchdog = Watchdog()
        self._away = False
        self._left: deque[Pool] = deque(maxlen=READERS + 2)
        self._kept: Connection | None = None
        self._keeping = threading.Lock()
        self._files: dict[str, tuple[int, int]] = {}
        self._open = WeakSet[_File]()
        self._reopening = False
        self.errors = (SQLAlchemyError, self._writers.dialect.loaded_dbapi.Error)
        if self.is_sqlite:
            for engine in (self._readers, self._writers):
                event.listen(engine, "connect", _set_up_sqlite)
                event.listen(engine, "connect", self._opened)
                event.listen(engine, "close", self._closed)
            event.listen(self._writers, "connect", _no_implicit_begin)
            event.listen(self._writers, "begin", _begin_immediate)
            if not checkpoints:
                event.listen(self._writers, "connect", _leave_journal)
        else:
            for engine in (self._readers, self._writers):
                event.listen(engine, "do_connect", self._before_connect)
                event.listen(engine, "connect", self._connected)

    @property
    def file(self) -> Path | None:
        """The file of SQLite, None for a server."""
        return Path(self.name) if self.is_sqlite else None

    def _engine(self, **options: Any) -> Engine:  # noqa: ANN401 - create_engine's own
        if self.is_sqlite:
            return create_engine(self.url, creator=self._open_file, **options)
        return create_engine(self.url, connect_args=CONNECT_ARGS, **options)

    def _opened(self, connection: _File, _record: object) -> None:
        self._open.add(connection)

    def _closed(self, connection: _File, _record: object) -> None:
        self._open.discard(connection)

    def _open_file(self) -> sqlite3.Connection:
        """Open the file of SQLite, never making one: an empty one would stand in for a lost one."""
        if self._reopening:
            message = f"The database {self.name} is being opened again; try again."
            raise StoreAwayError(message)
        return sqlite3.connect(
            f"file:{quote(self.name)}?mode=rw",
            uri=True,
            timeout=BUSY_S,
            check_same_thread=False,
            factory=_File,
        )

    def check_file(self) -> None:
        """Raise StorageError where a file of SQLite was taken away or replaced while it is open.

        What is written then goes into a file without a name, and is lost with this process.
        JournalLostError is for the files beside the database, see `reopen`.
        """
        if not self.is_sqlite:
            return
        try:
            there = _identity(self.name)
        except OSError as error:
            message = (
                f"The database {self.name} is gone: nothing is written any more. Put the file back "
                "where it was, and it goes on."
            )
            raise StorageError(message) from error
        if self._files.setdefault("", there) != there:
            message = (
                f"Another file lies in the place of the database {self.name}: nothing is written "
                "any more. Put the one that was there back, or start Equerry again with this one."
            )
            raise StorageError(message)
        for suffix in _BESIDE:
            known = self._files.get(suffix)
            if known is not None and not _is_file(self.name + suffix, known):
                message = (
                    f"The file {self.name}{suffix} was taken away or replaced while it is in use: "
                    "nothing is written before the database was opened again; try again."
                )
                raise JournalLostError(message)

    def reopen(self) -> bool:
        """Close what is open on files that were taken away; return whether nothing is any more.

        SQLite makes them anew when the next connection is opened, and until all others are closed
        none is: they would not know of each other.
        """
        self._reopening = True
        with self._keeping:
            if self._kept is not None:
                self._kept.close()
                self._kept = None
        self._leave_pool()
        if self._open:
            return False
        self._files = {"": self._files[""]}
        self._reopening = False
        return True

    def know_journal(self) -> None:
        """Take note of which files lie beside the database: SQLite made them for a transaction.

        They stay the same until the last connection is closed.
        """
        if self.is_sqlite and len(self._files) == 1:
            with suppress(OSError):
                found = {suffix: _identity(self.name + suffix) for suffix in _BESIDE}
                self._files.update(found)

    def _before_connect(
        self, _dialect: object, _record: object, _args: object, options: dict[str, Any]
    ) -> None:
        """Wait for no server that was away already, while the program ends."""
        if not self._watchdog.hurried:
            return
        if self._away:
            raise self._writers.dialect.loaded_dbapi.OperationalError
        options["connect_timeout"] = ENDING_S

    def _connected(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        set_up_session(connection)
        self._away = False

    @contextmanager
    def bounded(self, connection: Connection, *, patient: bool = False) -> Iterator[None]:
        """Cut `connection` when its server does not answer in time; a file always answers.

        `patient` is for work on the whole store.
        """
        if self.is_sqlite:
            yield
            return
        with self._watchdog.watch(connection, PATIENT_S if patient else ANSWER_S):
            yield

    def hurry(self) -> None:
        """Wait for a server no longer than a moment from now on: the program ends."""
        self._watchdog.hurry()

    def tries_again(self, error: Exception) -> bool:
        """Whether a new connection may do better than the one that raised `error`.

        Takes note of whether the server is away by it.
        """
        self._away = is_lost(error)
        return self._away and not self._watchdog.hurried

    def make_folder(self) -> None:
        """Create the folder of an SQLite file. Raises StorageError where that may not be done."""
        if not self.is_sqlite:
            return
        folder = Path(self.name).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder {str(folder)!r} cannot be made: {error.strerror}."
            raise cannot_store(message, error) from error
        try:  # SQLite gives its other files these rights
            Path(self.name).touch(PRIVATE)
        except OSError as error:  # what else is wrong, SQLite says
            if is_passing(error):
                message = f"The database {self.name} cannot be made: {error.strerror}."
                raise cannot_store(message, error) from error

    def connect_writer(self) -> Connection:
        """Return a new connection for transactions that write."""
        return self._writers.connect()

    def connect_reader(self) -> Connection:
        """Return a connection from the pool whose statements stand alone."""
        return self._readers.connect()

    def reading(self, work: Callable[[Connection], T], *, patient: bool = False) -> T:
        """Run `work` on a read connection; once more where the server had gone away meanwhile.

        Raises StorageError or TransientError.
        """
        try:
            try:
                return self._read(work, patient=patient)
            except self.errors as error:
                if not self.tries_again(error):
                    raise
                return self._read(work, patient=patient)
        except self.errors as error:
            raise translate(error, self.name) from error

    def reading_here(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection that is kept for the calling thread, always the same one.

        To get one from the pool takes as long as a point query. Raises as `reading` does.
        """
        with self._keeping:
            try:
                if self._kept is None:
                    self._kept = self._readers.connect()
                return work(self._kept)
            except self.errors as error:
                raise translate(error, self.name) from error

    def _read(self, work: Callable[[Connection], T], *, patient: bool) -> T:
        with self._readers.connect() as connection:
            try:
                with self.bounded(connection, patient=patient):
                    return work(connection)
            except self.errors as error:
                if is_lost(error):  # then so are the others in the pool
                    connection.invalidate()
                    self._leave_pool()
                raise

    def _leave_pool(self) -> None:
        """Begin a new pool; what is still in use comes back to the old one, and is closed there."""
        self._left.append(self._readers.pool)
        self._readers.dispose()
        for pool in self._left:
            pool.dispose()

    def dispose(self) -> None:
        """Close all connections of readers."""
        for pool in self._left:
            pool.dispose()
        if self._kept is not None:
            self._kept.close()
        self._readers.dispose()
        self._writers.dispose()
        self._watchdog.close()


def _identity(path: str) -> tuple[int, int]:
    there = os.stat(path)  # noqa: PTH116 - three times a transaction, and Path takes ten times as long
    return there.st_dev, there.st_ino


def _is_file(path: str, known: tuple[int, int]) -> bool:
    try:
        return _identity(path) == known
    except OSError:
        return False


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


def _leave_journal(connection: sqlite3.Connection, _record: object) -> None:
    """Leave the journal to the process that leads, and to whoever closes the file last."""
    connection.execute("PRAGMA wal_autocheckpoint=0").close()


def _begin_immediate(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")
