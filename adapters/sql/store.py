"""The event log and its read models in a database."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

from sqlalchemy import Connection

from adapters.sql import queries, upkeep
from adapters.sql.database import READERS, Database
from adapters.sql.feed import Feed, Pulse
from adapters.sql.leading import Leader
from adapters.sql.opening import bring_up_to_date
from adapters.sql.sqlite_health import check_left_journal
from adapters.sql.transacting import Transactor
from adapters.sql.upkeep import Progress
from adapters.sql.writer import Writer
from core.domain.errors import STORE_ERRORS, StorageError
from core.domain.events import Event, NewEvent
from core.domain.whole_text import whole_text
from core.log.checking import ChainCheck
from core.log.folding import Folder, digest_of
from core.log.following import follow
from core.log.sealing import check_names, inflate_all, is_name, wanted_refs
from core.ports.clock import Clock
from core.ports.event_log import Appended, EventQuery, Listener, Verification
from core.ports.ids import Ids
from core.ports.read_models import Projection, Row, RowQuery

T = TypeVar("T")
Guard = Callable[[Event], Awaitable[None]]
_BRIEF = 1000
"""Rows at most that are read without a thread."""
_FEW = 100
"""Events at most that are read without a thread where nothing but a position narrows them."""


class SqlStore:
    """Both ports, EventLog and ReadModels, over SQLite or PostgreSQL.

    One thread writes and commits in groups; a few read. Several processes may use one database:
    their appends are serialised by the database's own lock, so positions have no gaps.
    """

    def __init__(
        self, database: Database, projections: Sequence[Projection], clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._folder = Folder(projections)
        self._transactor = Transactor(database)
        self._writer = Writer(self._transactor, self._folder, clock, ids)
        self._feed = Feed(self._read_after)
        self._pulse = Pulse(database, self._feed.reached, self._failed)
        self._guards: list[tuple[frozenset[str], Guard]] = []
        self._failing: list[Callable[[Exception], None]] = []
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="event-log-reader")
        self._leader: Leader | None = None
        self._closed = False

    @classmethod
    async def open(
        cls,
        url: str,
        projections: Sequence[Projection],
        clock: Clock,
        ids: Ids,
        progress: Progress | None = None,
        *,
        may_upgrade: Callable[[], bool] | None = None,
        checkpoints: bool = True,
        alone: Callable[[], bool] = lambda: True,
    ) -> Self:
        """Open a database (`sqlite:///FILE`, `postgresql://…`), creating or upgrading its tables.

        `progress` hears of an upgrade that reads the log, `may_upgrade` is asked before one.
        `alone` is asked before a file that a killed program left is checked.
        `checkpoints` is for the process that leads: one program at a time empties SQLite's journal.
        Raises StorageError with one sentence for a database that cannot be used.
        """
        store = cls(Database(url, checkpoints=checkpoints), projections, clock, ids)
        try:
            if store.file is not None:
                await asyncio.to_thread(check_left_journal, store.file, alone)
            await store._start(progress, may_upgrade)
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def file(self) -> Path | None:
        """The file of SQLite, None for a server."""
        return self._database.file

    async def _start(
        self, progress: Progress | None, may_upgrade: Callable[[], bool] | None
    ) -> None:
        position = await asyncio.to_thread(self._prepare, progress, may_upgrade)
        self._feed.start(position)
        self._writer.start(self._feed.committed)
        self._pulse.start(position)

    def _prepare(self, progress: Progress | None, may_upgrade: Callable[[], bool] | None) -> int:
        database = self._database
        database.make_folder()
        bring_up_to_date(database, self._transactor, self._folder, progress, may_upgrade)
        return database.reading(queries.head)[0]

    async def _read(
        self, work: Callable[[Connection], T], *, brief: bool = False, patient: bool = False
    ) -> T:
        """Read on a thread; what is `brief` is read at once where the database is a file.

        `patient` is for what reads the whole store. A point query of a file takes less than the way
        to a thread and back, and waits for no writer.
        """
        if self._closed:
            message = "The event log is closed."
            raise StorageError(message)
        with self._noticing():
            if brief and self._database.is_sqlite:
                return self._database.reading_here(work)
            loop = asyncio.get_running_loop()
            reading = partial(self._database.reading, work, patient=patient)
            return await loop.run_in_executor(self._readers, reading)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with self._noticing():
            return await self._writer.run(work)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Tell who listens for it that the database failed somebody."""
        try:
            yield
        except STORE_ERRORS as error:
            self._failed(error)
            raise

    def _failed(self, error: Exception) -> None:
        for listener in tuple(self._failing):
            listener(error)

    def on_failure(self, listener: Callable[[Exception], None]) -> Callable[[], None]:
        """Call `listener` whenever the database fails a caller; return what ends it."""
        self._failing.append(listener)
        return lambda: self._failing.remove(listener)

    async def probe(self) -> None:
        """Write something and take it away again. Raises what an append would raise."""
        await self._writer.run(upkeep.write_probe)
        await self._writer.run(upkeep.remove_probe)

    async def lead(self, name: str | None = None) -> None:
        """Be the one process that begins effects on this database, until it is closed.

        `name` says which place of which machine it is, where only one process can be at a time.
        Raises RefusedError where another one is. An append that begins an effect raises
        StandbyError from when another has taken over.
        """
        leader = Leader(self._database, name or uuid4().hex)
        await asyncio.to_thread(leader.begin)
        self._leader = self._writer.leader = leader

    @property
    def leads(self) -> bool:
        """Whether this process leads the database, as far as it knows."""
        return self._leader is not None and self._leader.held

    @property
    def is_held_up(self) -> bool:
        """Whether what is to be written waits for longer than it should, or could not be."""
        return self._writer.is_held_up

    async def belongs_to(self, ident: str | None = None, place: str = "") -> tuple[str, str]:
        """Return the id and the place of the data_dir that this database belongs to, or empty.

        With an `ident` it belongs to that one from now on, where it belonged to none.
        """
        if ident is None:
            return await self._read(upkeep.home)
        return await self._write(upkeep.settle(ident, place))

    async def append(
        self, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        """Append `events`; see the port. Raises TransientError while the server is away."""
        check_names(events, expect)
        with self._noticing():
            appended = await self._writer.append(events, expect)
        for types, guard in () if appended.duplicate else self._guards:
            if any(event.type in types for event in appended.events):
                await guard(appended.events[-1])
        return appended

    def guard(self, types: frozenset[str], work: Guard) -> None:
        """Have `work` done with the newest event before an append of these types returns."""
        self._guards.append((types, work))

    async def read(self, query: EventQuery, *, limit: int = 1000) -> Sequence[Event]:
        """Return up to `limit` events by position; see the port."""
        narrow = any((query.stream, query.goal, query.keys, query.streams, query.places))
        few = limit <= _FEW and query.type is None and query.since is None
        return await self._read(queries.read_events(query, limit), brief=narrow or few)

    async def _read_after(self, position: int) -> Sequence[Event]:
        return await self.read(EventQuery(after=position))

    async def inflated(self, events: Sequence[Event]) -> Sequence[Event]:
        """Return the events with erasable text filled in."""
        return inflate_all(events, await self.values(wanted_refs(events)))

    async def values(self, refs: Sequence[str]) -> dict[str, Any]:
        """Return the value of each reference that still has one.

        One that was damaged and is no JSON any more counts as erased: what refers to it goes on
        without its words, and `verify` names it.
        """
        if not refs:
            return {}
        contents = await self._read(queries.read_contents(refs), brief=len(refs) <= _BRIEF)
        found: dict[str, Any] = {}
        for ref, body in queries.values_of(contents).items():
            with suppress(ValueError):
                found[ref] = json.loads(whole_text(body))
        return found

    async def search_values(self, wanted: Callable[[Any], bool]) -> list[str]:
        """Return the references of every stored value that is `wanted`; reads all of them."""
        return await self._read(upkeep.search_contents(wanted), patient=True)

    async def erase(self, refs: Sequence[str]) -> int:
        """Erase the text behind the references, and its salt; return how many had some."""
        erased = await self._write(upkeep.erase([ref for ref in refs if is_name(ref)]))
        with self._noticing():
            await self._writer.empty_journal()
        return erased

    async def version(self, stream: str) -> int:
        """Return the version of a stream, 0 for one without events."""
        return await self._read(queries.version_of(stream), brief=True)

    async def head(self) -> tuple[int, str]:
        """Return the position and the hash of the newest event; (0, GENESIS) for none."""
        return await self._read(queries.head, brief=True)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit, within 0.25 s for those of other processes."""
        return self._feed.listen(listener)

    def subscribe(self, query: EventQuery) -> AsyncIterator[Event]:
        """Yield the matching events from `query.after` on, without end."""
        return follow(self, query)

    async def verify(self, progress: Progress | None = None) -> Verification:
        """Recompute the chain and the hash of each text that is still there, in batches."""
        check, (total, _) = ChainCheck(), await self.head()
        after: int | None = 0
        while after is not None:
            after = await self._read(upkeep.check_next(check, after))
            if after is not None and progress is not None:
                progress(after, total)
        return check.result()

    async def rebuild(self, progress: Progress | None = None) -> tuple[str, str]:
        """Recreate every read model in one transaction; return the digests (before, after)."""
        return await self._write(upkeep.rebuild(self._folder, progress))

    async def digest(self) -> str:
        """Return the digest of all rows."""
        return await self._write(lambda connection: digest_of(queries.every_row(connection)))

    def hurry(self) -> None:
        """Wait for a server no longer than a moment from now on: the program ends."""
        self._database.hurry()

    async def close(self) -> None:
        """Finish pending appends and release everything; wait for no server that is away."""
        self.hurry()
        await self._writer.close()
        if self._leader is not None:
            await asyncio.to_thread(self._leader.close)
        await self._pulse.close()
        await self._feed.close()
        self._closed = True
        await asyncio.to_thread(self._readers.shutdown)
        self._database.dispose()

    async def get(self, projection: str, key: str) -> Row | None:
        """Return one row."""
        found = await self._read(queries.row(projection, key), brief=True)
        return None if found is None else found.row()

    async def find(self, query: RowQuery, *, limit: int | None = 100) -> Sequence[Row]:
        """Return up to `limit` rows in the order asked for, None: all."""
        brief = query.group is not None or (limit is not None and limit <= _BRIEF)
        most = queries.ALL if limit is None else limit
        found = await self._read(queries.rows(query, most), brief=brief)
        return [row.row() for row in found]

    async def count(self, query: RowQuery) -> int:
        """Return how many rows match."""
        return await self._read(queries.count(query), brief=query.group is not None)

    async def groups(self, query: RowQuery) -> Sequence[str]:
        """Return the distinct groups of the matching rows."""
        return await self._read(queries.groups(query))

    async def next_due(self, projection: str) -> Row | None:
        """Return the row with the earliest due time."""
        found = await self._read(queries.next_due(projection), brief=True)
        return found[0].row() if found else None
