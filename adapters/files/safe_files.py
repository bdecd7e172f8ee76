"""The owner's files, each change exactly once though the process may be killed at any point.

Before a change its intent is written down (journal.py); the file itself is replaced whole. Whether
a change happened is then read from the disk: is the file as it was, or as it was to become?
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

from adapters.files.changes import changed, piece_for, without
from adapters.files.disk import (
    MOST_BYTES,
    digest,
    locked,
    make_folder,
    read,
    remove,
    replace,
    translated,
)
from adapters.files.journal import Intent, Journal
from adapters.files.root import FileRoot
from core.domain.base import Frozen
from core.domain.errors import OutcomeUnknownError, RefusedError
from core.domain.files import FileWritten, Pin, require_approved
from core.ports.action import Trace

T = TypeVar("T")


class Written(Frozen):
    """A change that is on disk: `path` as it was named, `place` in full, sizes in bytes.

    `change` is the same for the core, by digests.
    """

    path: str
    place: str
    size: int
    created: bool
    change: FileWritten
    removed: bool = False


class SafeFiles:
    """Writes, appends and undoes under `root`; intents are kept in `journal_dir`, outside of it.

    Nothing in the folders `closed` is touched (see root.py). Two processes may share root and
    journal. Errors, all after which nothing was changed: BadInputError for a path, RefusedError and
    StorageError for what the disk refuses, TransientError when another process holds the file.
    """

    def __init__(
        self,
        root: Path,
        journal_dir: Path,
        *,
        closed: tuple[Path, ...] = (),
        home: Path | None = None,
    ) -> None:
        self._root = FileRoot(root, closed=closed, home=home)
        self._journal = Journal(journal_dir)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def place(self, path: str) -> Path:
        """Return where a path is. Raises BadInputError."""
        return self._root.real(path)

    def name(self, path: str) -> str:
        """Return the one name of a file below `root`, links followed. Raises BadInputError."""
        return self._root.name(path)

    def peek(self, path: str) -> bytes | None:
        """Return what is there now, None for nothing. Raises RefusedError, StorageError."""
        try:
            return read(self.place(path))
        except OSError as error:
            raise translated(error, path) from error

    async def pin(self, path: str) -> Pin:
        """Return what a write would replace. Raises RefusedError, StorageError."""
        return (await self._root.read(path, MOST_BYTES)).pin("replaced")

    async def write(
        self, path: str, data: bytes, marker: str, approved: Sequence[Pin] = ()
    ) -> Written:
        """Give a file new bytes; with a marker that was applied, only say so.

        Raises FileChangedError where it is not what was `approved` to be replaced.
        """
        name = await self._root.aside(self.name, path)
        known = [pin.model_copy(update={"name": name}) for pin in approved]
        return await self._exclusively(name, lambda: self._write(name, data, marker, known))

    async def append(self, path: str, text: str, marker: str) -> Written:
        """Add text on lines of its own; with a marker that was applied, only say so."""
        name = await self._root.aside(self.name, path)
        return await self._exclusively(name, lambda: self._append(name, text, marker))

    async def look_up(self, marker: str) -> tuple[Trace, Written | None]:
        """Say whether the change with this marker is on disk, or was before later changes."""
        intent = await self._root.aside(self._journal.find, marker)
        if intent is None:
            return Trace.ABSENT, None
        return await self._exclusively(intent.path, lambda: self._look_up(marker))

    async def undo(self, marker: str, undo_marker: str) -> Written:
        """Bring back what was before a change; with an undo marker that was applied, only say so.

        Raises RefusedError when the change is not known (any more), was undone before, or the file
        changed since in a way that leaves no safe place to undo it.
        """
        intent = await self._root.aside(self._known, marker)
        return await self._exclusively(intent.path, lambda: self._undo(marker, undo_marker))

    async def _exclusively(self, path: str, work: Callable[[], T]) -> T:
        """Do blocking work on a path in a thread, one at a time here and between processes."""
        lock = self._locks.setdefault(path, asyncio.Lock())
        async with lock:
            return await self._root.aside(self._with_lock_file, path, work)

    def _with_lock_file(self, path: str, work: Callable[[], T]) -> T:
        try:
            self._journal.open()
            with locked(self._journal.lock_file(path), path):
                return work()
        except OSError as error:
            raise translated(error, path) from error

    def _write(self, path: str, data: bytes, marker: str, approved: Sequence[Pin]) -> Written:
        done = self._already(marker)
        if done:
            return self._written(done)
        found = self._root.read_now(path, MOST_BYTES)
        before = found.data
        if approved:
            require_approved(approved, [found.pin("replaced")])
        intent = self._intent(path, marker, "write", before, data)
        return self._apply(intent, before, data)

    def _append(self, path: str, text: str, marker: str) -> Written:
        done = self._already(marker)
        if done:
            return self._written(done)
        before = read(self.place(path))
        piece = piece_for(before, text, path)
        data = (before or b"") + piece.encode()
        intent = self._intent(path, marker, "append", before, data)
        return self._apply(intent.model_copy(update={"piece": piece}), before, data)

    def _look_up(self, marker: str) -> tuple[Trace, Written | None]:
        intent = self._known(marker)
        trace = self._trace(intent)
        return trace, self._written(intent) if trace is Trace.APPLIED else None

    def _known(self, marker: str) -> Intent:
        intent = self._journal.find(marker)
        if intent is None:
            message = "This change is too long ago to be undone, or never happened."
            raise RefusedError(message)
        return intent

    def _undo(self, marker: str, undo_marker: str) -> Written:
        done = self._already(undo_marker)
        if done:
            return self._written(done)
        intent = self._known(marker)
        self._check_undoable(intent)
        current = read(self.place(intent.path))
        data = self._restored(intent, current)
        undo = self._intent(intent.path, undo_marker, "undo", current, data)
        return self._apply(undo.model_copy(update={"undoes": intent.marker}), current, data)

    def _check_undoable(self, intent: Intent) -> None:
        if self._trace(intent) is not Trace.APPLIED:
            message = f"The change of {intent.path!r} never happened; there is nothing to undo."
            raise RefusedError(message)
        for other in self._journal.of(intent.path):
            if other.undoes == intent.marker and self._trace(other) is Trace.APPLIED:
                message = f"The change of {intent.path!r} was undone already."
                raise RefusedError(message)

    def _restored(self, intent: Intent, current: bytes | None) -> bytes | None:
        if intent.kind == "append" and current is not None:
            return without(intent, current)
        if digest(current) != intent.after:
            raise changed(intent)
        return self._journal.before(intent)

    def _already(self, marker: str) -> Intent | None:
        """Return the intent of a marker that was applied; forget one that was not."""
        intent = self._journal.find(marker)
        if intent is None:
            return None
        trace = self._trace(intent)
        if trace is Trace.UNCLEAR:
            message = f"It cannot be told whether {intent.path!r} was changed before it was edited."
            raise OutcomeUnknownError(message)
        if trace is Trace.APPLIED:
            return intent
        self._journal.drop(intent)
        return None

    def _trace(self, intent: Intent) -> Trace:
        """Compare the intent with what the next change found, or with what is there now."""
        if intent.done or intent.before == intent.after:
            return Trace.APPLIED
        later = (i for i in self._journal.of(intent.path) if i.sequence > intent.sequence)
        following = next(later, None)
        found = following.before if following else digest(read(self.place(intent.path)))
        if found == intent.after:
            return Trace.APPLIED
        return Trace.ABSENT if found == intent.before else Trace.UNCLEAR

    def _intent(
        self, path: str, marker: str, kind: str, before: bytes | None, after: bytes | None
    ) -> Intent:
        return Intent.model_validate(
            {
                "marker": marker,
                "path": path,
                "sequence": self._journal.next_sequence(path),
                "kind": kind,
                "before": digest(before),
                "before_size": len(before or b""),
                "after": digest(after),
                "after_size": len(after or b""),
            }
        )

    def _apply(self, intent: Intent, before: bytes | None, after: bytes | None) -> Written:
        place = self.place(intent.path)
        make_folder(place.parent)
        self._journal.record(intent, before)
        with self._nothing_half_done(intent):
            if after is None:
                remove(place)
            elif intent.before != intent.after:
                replace(place, after, place.with_name(f".equerry-{intent.marker}.tmp"))
        with suppress(OSError):  # it is on disk: whoever asks later finds that out
            self._journal.finish(intent)
        return self._written(intent)

    @contextmanager
    def _nothing_half_done(self, intent: Intent) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if self._trace(intent) is not Trace.ABSENT:
                message = f"It is not sure that the change of {intent.path!r} is safe on disk."
                raise OutcomeUnknownError(message) from error
            self._journal.drop(intent)
            raise

    def _written(self, intent: Intent) -> Written:
        return Written(
            path=intent.path,
            place=str(self.place(intent.path)),
            size=intent.after_size,
            created=intent.before is None,
            removed=intent.after is None,
            change=FileWritten(
                place=self._root.place(self.place(intent.path)),
                before=intent.before,
                after=intent.after,
                whole=intent.kind == "write",
                undoes=intent.undoes,
            ),
        )
