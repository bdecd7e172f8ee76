"""One Equerry leads a database: it alone begins effects, under an epoch that the database counts.

On a server a session keeps an advisory lock for it; whoever vanishes loses it soon. On a file the
lock of data_dir does that. Whoever leads next counts the epoch up, and that is what the appends of
the one before are held to, in their own transaction: it may have stood still, and not know.
"""

import contextlib
import secrets
import threading
from collections.abc import Sequence

from sqlalchemy import Connection

from adapters.sql.database import Database
from adapters.sql.failures import translate
from adapters.sql.migrating import lock
from adapters.sql.schema import LEADER
from adapters.sql.stored import LEAD
from adapters.sql.upkeep import meta, set_meta
from core.domain.errors import EquerryError, RefusedError, StandbyError
from core.domain.events import NewEvent
from core.domain.events.messages import MessageSending
from core.domain.events.operations import OperationCommitting, OperationStarted

LED = frozenset({OperationStarted.wire, OperationCommitting.wire, MessageSending.wire})
"""What only the one that leads may append: something outside follows it."""

BEAT_S = 5.0
_LEASE = "SELECT set_config('idle_session_timeout', '20s', false)"
"""Four beats: then the server ends the session of one that stands still, and another may lead."""
_NAME = "SELECT set_config('application_name', %s, false)"
_END_OWN = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity AS a USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s "
    "AND a.datname = current_database() AND a.application_name = %s"
)
"""A session under our own name is of an earlier connection, or of a process that has ended."""
_STEP = 1 << 32
"""Epochs are counted up by as much as chance says: on a server that came back as an older one, who
leads next must not have the number of who led before."""
_TRIES, _TRY_S = 20, 0.1
"""How often, and after how long, to look whether a session that was ended has let go."""


class Leader:
    """The lead of this process: `epoch` is None while it has none, and `held` False.

    `name` is that of the data_dir on this machine, whose lock this process holds.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, f"equerry-{name}"
        self._connection: Connection | None = None
        self._ended_own = False
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self.epoch: int | None = None
        self.held = False

    def begin(self) -> None:
        """Take the lead. Raises RefusedError where another process has it, or what the store does.

        On a server it is kept by a thread, and taken again when the session was lost.
        """
        try:
            taken = self._take()
            for _ in range(_TRIES):
                if taken or not self._ended_own or self._ended.wait(_TRY_S):
                    break
                taken = self._take()
        except self._database.errors as error:
            raise translate(error, self._database.name) from error
        if not taken:
            message = (
                f"Another Equerry is running on the database {self._database.name}; stop it or use "
                "another database. One that was cut off gives it up after 20 seconds."
            )
            raise RefusedError(message)
        if not self._database.is_sqlite:
            self._thread = threading.Thread(target=self._work, name="event-log-lead", daemon=True)
            self._thread.start()

    def refusal(self, events: Sequence[NewEvent], epoch: int) -> EquerryError | None:
        """Return why an append may not be made while the database counts this epoch."""
        if not any(event.payload.wire in LED for event in events):
            return None
        if self.held and epoch == self.epoch:
            return None
        what = "Another Equerry has taken over" if epoch != self.epoch else "The lead is lost on"
        return StandbyError(
            f"{what} the database {self._database.name}: this one begins nothing with an effect "
            "before it leads again."
        )

    def _take(self) -> bool:
        """Take the lock and count the epoch up in one transaction; return whether it was free."""
        connection = self._database.connect_writer()
        try:
            with self._database.bounded(connection), connection.begin():
                free = self._database.is_sqlite or self._lock(connection)
                epoch = _count_up(connection) if free else None
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        if epoch is None or self._database.is_sqlite:
            connection.close()
        else:
            self._connection = connection
        if epoch is not None:
            self.epoch, self.held = epoch, True
        return epoch is not None

    def _lock(self, connection: Connection) -> bool:
        with contextlib.suppress(*self._database.errors), connection.begin_nested():
            connection.exec_driver_sql(_LEASE)  # a server before version 14 does not know it
        connection.exec_driver_sql(_NAME, (self._name,))
        if connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (LEADER,)).scalar():
            return True
        ended = connection.exec_driver_sql(_END_OWN, (LEADER, self._name)).all()
        self._ended_own = self._ended_own or bool(ended)
        return False

    def _work(self) -> None:
        while not self._ended.wait(BEAT_S):
            try:
                if self._connection is None:
                    self._take()
                else:
                    self._beat(self._connection)
            except (*self._database.errors, OSError):  # said by whoever wants to append meanwhile
                self._drop()
        self._drop()

    def _beat(self, connection: Connection) -> None:
        with self._database.bounded(connection), connection.begin():
            connection.exec_driver_sql("SELECT 1")

    def _drop(self) -> None:
        """Let the session go, and the lock with it."""
        self.held = False
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*self._database.errors):
                connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Give the lead up."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self.held = False


def _count_up(connection: Connection) -> int:
    lock(connection)
    epoch = int(meta(connection, LEAD) or 0) + 1 + secrets.randbelow(_STEP)
    set_meta(connection, LEAD, str(epoch))
    return epoch
