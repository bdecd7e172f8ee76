"""Outcomes that the event log does not have yet, one small file an operation.

The file is made, as large as an outcome usually is, before the effect begins: a disk that is full
by the end of the effect still takes bytes where others stand already.
"""

import asyncio
import os
import re
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from adapters.files.disk import make_folder, replace
from core.domain.errors import BugError, StorageError, cannot_store
from core.ports.outcome_spool import Outcome

ROOM = 32 * 1024
"""Bytes set aside for an outcome: a mail to fifty people takes 10,000."""

_MARKER = re.compile(r"[A-Za-z0-9_-]{1,64}")


class FileOutcomeSpool:
    """Keeps outcomes in files of one folder, which is made when the first comes."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`."""
        self._folder = folder

    async def reserve(self, marker: str) -> None:
        """Write a file of blanks, durable on return. Raises StorageError."""
        try:
            await self._durably(marker, b"")
        except StorageError as error:
            message = f"{error} Therefore nothing was begun."
            raise type(error)(message) from error

    async def write(self, outcome: Outcome) -> None:
        """Write an outcome over the blanks, or where it is longer into a new file.

        Where there is no room for a long one it is kept without its output: that it happened is
        what must not be lost. Raises StorageError.
        """
        data = _line(outcome)
        if len(data) > ROOM:
            try:
                await self._durably(outcome.marker, data)
            except StorageError:
                data = _line(_shortened(outcome))
            else:
                return
        await asyncio.to_thread(self._over, self._path(outcome.marker), data)

    async def read(self, marker: str) -> Outcome | None:
        """Return what a file holds."""
        try:
            data = await asyncio.to_thread(self._path(marker).read_bytes)
            return Outcome.model_validate_json(data) if data.strip() else None
        except (OSError, ValidationError):
            return None

    async def drop(self, marker: str) -> None:
        """Remove a file. One that comes back after a power cut names an end that is on the log."""
        with suppress(OSError):
            await asyncio.to_thread(self._path(marker).unlink, missing_ok=True)

    async def _durably(self, marker: str, data: bytes) -> None:
        await asyncio.to_thread(self._replace, self._path(marker), data)

    def _replace(self, path: Path, data: bytes) -> None:
        try:
            make_folder(self._folder)
            replace(path, data.ljust(ROOM), path.with_suffix(".tmp"))
        except OSError as error:
            raise _no_room(error) from error

    def _over(self, path: Path, data: bytes) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            self._replace(path, data)
            return
        except OSError as error:
            raise _no_room(error) from error
        try:
            os.pwrite(handle, data.ljust(ROOM), 0)
            os.ftruncate(handle, ROOM)
            os.fsync(handle)
        except OSError as error:
            raise _no_room(error) from error
        finally:
            os.close(handle)

    def _path(self, marker: str) -> Path:
        if not _MARKER.fullmatch(marker):
            message = f"The marker {marker!r} cannot be a name."
            raise BugError(message)
        return self._folder / f"{marker}.json"


def _line(outcome: Outcome) -> bytes:
    return outcome.model_dump_json().encode()


def _shortened(outcome: Outcome) -> Outcome:
    """Return an outcome without what it gave back."""
    if outcome.result is None:
        return outcome.model_copy(update={"error": outcome.error[:1000]})
    result = outcome.result.model_copy(update={"output": {}, "said": outcome.result.said[:1000]})
    return outcome.model_copy(update={"result": result})


def _no_room(error: OSError) -> StorageError:
    message = (
        f"How it ends cannot be written down in data_dir ({error.strerror}): make room there, or "
        "check its rights."
    )
    return cannot_store(message, error)
