"""The folder of the owner's files: the one place that says which file a path means.

A name is checked (paths.py), links in it are followed to what they are, and what is found is opened
without following anything further: who swaps a part of the path meanwhile is refused.
"""

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from adapters.files.disk import read_handle, translated
from adapters.files.paths import inside, relative
from core.domain.errors import BadInputError, EquerryError, StorageError
from core.ports.files import OwnerFile

T = TypeVar("T")
THREADS = 4
"""How many files of a folder are worked on at a time."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without waiting: a pipe without a writer would never open."""


class FileRoot:
    """The files below `root`; `closed` folders are refused, and names that begin with a dot.

    `home` is the folder that real names are given relative to where they lie in it, so that they
    stay the same when it is moved.
    """

    def __init__(
        self, root: Path, *, closed: tuple[Path, ...] = (), home: Path | None = None
    ) -> None:
        self._root, self._closed, self._home = root, closed, home
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    async def aside(self, work: Callable[..., T], *args: object) -> T:
        """Do blocking work on threads that nothing else needs: a network disk may hang."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(work, *args))

    def real(self, name: str) -> Path:
        """Return where a name really is, links followed. Raises BadInputError."""
        return inside(self._root, relative(name), self._closed)

    def name(self, name: str) -> str:
        """Return the one name of a file below the folder, links followed. Raises BadInputError."""
        return self.real(name).relative_to(self._root.resolve()).as_posix()

    def place(self, real: Path) -> str:
        """Return the name of a real path that is the same for every root and link."""
        home = self._home.resolve() if self._home else None
        if home is not None and real.is_relative_to(home):
            return real.relative_to(home).as_posix()
        return real.as_posix()

    def size(self, name: str) -> int | None:
        """Return the bytes of a file, None where there is none. Raises BadInputError."""
        real = self.real(name)
        try:
            found = real.lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(name, error) from error
        if not stat.S_ISREG(found.st_mode):
            message = f"{name!r} is no file; name a file."
            raise BadInputError(message)
        return found.st_size

    async def read(self, name: str, most: int) -> OwnerFile:
        """Return a file of at most `most` bytes, read once. Raises as the port says."""
        return await self.aside(self.read_now, name, most)

    def read_now(self, name: str, most: int) -> OwnerFile:
        """Return a file like `read`, here and now."""
        real = self.real(name)
        try:
            handle = self._open(real)
        except FileNotFoundError:
            return OwnerFile(name, self.place(real), None)
        except OSError as error:
            raise _unusable(name, error) from error
        try:
            with os.fdopen(handle, "rb") as file:
                return OwnerFile(name, self.place(real), read_handle(file, name, most))
        except OSError as error:
            raise _unusable(name, error) from error

    def _open(self, real: Path) -> int:
        """Open what has no link left in it, part by part. Raises OSError where one came since."""
        base = self._root.resolve()
        folder = os.open(base, _FOLDER)
        try:
            *above, last = real.relative_to(base).parts
            for part in above:
                below = os.open(part, _FOLDER, dir_fd=folder)
                os.close(folder)
                folder = below
            return os.open(last, _FILE, dir_fd=folder)
        finally:
            os.close(folder)


def _unusable(name: str, error: OSError) -> EquerryError:
    """Say why a file cannot be read."""
    if error.errno == errno.ENXIO:
        return BadInputError(f"{name!r} is no ordinary file; choose another.")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return StorageError(f"There is no right to read {name!r}; check its rights.")
    if error.errno == errno.EIO:  # at this file, maybe for good: it is not waited for
        return StorageError(f"{name!r} cannot be read: the disk fails there; check its health.")
    return translated(error, name)
