"""One embedded Equerry per data directory."""

import fcntl
import os
from pathlib import Path
from typing import Self

from core.domain.errors import RefusedError, StorageError

NAME = "engine.lock"


class DataDirLock:
    """Holds `data_dir/engine.lock`; the system releases it when the process ends, however it ends.

    The file stays and names the process that holds it, or held it last.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._handle: int | None = None

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
            try:
                self._lock(handle)
            except BaseException:
                os.close(handle)
                raise
        except OSError as error:
            message = f"Cannot lock {str(path)!r}: {error.strerror}; check data_dir and its rights."
            raise StorageError(message) from error
        self._handle = handle

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            message = (
                f"Another Equerry (process {holder}) is running on {self._data_dir}; "
                "stop it or use another data_dir."
            )
            raise RefusedError(message) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; do nothing without it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(self, *exc: object) -> None:
        """Release."""
        self.release()
