"""One embedded Equerry per data directory."""

import fcntl
import os
import socket
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Self

from core.domain.errors import RefusedError, cannot_store

NAME = "engine.lock"
BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Tells one start of a machine from any other, also of a copy of it that has its name and disks."""


class DataDirLock:
    """Holds `data_dir/engine.lock`; the system releases it when the process ends, however it ends.

    The file stays and names the process that holds it, or held it last. The folder itself is locked
    too: a file that somebody removed keeps nobody out.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._handle: int | None = None
        self._folder: int | None = None

    def acquire(self) -> None:
        """Take the lock, making data_dir if need be; do nothing when this object holds it already.

        Raises RefusedError when another process has it, StorageError when there is no right to.
        """
        if self._handle is not None:
            return
        path = self._data_dir / NAME
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            folder = os.open(self._data_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self._lock(handle, folder)
            except BaseException:
                os.close(handle)
                os.close(folder)
                raise
        except OSError as error:
            message = f"Cannot lock {str(path)!r}: {error.strerror}; check data_dir and its rights."
            raise cannot_store(message, error) from error
        self._handle, self._folder = handle, folder

    def _lock(self, handle: int, folder: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise
            except OSError:  # some network file systems lock no folders: the file has to do
                pass
        except BlockingIOError as error:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            message = (
                f"Another Equerry (process {holder}) is running on {self._data_dir}; "
                "stop it or use another data_dir."
            )
            raise RefusedError(message) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)

    @property
    def name(self) -> str:
        """Return what this folder of this machine is called while it is held, as 16 hex digits."""
        if self._folder is None:
            return ""
        found, boot = os.fstat(self._folder), ""
        with suppress(OSError):  # not every system has it
            boot = BOOT.read_text("ascii").strip()
        whole = f"{socket.gethostname()}:{boot}:{found.st_dev}:{found.st_ino}"
        return sha256(whole.encode()).hexdigest()[:16]

    def release(self) -> None:
        """Give the lock back; do nothing without it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None

    def __enter__(self) -> Self:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        """Release."""
        self.release()
