"""What Telegram reads of a picture: that it is one, whole, and how large."""

import zlib
from collections.abc import Iterator

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
GIFS = (b"GIF87a", b"GIF89a")
NO_FRAME = {0xC4, 0xC8, 0xCC}
"""JPEG segments among 0xC0 to 0xCF that begin no frame."""
FIRST, LAST = 0xC0, 0xCF
FEW = 8
"""Bytes of a JPEG segment's head from which on its frame has a size."""

Size = tuple[int, int]


def size_of(data: bytes) -> Size | None:
    """Return width and height of a PNG, JPEG, WebP or GIF; None for what is none, or is broken."""
    if data.startswith(PNG):
        return _png(data)
    if data.startswith(JPEG):
        return _jpeg(data)
    if data.startswith(GIFS) and len(data) >= 10:
        return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    return None


def _png(data: bytes) -> Size | None:
    chunks = list(_chunks(data))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        return None
    head = chunks[0][1]
    return int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of a PNG up to the first that is broken."""
    at = len(PNG)
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        named, check = data[at + 4 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        if check != zlib.crc32(named).to_bytes(4, "big"):
            return
        yield named[:4], named[4:]
        at += 12 + length


def _jpeg(data: bytes) -> Size | None:
    at = len(JPEG)
    while at + FEW < len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if FIRST <= kind <= LAST and kind not in NO_FRAME:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
