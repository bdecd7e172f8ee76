"""What stands in the files of a folder, packed texts and compressed streams too."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PACKED = re.compile(rb'"zlib": ?"([A-Za-z0-9+/=]+)"')
_STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def places_of(word: str, folder: Path) -> list[str]:
    """Return the files that hold a word, in whatever case, plain or packed."""
    return [
        str(path.relative_to(folder))
        for path in sorted(path for path in folder.rglob("*") if path.is_file())
        if any(_holds(text, word) for text in _texts(path.read_bytes()))
    ]


def _holds(data: bytes, word: str) -> bool:
    if word.casefold() in data.decode("utf-8", "replace").casefold():
        return True
    escaped = word.casefold().encode("ascii", "backslashreplace").decode()
    return escaped in data.decode("latin-1").casefold()


def _texts(data: bytes) -> Iterator[bytes]:
    yield data
    for found in _PACKED.finditer(data):
        with suppress(zlib.error, binascii.Error):
            yield zlib.decompress(base64.b64decode(found[1]))
    for start in _STREAM.finditer(data):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[start.start() :])
