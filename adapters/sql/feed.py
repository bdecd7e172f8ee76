"""Tell listeners of every commit, in order, whoever made it."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, func, select

from adapters.sql.database import Database
from adapters.sql.schema import EVENTS
from core.domain.errors import STORE_ERRORS, EquerryError
from core.domain.events import Event
from core.log.following import Listeners
from core.ports.event_log import Listener

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_PERIOD_S = 0.25
_RETRY_S = 1.0
_NEWEST = select(func.max(EVENTS.c.position))

ReadAfter = Callable[[int], Awaitable[Sequence[Event]]]


class Feed:
    """Hands events to listeners on the event loop. `read_after` fetches those it has not seen.

    What this process commits next to the last event told is told at once; where another process
    came between, all that is new is read from the log.
    """

    def __init__(self, read_after: ReadAfter) -> None:
        self._read_after = read_after
        self._listeners = Listeners()
        self._told = 0
        self._wanted = 0
        self._catching_up: asyncio.Task[None] | None = None
        self._again: asyncio.TimerHandle | None = None

    def start(self, position: int) -> None:
        """Begin after the event at `position`."""
        self._told = self._wanted = position

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; return the function that ends it."""
        return self._listeners.add(listener)

    def committed(self, events: Sequence[Event]) -> None:
        """Take what this process has committed."""
        if events[0].position == self._told + 1:
            self._tell(events)
        else:
            self.reached(events[-1].position)

    def reached(self, position: int) -> None:
        """Take note that the log goes up to `position` by now."""
        self._wanted = max(self._wanted, position)
        if not self._listeners:
            self._told = max(self._told, position)
        elif self._told < self._wanted and self._catching_up is None:
            self._catching_up = asyncio.get_running_loop().create_task(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            while self._told < self._wanted:
                events = await self._read_after(self._told)
                fresh = [event for event in events if event.position > self._told]
                if fresh:
                    self._tell(fresh)
                elif not events:
                    return
        except EquerryError as error:
            _LOG.warning("Listeners of the event log are behind: %s", error)
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(_RETRY_S, self.reached, self._wanted)
        finally:
            self._catching_up = None

    def _tell(self, events: Sequence[Event]) -> None:
        self._told = events[-1].position
        self._listeners.tell(tuple(events))

    async def close(self) -> None:
        """Stop reading."""
        if self._catching_up is not None:
            self._catching_up.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._catching_up
        if self._again is not None:
            self._again.cancel()


class Pulse:
    """A thread that looks four times a second whether the log has grown, and tells the event loop.

    It also looks whether the files of the log are still there, and tells what is wrong with them.

    On SQLite it asks for the data version, which costs some microseconds and no reading; a server
    is asked for the newest position.
    """

    def __init__(
        self,
        database: Database,
        reached: Callable[[int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._database, self._reached, self._failed = database, reached, failed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._version: object = None
        self._position = 0

    def start(self, position: int) -> None:
        """Start looking for events after `position`."""
        self._position = position
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="event-log-pulse", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while not self._stop.wait(_PERIOD_S):
            try:
                self._database.check_file()
                position = self._look()
            except STORE_ERRORS as error:
                self._drop()
                self._tell(self._failed, error)
                continue
            except (*self._database.errors, OSError):  # the store's own calls report it
                self._drop()
                continue
            if position > self._position:
                self._position = position
                self._tell(self._reached, position)
        self._drop()

    def _tell(self, listener: Callable[[T], None], news: T) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(listener, news)

    def _look(self) -> int:
        if self._connection is None:
            self._connection = self._database.connect_reader()
            self._version = None
        with self._database.bounded(self._connection):
            return self._newest(self._connection)

    def _newest(self, connection: Connection) -> int:
        if self._database.is_sqlite:
            version = connection.exec_driver_sql("PRAGMA data_version").scalar()
            if version == self._version:
                return self._position
            self._version = version
        return connection.execute(_NEWEST).scalar() or 0

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*self._database.errors):
                connection.close()
