"""Write transactions on one connection that is kept."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection

from adapters.sql.database import BUSY_S, Database, JournalLostError
from adapters.sql.failures import is_lost, is_unusable, translate
from adapters.sql.server import PATIENT
from core.domain.errors import StorageError, TransientError

T = TypeVar("T")
_IDLE = 0  # psycopg.pq.TransactionStatus.IDLE


class Transactor:
    """Runs one transaction after another; belongs to one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.errors = database.errors
        self._connection: Connection | None = None
        self._committing = False

    def run(self, work: Callable[[Connection], T], *, patient: bool = False) -> T:
        """Run `work` in a transaction and commit it; all of it is durable, or nothing happened.

        A connection that was lost before the commit is replaced, and `work` runs again; one that is
        lost during the commit leaves it open whether it took place (TransientError). `patient` is
        for work on the whole store, which takes a server its time.
        Raises StorageError, TransientError, or what `work` raises.
        """
        try:
            try:
                return self._once(work, patient=patient)
            except self.errors as error:
                if not self._database.tries_again(error) or self._committing:
                    raise
                return self._once(work, patient=patient)
        except self.errors as error:
            raise translate(error, self._database.name) from error

    def _once(self, work: Callable[[Connection], T], *, patient: bool) -> T:
        self._committing = False
        self._check_file()
        if self._connection is None:
            self._connection = self._database.connect_writer()
        try:
            with (
                self._database.bounded(self._connection, patient=patient),
                self._connection.begin(),
            ):
                self._database.know_journal()
                if patient and not self._database.is_sqlite:
                    for statement in PATIENT:
                        self._connection.exec_driver_sql(statement)
                result = work(self._connection)
                self._committing = True
        except self.errors as error:
            if is_lost(error) or is_unusable(error) or not self._is_clean(self._connection):
                self._drop()
            raise
        return result

    def _check_file(self) -> None:
        """Raise what `Database.check_file` raises; a journal that was lost is saved and made anew.

        It still is in the file that this connection has open: from there it goes into the database.
        """
        try:
            self._database.check_file()
        except JournalLostError:
            if self._connection is not None:
                if not self.checkpoint():
                    raise
                self._drop()
            if not self._database.reopen():
                raise

    def checkpoint(self, wait_s: float = BUSY_S) -> bool:
        """Write SQLite's journal into the file and empty it; return whether it is empty now.

        Only the thread that commits does this, and TRUNCATE keeps writers of other processes out
        meanwhile: a commit that came between could damage the file (the "WAL-reset bug" of SQLite
        up to 3.51.2). Another program that reads in the journal is waited for, `wait_s` at most.
        Raises StorageError.
        """
        if not self._database.is_sqlite:
            return True
        if self._connection is None:
            self._connection = self._database.connect_writer()
        driver: Any = self._connection.connection.driver_connection
        try:
            driver.execute(f"PRAGMA busy_timeout={int(wait_s * 1000)}").close()
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            driver.execute(f"PRAGMA busy_timeout={int(BUSY_S * 1000)}").close()
        except self.errors as error:
            self._drop()
            raise translate(error, self._database.name) from error
        return not busy

    def _is_clean(self, connection: Connection) -> bool:
        """Whether the transaction that failed was rolled back, so that a new one may begin."""
        if connection.invalidated or connection.in_transaction():
            return False
        driver: Any = connection.connection.driver_connection
        if self._database.is_sqlite:
            return not driver.in_transaction
        return bool(driver.info.transaction_status == _IDLE)

    def _drop(self) -> None:
        """Let a connection in doubt go; its transaction is rolled back with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Close the connection."""
        with suppress(StorageError, TransientError):
            self._check_file()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
