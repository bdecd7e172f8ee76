"""The folder that everything lives in, readable by its owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from core.domain.errors import cannot_store

PRIVATE = 0o700
ID = "id"
"""A file that names this data_dir, so that a database elsewhere knows which one it belongs to."""
UMASK = 0o077
"""Nothing that this program or a process of its own makes can be read by others."""


def keep_private() -> None:
    """Let everything that is made from here on be the owner's alone, by libraries too."""
    os.umask(UMASK)


def make_data_dir(path: Path) -> None:
    """Create `data_dir` with rights for its owner only.

    Raises StorageError when it cannot be made or is no folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=PRIVATE, exist_ok=True)
    except OSError as error:
        reason = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
        message = f"data_dir {str(path)!r} cannot be made: {reason}; name a folder you may write."
        raise cannot_store(message, error) from error


def read_id(path: Path) -> str:
    """Return the id of a data_dir, empty where it has none yet."""
    try:
        return (path / ID).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def write_id(path: Path) -> str:
    """Give a data_dir an id that no other has; return it. Raises StorageError."""
    ident = uuid4().hex
    try:
        (path / ID).write_text(f"{ident}\n", encoding="utf-8")
    except OSError as error:
        message = f"The folder {str(path)!r} cannot be written: {error.strerror}."
        raise cannot_store(message, error) from error
    return ident


def tighten(path: Path) -> None:
    """Take the rights of others from a folder and all that is in it; links are not followed.

    What belongs to somebody else stays as it is: `doctor` says so.
    """
    _tighten(path)
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                tighten(Path(entry.path))
            elif not entry.is_symlink():
                _tighten(Path(entry.path))


def _tighten(path: Path) -> None:
    with suppress(OSError):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & ~PRIVATE:
            path.chmod(mode & PRIVATE)
