"""A database server that may vanish without a word: NAT forgets, a laptop sleeps, packets drop.

The driver waits for ever for an answer. The system notices a dead line by keepalives, and data that
nobody acknowledges; a middleman that takes bytes and passes nothing on is noticed by the watchdog.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

CONNECT_S = 5
ANSWER_S = 15.0
"""How long one piece of work may take: some statements, each of at most 12 s, most of 1 ms."""
PATIENT_S = 600.0
"""The same for work on the whole store: folding a year again takes minutes."""
ENDING_S = 3
"""The same for everything while the program ends."""
_LOOK_S = 0.25

CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": CONNECT_S,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""What libpq takes: a line that is dead is noticed after 10 to 25 s, used or not."""

SETTINGS = {
    "statement_timeout": "12s",  # below ANSWER_S, so that a slow server says so itself
    "lock_timeout": "8s",  # as long as SQLite waits for another writer, about
    "idle_in_transaction_session_timeout": "20s",  # a vanished writer holds the lock no longer
}
_LINE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""The same the other way round: the server drops the session, and its locks, of a dead client."""
PATIENT = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)


def set_up_session(connection: Any) -> None:  # noqa: ANN401 - the driver's
    """Bound what the server may do for a new session; settings it does not know are left out."""
    from psycopg import DatabaseError

    before, connection.autocommit = connection.autocommit, True
    try:
        _set(connection, SETTINGS)
        with contextlib.suppress(DatabaseError):  # not every system can
            _set(connection, _LINE)
    finally:
        connection.autocommit = before


def _set(connection: Any, settings: dict[str, str]) -> None:  # noqa: ANN401 - the driver's
    calls = ", ".join("set_config(%s, %s, false)" for _ in settings)
    connection.execute(f"SELECT {calls}", [part for pair in settings.items() for part in pair])


class Watchdog:
    """Cuts the connection under work that takes too long, so that its driver raises.

    A thread looks four times a second while there is work; whoever is cut sees a closed connection.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[object, tuple[socket.socket, float]] = {}
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self.hurried = False

    @contextlib.contextmanager
    def watch(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Give what is done on `connection` meanwhile so many seconds."""
        driver: Any = connection.connection.driver_connection
        line = socket.socket(fileno=os.dup(driver.fileno()))
        token = object()
        until = time.monotonic() + (min(seconds, ENDING_S) if self.hurried else seconds)
        with self._lock:
            self._watched[token] = (line, until)
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._watched.pop(token, None)
            line.close()

    def hurry(self) -> None:
        """Give whatever runs and comes a moment only."""
        with self._lock:
            self.hurried = True
            soon = time.monotonic() + ENDING_S
            for token, (line, until) in self._watched.items():
                self._watched[token] = (line, min(until, soon))

    def close(self) -> None:
        """End the thread."""
        self._closed.set()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="database-watch", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while not self._closed.wait(_LOOK_S):
            now = time.monotonic()
            with self._lock:
                late = [line for line, until in self._watched.values() if now >= until]
                for line in late:
                    with contextlib.suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
