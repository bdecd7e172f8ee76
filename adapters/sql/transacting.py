"""Write transactions on one connection that is kept."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.failures import is_lost, translate

T = TypeVar("T")
_IDLE = 0  # psycopg.pq.TransactionStatus.IDLE


class Transactor:
    """Runs one transaction after another; belongs to one thread at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.errors = database.errors
        self._connection: Connection | None = None
        self._committing = False

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and commit it; all of it is durable, or nothing happened.

        A connection that was lost before the commit is replaced, and `work` runs again; one that is
        lost during the commit leaves it open whether it took place (TransientError).
        Raises StorageError, TransientError, or what `work` raises.
        """
        try:
            try:
                return self._once(work)
            except self.errors as error:
                if self._committing or not is_lost(error):
                    raise
                return self._once(work)
        except self.errors as error:
            raise translate(error, self._database.name) from error

    def _once(self, work: Callable[[Connection], T]) -> T:
        self._committing = False
        if self._connection is None:
            self._connection = self._database.connect_writer()
        try:
            with self._connection.begin():
                result = work(self._connection)
                self._committing = True
        except self.errors as error:
            if is_lost(error) or not self._is_clean(self._connection):
                self._drop()
            raise
        return result

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
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
