"""The body of a response, read no further than it may grow."""

import zlib
from collections.abc import AsyncIterable

from core.domain.errors import RefusedError, TransientError

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset({"", "identity"})
_STEP = 65_536


class TooLargeError(RefusedError):
    """A body grew over its limit; `start` is what came until then."""

    def __init__(self, limit: int, start: bytes) -> None:
        """Keep what may still be of use."""
        super().__init__(f"The answer is larger than {limit:,} bytes.")
        self.start = start


async def read_body(chunks: AsyncIterable[bytes], encoding: str, limit: int) -> bytes:
    """Return the decoded bytes of a body, counting them as they come out of the decoder.

    A small body that unpacks to a huge one is stopped at `limit`, too. Raises TooLargeError,
    RefusedError for an encoding that was not asked for, TransientError for a broken one.
    """
    encoding = encoding.strip().lower()
    if encoding not in _PLAIN | {"gzip", "x-gzip"}:
        message = f"The answer is packed as {encoding[:40]!r}, which was not asked for."
        raise RefusedError(message)
    unpack = None if encoding in _PLAIN else zlib.decompressobj(_GZIP)
    body = bytearray()
    async for chunk in chunks:
        if unpack is None:
            body += chunk
        else:
            _unpack(unpack, chunk, body, limit)
        if len(body) > limit:
            raise TooLargeError(limit, bytes(body[:limit]))
    if unpack is not None:
        body += unpack.flush()  # at most what was left of one window
    return bytes(body)


def _unpack(unpack: "zlib._Decompress", chunk: bytes, body: bytearray, limit: int) -> None:
    while chunk and not unpack.eof and len(body) <= limit:
        try:
            body += unpack.decompress(chunk, _STEP)
        except zlib.error as error:
            message = "The answer is packed in a way that cannot be unpacked."
            raise TransientError(message) from error
        chunk = unpack.unconsumed_tail
