"""Files named by path: which bytes were approved, what was written, and how both are told."""

import hashlib
from collections.abc import Iterable
from typing import Literal

from core.domain.base import Frozen
from core.domain.errors import FileChangedError
from core.domain.sources import Taint

SHORT = 12
"""Digits of a digest that people are shown: enough to compare by eye, as git does."""

_KB, _MB = 1000, 1_000_000
_ALMOST_MB = 999_950
"""From here on kilobytes would round to 1000.0."""


class Pin(Frozen):
    """What a file was when it was asked about: the effect uses these bytes or none.

    `name` is what the arguments say; `place` is the file that is meant, links followed, relative to
    `data_dir` where it lies in it. `use`: its bytes are sent, or an effect replaces them. Without a
    digest there was no file. `sources` are who wrote it; `edited`: it was changed by hand since.
    """

    name: str
    place: str
    use: Literal["sent", "replaced"] = "sent"
    digest: str | None = None
    size: int = 0
    sources: Taint = ()
    edited: bool = False


class FileWritten(Frozen):
    """What an effect made of a file: its digest before and after, None where there is no file.

    `whole`: all of it was replaced, not only a piece added. `undoes` is the marker of the change
    that was taken back.
    """

    place: str
    before: str | None
    after: str | None
    whole: bool
    undoes: str | None = None


def digest_of(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of bytes (64 characters)."""
    return hashlib.sha256(data).hexdigest()


def size_told(size: int) -> str:
    """Return a number of bytes as file managers show it: `812 bytes`, `12.3 kB`, `4.0 MB`."""
    if size < _KB:
        return "1 byte" if size == 1 else f"{size} bytes"
    return f"{size / _KB:.1f} kB" if size < _ALMOST_MB else f"{size / _MB:,.1f} MB"


def pin_told(pin: Pin) -> str:
    """Return the line of a card for a file: what it really is, its size, and who wrote it."""
    if pin.digest is None:
        return f"{pin.place} (not there)"
    meant = pin.place == pin.name or pin.place.endswith(f"/{pin.name}")
    parts = [pin.place if meant else f"{pin.name}, which is {pin.place}"]
    parts.append(f"{size_told(pin.size)}, sha256 {pin.digest[:SHORT]}")
    if pin.sources:
        written = "; ".join(" ".join(source.told.split()) for source in pin.sources)
        parts.append(f"written from outside: {written}")
    if pin.edited:
        parts.append("changed by hand since")
    return " · ".join(parts)


def with_files(pins: Iterable[Pin], body: str) -> str:
    """Return the body of a card below a line for each file that is sent."""
    files = [f"File: {pin_told(pin)}" for pin in pins if pin.use == "sent"]
    return "\n".join([*files, body])


def new_files(shown: Iterable[Pin], found: Iterable[Pin]) -> tuple[str, ...]:
    """Return the lines of a difference for the files that were not `shown` before."""
    known = {(pin.use, pin.name) for pin in shown}
    return tuple(f"+ file {pin_told(pin)}" for pin in found if (pin.use, pin.name) not in known)


def pin_changes(approved: Iterable[Pin], found: Iterable[Pin]) -> tuple[str, ...]:
    """Return a line for each file that is not what was approved; none: all is as it was."""
    before = {(pin.use, pin.name): pin for pin in approved}
    lines = (_change(before.get((pin.use, pin.name)), pin) for pin in found)
    return tuple(dict.fromkeys(line for line in lines if line))


def _change(before: Pin | None, now: Pin) -> str:
    if before is None:
        return f"{now.name} was not shown before: now {_state(now)}"
    if (before.place, before.digest) == (now.place, now.digest):
        return ""
    if before.place != now.place:
        was = f"it was {before.place}, {_state(before)}"
        return f"{now.name} is another file: {was}, and is now {now.place}, {_state(now)}"
    return f"{now.name} changed: it was {_state(before)}, and is now {_state(now)}"


def _state(pin: Pin) -> str:
    if pin.digest is None:
        return "gone" if pin.use == "sent" else "not there"
    return f"{size_told(pin.size)} (sha256 {pin.digest[:SHORT]})"


def require_approved(approved: Iterable[Pin], found: Iterable[Pin]) -> None:
    """Raise FileChangedError unless the bytes about to be used are those that were approved."""
    if lines := pin_changes(approved, found):
        message = f"{'; '.join(lines)}. Nothing was done with it."
        raise FileChangedError(message)
