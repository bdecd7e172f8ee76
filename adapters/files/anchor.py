"""The anchor as a file outside data_dir, with a copy in the user's state folder."""

import asyncio
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.files.disk import locked, settle
from core.domain.canonical import canonical
from core.domain.errors import StorageError, TransientError
from core.ports.anchor import Anchored, Kept, Seen
from core.ports.signer import Signer

PURPOSE = "anchor"
MOST_BYTES = 1 << 20
"""An anchor has some hundred bytes, and as many for each doubt; what is larger is none."""
_FORM = 1
_PRIVATE = 0o600


class FileAnchor:
    """An Anchor in a file. The copy is named after the place, so that it outlives a deleted file.

    The copy is replaced whole but not forced to the disk: after a loss of power it may be missing
    or older, and the file alone counts.
    """

    def __init__(self, path: Path, state: Path, signer: Signer) -> None:
        """Keep it at `path`, and its copy under the folder `state` of the user."""
        self._path, self._signer = path, signer
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
        self._copy = state / "anchors" / f"{name}.json"
        self._lock = state / "anchors" / f"{name}.lock"

    @property
    def place(self) -> str:
        """The path of the file."""
        return str(self._path)

    async def load(self) -> Seen:
        """Return what is there."""
        return await asyncio.to_thread(self._load)

    async def swap(self, seen: Seen, new: Anchored) -> Seen | None:
        """Replace what was seen, the copy first: it may well be ahead of the file."""
        return await asyncio.to_thread(self._swap, seen, new)

    def _load(self) -> Seen:
        copy, copied = self._read_copy()
        try:
            raw = _read(self._path)
        except OSError as error:
            why = f"The anchor {self.place!r} cannot be read: {error.strerror}; {_TODO}"
            return Seen(Kept.UNREADABLE, copy=copy, trouble=why, token=_token(None, copied))
        token = _token(raw, copied)
        if raw is None:
            return Seen(Kept.ABSENT, copy=copy, token=token)
        anchored, signed = self._parsed(raw)
        if anchored is None:
            why = (
                f"What lies at {self.place!r} is no anchor and is left alone; remove it, or {_SET}"
            )
            return Seen(Kept.FOREIGN, copy=copy, trouble=why, token=token)
        return Seen(Kept.SIGNED if signed else Kept.UNSIGNED, anchored, copy, token=token)

    def _swap(self, seen: Seen, new: Anchored) -> Seen | None:
        with self._locked():
            found = self._load()
            if found.token != seen.token:
                if found.trouble and not seen.trouble:  # it cannot be read any more
                    raise StorageError(found.trouble)
                return None
            data = self._written(new)
            troubles = [self._write_copy(data), found.trouble or self._write(data)]
        trouble = next(filter(None, troubles), "")
        if trouble:
            raise StorageError(trouble)
        return Seen(Kept.SIGNED, new, new, token=_token(data, data))

    def _write_copy(self, data: bytes) -> str:
        """Write the copy; return what kept it from being written, empty for nothing."""
        try:
            _replace(self._copy, data, durable=False)
        except OSError as error:
            return (
                f"The copy of the anchor {str(self._copy)!r} cannot be written: {error.strerror}."
            )
        return ""

    def _write(self, data: bytes) -> str:
        """Write the file; return what kept it from being written, empty for nothing."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self._path, data, durable=True)
        except OSError as error:
            return f"The anchor {self.place!r} cannot be written: {error.strerror}; {_TODO}"
        return ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes of this user away for the moment of a write.

        A state folder that cannot be written has no lock, and nobody loses but by a race. Raises
        StorageError when another process keeps it, which may be stopped in the middle of a write.
        """
        with ExitStack() as held:
            try:
                self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.enter_context(locked(self._lock, self._lock.name))
            except OSError:
                pass
            except TransientError as error:
                message = (
                    f"The anchor {self.place!r} is held by another process that does not go on; "
                    "stop that one."
                )
                raise StorageError(message) from error
            yield

    def _read_copy(self) -> tuple[Anchored | None, bytes | None]:
        try:
            raw = _read(self._copy)
        except OSError:
            return None, None
        anchored, signed = self._parsed(raw) if raw is not None else (None, False)
        return anchored if signed else None, raw

    def _written(self, new: Anchored) -> bytes:
        body = {"v": _FORM, **new.model_dump(mode="json")}
        signature = self._signer.sign(PURPOSE, canonical(body))
        return (json.dumps({**body, "signature": signature}, indent=1) + "\n").encode()

    def _parsed(self, raw: bytes) -> tuple[Anchored | None, bool]:
        """Return what an anchor's bytes say, None where they are none, and whether it is ours."""
        try:
            whole: dict[str, Any] = json.loads(raw)
            signature, form = str(whole.pop("signature")), whole.get("v")
            text = canonical(whole)
            whole.pop("v", None)
            anchored = Anchored.model_validate(whole)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError, ValidationError):
            return None, False
        return anchored, form == _FORM and self._signer.fits(PURPOSE, text, signature)


_SET = "name another place in storage.anchor."
_TODO = f"check its rights and the disk, or {_SET}"


def _token(raw: bytes | None, copied: bytes | None) -> str:
    parts = (b"-" if part is None else hashlib.sha256(part).digest() for part in (raw, copied))
    return b"".join(parts).hex()


def _read(path: Path) -> bytes | None:
    """Return a file's bytes, None where there is none. Raises OSError."""
    try:  # without waiting for the other end of a pipe
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        return file.read(MOST_BYTES)


def _replace(path: Path, data: bytes, *, durable: bool) -> None:
    """Give a file new bytes, all or none, for its owner's eyes. Raises OSError."""
    beside = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(beside, flags, _PRIVATE), "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        settle(path.parent)
