"""A FactIndex in an SQLite file: FTS5 for words, and the vectors that the vector store is made of.

Everything in the file comes from the log, so a file that cannot be read is thrown away.
"""

import asyncio
import fcntl
import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from adapters.fts import reading, schema, writing
from adapters.fts.exact import ExactSearch, packed
from adapters.fts.schema import connect, create, is_current
from core.domain.errors import StorageError
from core.ports.fact_index import Changes, Extent, Match, Placed, Statistics

T = TypeVar("T")
_PRIVATE = 0o600
_PAUSE_S = 0.02


class FtsIndex:
    """One thread reads and one writes, each with a connection; other processes may do the same."""

    def __init__(self, path: Path) -> None:
        """Take the file's path; it is opened at first use."""
        self._path = path
        self._exact = ExactSearch()
        self._reader = _Worker(path, "fact-reader")
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

    def __init__(self, path: Path, name: str, *, writes: bool = False) -> None:
        self._path, self._writes = path, writes
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the connection. Raises StorageError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, work)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = _opened(self._path)
            if self._writes:
                writing.finish_erasing(self._connection)
                return work(self._connection)
            with reading.snapshot(self._connection):
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            message = (
                f"The index {str(self._path)!r} cannot be used: {error}. It can be deleted: "
                "it is made again from the log."
            )
            raise StorageError(message) from error

    async def close(self) -> None:
        """Close the connection and end the thread."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that is no index of this version is replaced by an empty one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(path.with_name(f"{path.name}.lock")):
        path.touch(_PRIVATE)
        connection = _current(path)
        if connection is None:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            path.touch(_PRIVATE)
            connection = connect(path)
        create(connection)
    return connection


def _current(path: Path) -> sqlite3.Connection | None:
    """Return a connection to the file, None where it is no index of this version."""
    try:
        connection = connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        return None
    try:
        good = is_current(connection)
    except BaseException:
        connection.close()
        raise
    if not good:
        connection.close()
        return None
    return connection


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one thread of one process at a time open, create or replace the file.

    Raises TimeoutError when another process keeps the lock, which may be stopped while it has it.
    """
    lock.touch(_PRIVATE)
    with lock.open("rb") as held:
        give_up = time.monotonic() + schema.BUSY_S
        while not _took(held):
            if time.monotonic() > give_up:
                message = "another program that does not go on keeps it locked"
                raise TimeoutError(message)
            time.sleep(_PAUSE_S)
        yield


def _took(held: BinaryIO) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
