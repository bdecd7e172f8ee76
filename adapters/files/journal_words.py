"""Taking words out of a journal of files."""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from adapters.files.disk import remove
from core.domain.flat import flat


def forget_words(folder: Path, needles: Sequence[str]) -> int:
    """Remove the entries that hold any of the words; what they did cannot be undone any more."""
    removed = 0
    for path in list(folder.glob("*.done")) if folder.is_dir() else []:
        with suppress(OSError):
            if _holds(path.read_bytes(), needles):
                remove(path)
                removed += 1
    return removed


def _holds(data: bytes, needles: Sequence[str]) -> bool:
    line, _, before = data.partition(b"\n")
    with suppress(zlib.error):
        before = zlib.decompress(before) if before else b""
    text = line.decode("utf-8", "replace") + "\n" + before.decode("utf-8", "replace")
    words = flat(text)
    return any(needle in words for needle in needles)
