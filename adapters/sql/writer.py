"""The one thread that writes: whatever waits when it is free goes into one transaction."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from adapters.sql.migrating import lock
from adapters.sql.records import write_contents, write_events, write_rows
from adapters.sql.stored import Cache, Stored
from adapters.sql.transacting import Transactor
from core.domain.errors import StorageError, TransientError
from core.domain.events import Event, NewEvent
from core.log.admission import Batch
from core.log.folding import Folder
from core.ports.clock import Clock
from core.ports.event_log import Appended
from core.ports.ids import Ids

T = TypeVar("T")
_GROUP = 256

_Done = asyncio.Future[Any]


@dataclass(frozen=True, eq=False, slots=True)
class _Append:
    events: tuple[NewEvent, ...]
    expect: Mapping[str, int] | None
    done: _Done


@dataclass(frozen=True, eq=False, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    done: _Done


class _Stop:
    """Comes last."""


_Item = _Append | _Job | _Stop


class Writer:
    """Takes appends and other write jobs from the event loop; appends that queue up share a commit.

    `heard` is called on the event loop with the events of each commit, before its appends return.
    """

    def __init__(self, transactor: Transactor, folder: Folder, clock: Clock, ids: Ids) -> None:
        self._transactor, self._folder = transactor, folder
        self._clock, self._ids = clock, ids
        self._cache = Cache()
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = False

    def start(self, heard: Callable[[Sequence[Event]], None]) -> None:
        """Start the thread; what it does is reported to the running event loop."""
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="event-log-writer", daemon=True)
        self._thread.start()

    async def append(
        self, events: Sequence[NewEvent], expect: Mapping[str, int] | None
    ) -> Appended:
        """Append; returns once it is durable. A cancelled caller's append may still take place."""
        done = self._loop.create_future()
        self._put(_Append(tuple(events), expect, done))
        return cast("Appended", await done)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a write transaction of its own."""
        done = self._loop.create_future()
        self._put(_Job(work, done))
        return cast("T", await done)

    def _put(self, item: _Append | _Job) -> None:
        if self._closing:
            message = "The event log is closed."
            raise StorageError(message)
        self._queue.put(item)

    async def close(self) -> None:
        """Finish what is queued and end the thread."""
        if self._closing:
            return
        self._closing = True
        if self._thread is None:
            self._transactor.close()
            return
        self._queue.put(_Stop())
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        item = self._queue.get()
        while not isinstance(item, _Stop):
            after: _Item | None = None
            if isinstance(item, _Job):
                self._run(item)
            else:
                group, after = self._gather(item)
                self._append(group)
            item = after or self._queue.get()
        self._transactor.close()

    def _gather(self, first: _Append) -> tuple[list[_Append], _Item | None]:
        """Return the appends that wait by now, and the item that ended their row."""
        group = [first]
        while len(group) < _GROUP and not self._queue.empty():
            item = self._queue.get()
            if not isinstance(item, _Append):
                return group, item
            group.append(item)
        return group, None

    def _append(self, group: Sequence[_Append]) -> None:
        """Commit a group; where the whole is refused, each is tried alone, so that one fails."""
        try:
            batch, outcomes = self._transactor.run(
                lambda connection: self._admit(connection, group)
            )
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the append
            self._cache.forget()
            if len(group) > 1 and not isinstance(error, TransientError):
                for one in group:
                    self._append([one])
                return
            self._report((), [(one.done, error) for one in group])
            return
        self._cache.take(batch)
        done = [one.done for one in group]
        self._report(batch.events, list(zip(done, outcomes, strict=True)))

    def _admit(
        self, connection: Connection, group: Sequence[_Append]
    ) -> tuple[Batch, list[Appended | Exception]]:
        lock(connection)
        keys = [event.key for one in group for event in one.events if event.key is not None]
        stored = Stored(connection, self._cache, keys)
        batch = Batch(stored, stored.head, self._folder, self._clock, self._ids)
        outcomes: list[Appended | Exception] = []
        for one in group:
            try:
                outcomes.append(batch.admit(one.events, one.expect))
            except self._transactor.errors:
                raise
            except Exception as error:  # noqa: BLE001 - refused alone
                outcomes.append(error)
        if batch.events:
            write_events(connection, batch.events)
            write_contents(connection, batch.contents.values())
            write_rows(connection, batch.rows.changed)
        return batch, outcomes

    def _run(self, job: _Job) -> None:
        outcome: Any
        try:
            outcome = self._transactor.run(job.work)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the job
            outcome = error
        self._report((), [(job.done, outcome)])

    def _report(self, events: Sequence[Event], done: Sequence[tuple[_Done, Any]]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._settle, events, done)

    def _settle(self, events: Sequence[Event], done: Sequence[tuple[_Done, Any]]) -> None:
        if events:
            self._heard(events)
        for future, outcome in done:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
