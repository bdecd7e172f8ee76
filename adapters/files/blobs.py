"""Files by their content in a folder: `ab/abcdef…`, written once and never changed."""

import asyncio
import errno
import hashlib
import os
import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.files.disk import make_folder, remove, replace, translated
from core.domain.errors import BadInputError, is_passing
from core.ports.blobs import Kept

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileBlobs:
    """Blobs under one folder; several processes may use it at the same time."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when it is needed."""
        self._folder = folder

    async def put(self, data: bytes) -> str:
        """Keep a content, durable on return. Raises StorageError."""
        return await asyncio.to_thread(self._put, data)

    async def get(self, digest: str) -> bytes | None:
        """Return a content; one that was changed on the disk counts as lost."""
        return await asyncio.to_thread(self._get, digest)

    def place(self, digest: str) -> str:
        """Return the path of the file that has a content."""
        return str(self._path(digest))

    async def kept(self) -> Sequence[Kept]:
        """Return every content that is kept."""
        return await asyncio.to_thread(self._kept)

    async def drop(self, digest: str) -> None:
        """Remove a content. Raises StorageError."""
        await asyncio.to_thread(self._drop, digest)

    def _put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if self._get(digest) is None:
            path = self._path(digest)
            beside = path.with_name(f".{digest[:16]}.{uuid.uuid4().hex}")
            try:
                make_folder(path.parent)
                replace(path, data, beside)
            except OSError as error:
                raise translated(error, str(self._folder)) from error
        else:
            with suppress(OSError):  # it is there, which is what was asked for
                os.utime(self._path(digest))
        return digest

    def _get(self, digest: str) -> bytes | None:
        try:
            data = self._path(digest).read_bytes()
        except OSError as error:
            if is_passing(error) and error.errno != errno.EIO:  # no handle left, say: it is there
                raise translated(error, str(self._folder)) from error
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def _kept(self) -> list[Kept]:
        found: list[Kept] = []
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            if _DIGEST.fullmatch(path.name):
                with suppress(OSError):  # another process dropped it meanwhile
                    told = path.stat()
                    put_at = datetime.fromtimestamp(told.st_mtime, UTC)
                    found.append(Kept(path.name, told.st_size, put_at))
        return found

    def _drop(self, digest: str) -> None:
        path = self._path(digest)
        try:
            if path.is_file():
                remove(path)
        except OSError as error:
            raise translated(error, str(self._folder)) from error

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            message = f"{digest!r} is no digest of a content: it has 64 hexadecimal digits."
            raise BadInputError(message)
        return self._folder / digest[:2] / digest
