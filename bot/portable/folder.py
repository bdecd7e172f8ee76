"""A folder that is there whole or not at all, readable by its owner only."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from core.domain.errors import BadInputError, StorageError

MARK = "export.json"
"""The file that says that a folder is an export, and which files are of it."""
FORMAT = 1
PRIVATE = 0o600


def check_place(target: Path) -> Path:
    """Return the absolute path of a place that may be written.

    Raises BadInputError for one that holds anything but an earlier export.
    """
    target = target.absolute()
    if not target.exists():
        return target
    if not target.is_dir():
        message = f"{str(target)!r} is no folder: name one that is empty or not there yet."
        raise BadInputError(message)
    there = {path.name for path in target.iterdir()}
    if not there:
        return target
    strange = sorted(there - {MARK, *read_mark(target)["files"]})
    if strange:
        message = (
            f"{str(target)!r} holds {strange[0]!r}, which no export wrote, and would be replaced: "
            "name a folder that is empty or not there yet."
        )
        raise BadInputError(message)
    return target


def check_export(folder: Path) -> Path:
    """Return the absolute path of an export. Raises BadInputError for another folder."""
    folder = folder.absolute()
    if not folder.is_dir():
        message = f"There is no folder {str(folder)!r}; name one that `export` wrote."
        raise BadInputError(message)
    read_mark(folder)
    return folder


def read_mark(folder: Path) -> dict[str, Any]:
    """Return what an export says of itself. Raises BadInputError for a folder that is none."""
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("files"), list):
        message = f"{str(folder)!r} is no export: it has no file {MARK} that `export` wrote."
        raise BadInputError(message)
    if found.get("format") != FORMAT:
        message = f"{str(folder)!r} has the format {found.get('format')!r}; {FORMAT} is known here."
        raise BadInputError(message)
    return found


def begin(target: Path) -> Path:
    """Return an empty private folder beside `target`. Raises StorageError."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _cannot(target, error) from error


def finish(made: Path, target: Path, mark: dict[str, Any], files: Sequence[str]) -> None:
    """Put the folder in its place; an earlier export there is replaced. Raises StorageError."""
    try:
        told = {"format": FORMAT, **mark, "files": list(files)}
        (made / MARK).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        for name in (MARK, *files):
            _settle(made / name)
        if target.exists():
            old = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
            target.rename(old)
            made.rename(target)
            shutil.rmtree(old)
        else:
            made.rename(target)
    except OSError as error:
        raise _cannot(target, error) from error


def _settle(path: Path) -> None:
    """Make a file private and durable."""
    path.chmod(PRIVATE)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _cannot(target: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    return StorageError(
        f"{str(target)!r} cannot be written: {reason}; name a folder you may write."
    )
