"""The one thread that writes: whatever waits when it is free goes into one transaction."""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from adapters.sql.database import BUSY_S
from adapters.sql.leading import Leader
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
_HELD_S = 0.4
"""An append takes some milliseconds; one that takes so long waits for a lock, a disk or a line."""
_FAILED_S = 35.0
"""So long a failure counts: whoever tries again does so within 30 seconds."""

_Done = asyncio.Future[Any]


@dataclass(frozen=True, eq=False, slots=True)
class _Append:
    events: tuple[NewEvent, ...]
    expect: Mapping[str, int] | None
    done: _Done


@dataclass(frozen=True, eq=False, slots=True)
class _Job:
    work: Callable[[], Any]
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
        self._journal_holds_erased = False
        self._waiting: dict[object, float] = {}
        self._failed_at = -_FAILED_S
        self.leader: Leader | None = None

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
        return cast("Appended", await self._done(_Append(tuple(events), expect, done)))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a write transaction of its own."""
        return cast("T", await self._do(partial(self._transactor.run, work, patient=True)))

    async def empty_journal(self) -> None:
        """Empty SQLite's journal: what was erased is in it too. Raises StorageError.

        Where another program still reads in it, that is done after the next commits.
        """
        await self._do(self._empty_journal)

    def _empty_journal(self, wait_s: float = BUSY_S) -> None:
        self._journal_holds_erased = True
        self._journal_holds_erased = not self._transactor.checkpoint(wait_s)

    async def _do(self, work: Callable[[], Any]) -> object:
        done = self._loop.create_future()
        return await self._done(_Job(work, done))

    @property
    def is_held_up(self) -> bool:
        """Whether something waits to be written for longer than it should, or failed just now."""
        now = time.monotonic()
        held = any(now - since > _HELD_S for since in self._waiting.values())
        return held or now - self._failed_at < _FAILED_S

    async def _done(self, item: _Append | _Job) -> object:
        if self._closing:
            message = "The event log is closed."
            raise StorageError(message)
        self._waiting[item] = time.monotonic()
        self._queue.put(item)
        try:
            return await item.done
        finally:
            del self._waiting[item]

    def _failed(self, error: Exception) -> None:
        if isinstance(error, StorageError | TransientError):
            self._failed_at = time.monotonic()

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
            self._failed(error)
            self._cache.forget()
            if len(group) > 1 and not isinstance(error, TransientError):
                for one in group:
                    self._append([one])
                return
            self._report((), [(one.done, error) for one in group])
            return
        self._failed_at = -_FAILED_S
        self._cache.take(batch)
        if self._journal_holds_erased:
            with contextlib.suppress(StorageError, TransientError):  # the next commit tries again
                self._empty_journal(wait_s=0)
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
                outcomes.append(self._admit_one(batch, one, stored.lead))
            except self._transactor.errors:
                raise
            except Exception as error:  # noqa: BLE001 - refused alone
                outcomes.append(error)
        if batch.events:
            write_events(connection, batch.events)
            write_contents(connection, batch.contents.values())
            write_rows(connection, batch.rows.changed)
        return batch, outcomes

    def _admit_one(self, batch: Batch, one: _Append, lead: int) -> Appended | Exception:
        """Admit an append, or return why this process may not make it any more."""
        refusal = None if self.leader is None else self.leader.refusal(one.events, lead)
        return refusal or batch.admit(one.events, one.expect)

    def _run(self, job: _Job) -> None:
        outcome: Any
        try:
            outcome = job.work()
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the job
            self._failed(error)
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
