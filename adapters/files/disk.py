"""Files on disk: read whole, replaced whole, locked between processes."""

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.domain.errors import (
    BadInputError,
    EquerryError,
    RefusedError,
    TransientError,
    cannot_store,
)

MOST_BYTES = 64 * 1024 * 1024
"""A file is replaced whole, and kept whole for undo: both versions are in memory at once."""

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Rights of what is made, whatever the umask says."""

LOCK_TRIES = 500
LOCK_PAUSE_S = 0.02


def digest(data: bytes | None) -> str | None:
    """Return the SHA-256 of a file's bytes; None for a file that is not there."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def read(path: Path) -> bytes | None:
    """Return the bytes of a file, None when it is not there. `path` has no link left in it.

    Raises RefusedError for what is no file, and for one too large to be replaced whole; OSError.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device that is not there
            raise _no_file(path.name) from error
        raise
    with os.fdopen(handle, "rb") as file:
        return read_handle(file, path.name, MOST_BYTES)


def read_handle(file: BinaryIO, name: str, most: int) -> bytes:
    """Return the bytes of an open file that is one: no pipe, no device.

    Raises RefusedError for anything else and for more than `most` bytes, OSError for a folder.
    """
    kind = stat.S_IFMT(os.fstat(file.fileno()).st_mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
    if kind != stat.S_IFREG:
        raise _no_file(name)
    data = file.read(most + 1)
    if len(data) > most:
        message = f"The file {name!r} has more than {most >> 20} MB; choose another."
        raise BadInputError(message)
    return data


def _no_file(name: str) -> BadInputError:
    return BadInputError(f"{name!r} is no ordinary file; choose another.")


def replace(path: Path, data: bytes, temporary: Path) -> None:
    """Give `path` new bytes, all or none, durable on return. Raises OSError.

    Its rights are kept; a new file is the owner's alone.

    `temporary` is in the same folder; one that was left behind by a crash is overwritten.
    """
    try:
        _write_durably(path, data, temporary)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    settle(path.parent)


def _write_durably(like: Path, data: bytes, temporary: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, PRIVATE_FILE)  # one that a crash left may have had other rights
        with suppress(FileNotFoundError):
            os.fchmod(handle, like.stat().st_mode & 0o777)
        file.write(data)
        file.flush()
        os.fsync(handle)


def remove(path: Path) -> None:
    """Remove a file, durable on return. Raises OSError."""
    path.unlink(missing_ok=True)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Make what was renamed or removed in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, the owner's alone, durable on return. Raises OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    settle(folder.parent)


@contextmanager
def locked(path: Path, name: str) -> Iterator[None]:
    """Hold the lock file at `path` against other processes; the system frees it after a crash.

    Raises TransientError, naming `name`, when another one holds it for 10 seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(LOCK_PAUSE_S)
            else:
                break
        else:
            message = f"The file {name!r} is held by another process; it is tried again."
            raise TransientError(message)
        yield
    finally:
        os.close(handle)


def translated(error: OSError, name: str) -> EquerryError:
    """Say in one sentence why the file could not be written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return cannot_store(f"The disk is full: {name!r} was not changed; free some space.", error)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return cannot_store(f"There is no right to change {name!r}; check its rights.", error)
    if error.errno == errno.EISDIR:
        return RefusedError(f"{name!r} is a folder; name a file in it.")
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return RefusedError(f"A part of the path {name!r} is a file, not a folder; choose another.")
    why = (error.strerror or "unknown error").lower()
    if error.errno in {errno.ENAMETOOLONG, errno.ELOOP}:
        return BadInputError(f"The path {name!r} cannot be used: {why}.")
    return cannot_store(f"{name!r} was not changed: {why}.", error)
