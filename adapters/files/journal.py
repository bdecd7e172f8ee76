"""What is about to be done to the owner's files, written down before it is done.

One file per marker: a line of JSON, then the bytes that were there before (compressed), for undo.
Its name says the order, the path and the marker, and ends in `.intent`, or in `.done` once the
change is known to be on disk. The newest 1,000 are kept; older ones can no longer be undone.
"""

import os
import re
import zlib
from pathlib import Path
from typing import Literal

from adapters.files.disk import digest, make_folder, remove, replace
from core.domain.base import Frozen
from core.domain.canonical import sha256
from core.domain.errors import BugError, RefusedError

KEPT = 1000
PRUNE_EVERY = 100
STALE_S = 3600
FIND_TRIES = 3  # another process may be finishing the intent just now
_MARKER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Intent(Frozen):
    """One change: `before` and `after` are SHA-256 of the whole file, None where there is none.

    `piece` is the text that an append adds at byte `before_size`. `undoes` names the marker of the
    change that an undo takes back.
    """

    marker: str
    path: str
    sequence: int
    kind: Literal["write", "append", "undo"]
    before: str | None
    before_size: int = 0
    after: str | None
    after_size: int = 0
    piece: str | None = None
    undoes: str | None = None
    done: bool = False


class Journal:
    """The intents in one folder. Callers hold the lock of the path they ask about."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._added = 0

    def open(self) -> None:
        """Make the folder. Raises OSError."""
        make_folder(self._folder)

    def lock_file(self, path: str) -> Path:
        """Return the lock file of a path."""
        return self._folder / f"{_key(path)}.lock"

    def find(self, marker: str) -> Intent | None:
        """Return the intent of a marker."""
        for _ in range(FIND_TRIES):
            part = f".{marker}."
            name = next((name for name in self._names() if part in name), None)
            found = self._read(name) if name else None
            if found or not name:
                return found
        return None

    def of(self, path: str) -> list[Intent]:
        """Return the intents of a path, oldest first."""
        part = f".{_key(path)}."
        names = sorted(name for name in self._names() if part in name)
        return [found for found in map(self._read, names) if found and found.path == path]

    def next_sequence(self, path: str) -> int:
        """Return a number above those of all intents of a path."""
        part = f".{_key(path)}."
        newest = max((name for name in self._names() if part in name), default="0.")
        return int(newest.partition(".")[0]) + 1

    def record(self, intent: Intent, before: bytes | None) -> None:
        """Write an intent down, durable on return; `before` is kept where undo needs it.

        Raises BugError for a marker that cannot be a name, OSError.
        """
        if not _MARKER.fullmatch(intent.marker):
            message = f"The marker {intent.marker!r} cannot be a name."
            raise BugError(message)
        kept = b"" if intent.kind == "append" or before is None else zlib.compress(before, 1)
        header = intent.model_dump_json(exclude={"done"}).encode() + b"\n"
        path = self._path(intent)
        replace(path, header + kept, path.with_suffix(".tmp"))
        self._added += 1
        if self._added % PRUNE_EVERY == 1:
            self._prune()

    def before(self, intent: Intent) -> bytes | None:
        """Return the bytes that a change replaced. Raises RefusedError where they are damaged."""
        if intent.before is None:
            return None
        try:
            data = zlib.decompress(self._path(intent).read_bytes().partition(b"\n")[2])
        except zlib.error:
            data = None
        if digest(data) != intent.before:
            message = f"What was in {intent.path!r} before is damaged; the file is left as it is."
            raise RefusedError(message)
        return data

    def finish(self, intent: Intent) -> None:
        """Note that the change is on disk. A crash before loses nothing: it can be found out."""
        self._path(intent).replace(self._path(intent.model_copy(update={"done": True})))

    def drop(self, intent: Intent) -> None:
        """Forget a change that did not happen."""
        remove(self._path(intent))

    def _names(self) -> list[str]:
        try:
            with os.scandir(self._folder) as entries:  # much quicker than Path.iterdir
                names = [entry.name for entry in entries]
        except FileNotFoundError:
            return []
        return [name for name in names if name.endswith((".intent", ".done"))]

    def _read(self, name: str) -> Intent | None:
        try:
            with (self._folder / name).open("rb") as file:
                intent = Intent.model_validate_json(file.readline())
        except FileNotFoundError:
            return None
        return intent.model_copy(update={"done": name.endswith(".done")})

    def _path(self, intent: Intent) -> Path:
        stem = f"{intent.sequence:010d}.{_key(intent.path)}.{intent.marker}"
        return self._folder / f"{stem}.{'done' if intent.done else 'intent'}"

    def _prune(self) -> None:
        aged = [(self._age(name), name) for name in self._names() if name.endswith(".done")]
        for _, name in sorted(aged)[:-KEPT]:
            (self._folder / name).unlink(missing_ok=True)
        newest = max(aged, default=(0.0, ""))[0]
        for left in self._folder.glob("*.tmp"):
            if self._age(left.name) < newest - STALE_S:
                left.unlink(missing_ok=True)

    def _age(self, name: str) -> float:
        try:
            return (self._folder / name).stat().st_mtime
        except FileNotFoundError:
            return 0.0


def _key(path: str) -> str:
    return sha256(path)[:16]
