"""Pictures as tests need them: real ones, as small as they can be."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, padding: int = 0) -> bytes:
    """Return a black picture; `padding` bytes that show nothing make it larger."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height)
    chunks = [(b"IHDR", header), (b"prIv", b"\0" * padding), (b"IDAT", rows), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(*one) for one in chunks if one[1] or one[0] == b"IEND")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
