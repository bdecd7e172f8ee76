"""The key of the user who runs Equerry, in his state folder: outside data_dir, backups and sync."""

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from core.domain.errors import StorageError

KEY_BYTES = 32
"""As long as what SHA-256 gives: more adds nothing to an HMAC."""
NAME = "key"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def state_folder(environ: Mapping[str, str]) -> Path:
    """Return `$XDG_STATE_HOME/equerry`, or `~/.local/state/equerry`.

    Raises StorageError where neither is known.
    """
    named = environ.get("XDG_STATE_HOME", "")
    if named and Path(named).is_absolute():  # the specification: a relative one is ignored
        return Path(named) / "equerry"
    home = environ.get("HOME", "")
    if not home:
        message = "There is no state folder for the key: set HOME or XDG_STATE_HOME."
        raise StorageError(message)
    return Path(home) / ".local" / "state" / "equerry"


class StateKey:
    """A Signer by HMAC-SHA256 with a key that was drawn once."""

    def __init__(self, key: bytes) -> None:
        """Take the key."""
        self._key = key

    @classmethod
    def of_process(cls) -> Self:
        """Draw a key that nobody keeps: what it signs holds until the process ends."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the key in a folder, or draw it. Raises StorageError with one sentence."""
        path = folder / NAME
        try:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            folder.chmod(_PRIVATE_FOLDER)
            key = _read(path) or _drawn(path)
        except OSError as error:
            message = f"The key {str(path)!r} cannot be used: {error.strerror}; check its rights."
            raise StorageError(message) from error
        if len(key) != KEY_BYTES:
            message = f"The key {str(path)!r} is damaged; remove it, and another is made."
            raise StorageError(message)
        return cls(key)

    def sign(self, purpose: str, text: str) -> str:
        """Return the signature of a text for a purpose."""
        said = purpose.encode() + b"\0" + text.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, said, "sha256").hexdigest()

    def fits(self, purpose: str, text: str, signature: str) -> bool:
        """Return whether a signature is ours, in a time that tells nothing of the right one."""
        mine = self.sign(purpose, text)
        return hmac.compare_digest(mine.encode(), signature.encode("utf-8", "surrogatepass"))


def _read(path: Path) -> bytes | None:
    """Return the key, readable by its owner alone from now on; None where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(handle).st_mode) != _PRIVATE_FILE:
            os.fchmod(handle, _PRIVATE_FILE)
        return file.read(KEY_BYTES + 1)


def _drawn(path: Path) -> bytes:
    """Draw a key and keep it, durably; of two processes that do so at once the first one's counts.

    It is linked into its place once it is whole, so that nobody reads a part of it.
    """
    beside = path.with_name(f".{NAME}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    handle = os.open(beside, flags, _PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(handle)
        with suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return _read(path) or b""
