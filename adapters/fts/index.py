"""A FactIndex in an SQLite file: FTS5 for words, and the vectors that the vector store is made of.

Everything in the file comes from the log, so a file that is damaged is thrown away, also while it
is in use; whoever has it open sees that, and opens the new one.
"""

import asyncio
import errno
import fcntl
import logging
import os
import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

from adapters.fts import reading, schema, writing
from adapters.fts.exact import ExactSearch, packed
from adapters.fts.failures import damaged, is_damage, is_passing, translate
from adapters.fts.schema import connect, create, is_current
from core.domain.errors import FactIndexError
from core.ports.fact_index import Changes, Extent, Match, Placed, Statistics

T = TypeVar("T")
_PRIVATE = 0o600
_PAUSE_S = 0.02
STEADY_S = 60.0
"""A file that is damaged again so soon after it was made is not made again on and on."""

_File = tuple[int, int]
"""Which file it is: its device and its number there."""

logger = logging.getLogger(__name__)


class FtsIndex:
    """One thread reads and one writes, each with a connection; other processes may do the same."""

    def __init__(self, path: Path) -> None:
        """Take the file's path; it is opened at first use."""
        self._path = path
        self._exact = ExactSearch()
        self._reader = _Worker(path, "fact-reader", self._exact.forget)
        self._writer = _Worker(path, "fact-writer", writes=True)

    async def position(self) -> int:
        """Return the position of the last event that is in it."""
        return await self._reader.run(writing.position)

    async def apply(self, changes: Changes, after: int) -> bool:
        """Apply changes at the position they follow; see the port."""
        return await self._writer.run(lambda it: writing.apply(it, changes, after))

    async def fill_from(self, log: str) -> None:
        """Note which log it is filled from; one that was filled from another is emptied."""
        await self._writer.run(lambda it: writing.fill_from(it, log))

    async def clear(self) -> None:
        """Empty it; vectors of texts that return are kept."""
        await self._writer.run(writing.clear)

    async def renew(self) -> None:
        """Throw the file away, and make an empty one."""
        await self._writer.renew()

    async def statistics(self, words: Sequence[str]) -> Statistics:
        """Return how rare the stems are, and who speaks."""
        return await self._reader.run(lambda it: reading.statistics(it, words))

    async def match(self, words: Sequence[str], most: int) -> list[Match]:
        """Return the entries that hold any of the words, best first."""
        return await self._reader.run(lambda it: reading.match(it, words, most))

    async def entries(
        self, numbers: Sequence[int], beside: Sequence[int] = (), reach: int = 0
    ) -> list[Placed]:
        """Return entries by number, with the neighbours of some."""
        return await self._reader.run(lambda it: reading.entries(it, numbers, beside, reach))

    async def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of entries by id."""
        return await self._reader.run(lambda it: reading.numbers(it, ids))

    async def about(self, about: str) -> list[Placed]:
        """Return the entries with this subject and relation."""
        return await self._reader.run(lambda it: reading.about(it, about))

    async def same_text(self, text: str) -> list[Placed]:
        """Return the entries that say the same word for word."""
        return await self._reader.run(lambda it: reading.same_text(it, text))

    async def unembedded(self, space: str, most: int, after: int = 0) -> list[Placed]:
        """Return entries without a vector of the space."""
        return await self._reader.run(lambda it: reading.unembedded(it, space, most, after))

    async def embed(self, space: str, vectors: Sequence[tuple[int, "array[float]"]]) -> None:
        """Keep vectors of entries by number."""
        rows = [(number, packed(vector)) for number, vector in vectors]
        await self._writer.run(lambda it: writing.embed(it, space, rows))

    async def nearest(self, space: str, vector: "array[float]", most: int) -> list[Match]:
        """Return the entries nearest to a vector, every one compared."""
        return await self._reader.run(lambda it: self._exact.nearest(it, space, vector, most))

    async def cosines(
        self, space: str, numbers: Sequence[int], vectors: Sequence["array[float]"]
    ) -> list[list[float]]:
        """Return for each vector its cosine with each entry."""
        return await self._reader.run(lambda it: self._exact.cosines(it, space, numbers, vectors))

    async def unstored(self, space: str, most: int) -> list[tuple[int, str, "array[float]"]]:
        """Return entries whose vector the vector store does not have yet."""
        return await self._reader.run(lambda it: reading.unstored(it, space, most))

    async def gone(self, most: int) -> list[str]:
        """Return ids that the vector store may still have and must not."""
        return await self._reader.run(lambda it: reading.gone(it, most))

    async def mark_stored(self, numbers: Sequence[int], gone: Sequence[str] = ()) -> None:
        """Note what the vector store has by now, and what it has no more."""
        await self._writer.run(lambda it: writing.mark_stored(it, numbers, gone))

    async def restore(self) -> None:
        """Note that the vector store has nothing."""
        await self._writer.run(writing.restore)

    async def extent(self, space: str) -> Extent:
        """Return how much there is."""
        return await self._reader.run(lambda it: reading.extent(it, space))

    async def spaces(self) -> dict[str, int]:
        """Return the spaces there are vectors of, with how many."""
        return await self._reader.run(reading.spaces)

    async def leave(self, space: str) -> None:
        """Take away the vectors of a space."""
        await self._writer.run(lambda it: writing.leave(it, space))

    async def close(self) -> None:
        """Let go of the file."""
        await self._reader.close()
        await self._writer.close()


class _Worker:
    """A thread with a connection of its own."""

    def __init__(
        self,
        path: Path,
        name: str,
        opened: Callable[[], None] = lambda: None,
        *,
        writes: bool = False,
    ) -> None:
        self._path, self._writes, self._opened = path, writes, opened
        self._connection: sqlite3.Connection | None = None
        self._file: _File | None = None
        self._renewed: float | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the connection. Raises FactIndexError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, work)

    async def renew(self) -> None:
        """Put an empty file in the place of this one. Raises FactIndexError."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._guarded, self._renew)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def done() -> T:
            connection = self._connected()
            if self._writes:
                writing.finish_erasing(connection)
                return work(connection)
            with reading.snapshot(connection):
                return work(connection)

        return self._guarded(done)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do `work`; a file that turns out to be damaged is thrown away. Raises FactIndexError.

        It fails all the same: who asked must not take an empty index for one that has nothing.
        """
        try:
            return work()
        except Exception as error:
            if is_damage(error):
                raise self._damaged() from error
            if not isinstance(error, sqlite3.Error | OSError):
                raise
            if not is_passing(error):  # a connection remembers what it could not do
                self._disconnect()
            raise translate(error, self._path) from error

    def _damaged(self) -> FactIndexError:
        now = time.monotonic()
        if self._renewed is not None and now - self._renewed < STEADY_S:
            self._disconnect()
            return damaged(self._path, again=True)
        self._renewed = now
        try:
            self._renew()
        except (sqlite3.Error, OSError) as error:
            return translate(error, self._path)
        logger.warning("the index %s was damaged: it is made again from the log", self._path)
        return damaged(self._path, again=False)

    def _connected(self) -> sqlite3.Connection:
        """Return a connection to the file that is there now."""
        if self._connection is not None and _file_at(self._path) != self._file:
            self._disconnect()  # it was deleted, or another was put in its place
        if self._connection is None:
            self._connection = _opened(self._path)
            self._file = _file_at(self._path)
            self._opened()
        return self._connection

    def _renew(self) -> None:
        """Throw the file away, unless another has done so already."""
        mine = self._file if self._connection is not None else _file_at(self._path)
        self._disconnect()
        with _alone(self._path):
            if _file_at(self._path) == mine:
                _remove(self._path)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    async def close(self) -> None:
        """Close the connection and end the thread."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)


def _file_at(path: Path) -> _File | None:
    """Return which file is at a path, None for none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that is no index of this version is replaced by an empty one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(path):
        path.touch(_PRIVATE)
        connection = _current(path)
        if connection is None:
            _remove(path)
            path.touch(_PRIVATE)
            connection = connect(path)
            create(connection)
    return connection


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _current(path: Path) -> sqlite3.Connection | None:
    """Return a connection to the file, None where it is no index of this version."""
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path)
        good = is_current(connection)
        if good:
            create(connection)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error) and is_damage(error):
            return None
        raise
    if not good:
        connection.close()
        return None
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one thread of one process at a time open, create or replace the file.

    Raises TimeoutError when another process keeps the lock, which may be stopped while it has it.
    """
    lock = path.with_name(f"{path.name}.lock")
    lock.touch(_PRIVATE)
    with lock.open("rb") as held:
        give_up = time.monotonic() + schema.BUSY_S
        while not _took(held):
            if time.monotonic() > give_up:
                raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            time.sleep(_PAUSE_S)
        yield


def _took(held: BinaryIO) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
