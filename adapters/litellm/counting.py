"""Counts what a model's server sends, before anybody parses it, and hands it on in small portions.

litellm and the SDKs below it read a body, and each line of a stream, whole: one delta of 10 MB
would be kept several times over. What they have at hand they work through without a pause, while
nobody else has a turn. So every client that litellm builds counts. Loaded with litellm.
"""

import asyncio
import functools
import json
import re
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import httpx

from adapters.litellm.limits import Allowance, TooMuchSentError, allowance
from adapters.litellm.shapes.bodies import Events, as_events, whole_answer

_PIECE_BYTES: Final = 64 * 1024
_PORTION_BYTES: Final = 4096
_PORTION_LINES: Final = 64
"""What is worked through at once: some 30 pieces of a stream take 10 ms."""
_LINE_ENDS: Final = (b"\n", b"\r")
_MARKS: Final = (b"{", b"[", b'":')
_FRACTION: Final = re.compile(rb'_tokens"\s*:\s*[0-9]+\.[0-9]')
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32  # told by its head


def count_bytes() -> None:
    """Make all clients count: litellm's own, and those that it gives to OpenAI's SDK."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler
    from litellm.llms.openai.common_utils import BaseOpenAILLM

    own: Any = AsyncHTTPHandler
    sdk: Any = BaseOpenAILLM
    own.create_client = _counting(own.create_client)
    plain = sdk._get_async_http_client  # noqa: SLF001 - it has no other door
    sdk._get_async_http_client = staticmethod(_counting(plain))  # noqa: SLF001 - as above


def _counting(make: Callable[..., httpx.AsyncClient]) -> Callable[..., httpx.AsyncClient]:
    @functools.wraps(make)
    def made(*args: Any, **named: Any) -> httpx.AsyncClient:  # noqa: ANN401 - litellm's own
        client = make(*args, **named)
        hooks = client.event_hooks
        client.event_hooks = {
            "request": [*hooks["request"], _ask_for_plain],
            "response": [*hooks["response"], _bound],
        }
        return client

    return made


async def _ask_for_plain(request: httpx.Request) -> None:
    """Ask for what needs no unpacking, and only once: litellm repeats a call that broke off."""
    left = allowance()
    if left.waits:
        message = "the connection broke"
        raise httpx.ReadError(message, request=request)
    left.waits = True
    request.headers["accept-encoding"] = "identity"


async def _bound(response: httpx.Response) -> None:
    """Put the count between the connection and whoever reads; keep the prompt at its server."""
    left = allowance()
    left.waits, left.answered = False, response.is_success
    if response.has_redirect_location and _leads_away(response):
        del response.headers["location"]
    packed = response.headers.pop("content-encoding", "identity").strip().lower()
    if isinstance(response.stream, httpx.AsyncByteStream):
        kind = response.headers.get("content-type", "").strip().lower()
        response.stream = _Counted(response.stream, packed, left, kind=kind)


def _leads_away(response: httpx.Response) -> bool:
    """Return whether a redirect leads to a server that nobody configured."""
    asked = response.request.url
    try:
        found = asked.join(response.headers["location"])
    except httpx.InvalidURL:
        return True
    if found.host != asked.host:
        return True
    return found.port != asked.port and (asked.scheme, found.scheme) != ("http", "https")


class _Counted(httpx.AsyncByteStream):
    """The bytes of a response, unpacked where they came packed all the same."""

    def __init__(
        self, source: httpx.AsyncByteStream, packed: str, left: Allowance, *, kind: str
    ) -> None:
        """Take the bytes, and what is told of their form."""
        self._source, self._packed, self._left = source, packed, left
        json_body = kind.startswith("application/json")
        self._readable = kind.startswith(("text/", "application/json")) or not kind
        self._whole = True if json_body else None if self._readable else False
        """Whether it is one body; None while that is not known."""
        self._marks = _Marks(each_line="ndjson" in kind, never=json_body)
        self._fractions = _Fractions(left)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packed not in {"identity", "gzip", "x-gzip", "deflate"}:
            message = f"it is packed as {self._packed[:20]}, which nobody asked for"
            raise httpx.DecodingError(message)
        whole: list[bytes] = []
        events = Events()
        async for portion in self._counted():
            if self._whole is None and portion.strip():
                self._whole = portion.lstrip()[:1] == b"{" or not self._left.streams
            if self._whole:
                whole.append(portion)
            else:
                yield events.take(portion) if self._readable else portion
        if not whole:
            yield events.end()
        elif self._left.streams:
            yield self._streamed(b"".join(whole))
        else:
            yield whole_answer(b"".join(whole), self._left.keep)

    async def _counted(self) -> AsyncIterator[bytes]:
        """Yield what came in small portions, each of them counted."""
        source: AsyncIterable[bytes] = self._source
        async for piece in source if self._packed == "identity" else _unpacked(source):
            for portion in _portions(piece):
                try:
                    self._count(portion)
                except TooMuchSentError:
                    await self._source.aclose()  # not every reader does so
                    raise
                yield b"".join(portion)
                await asyncio.sleep(0)  # others have their turn, time-outs too

    def _streamed(self, body: bytes) -> bytes:
        """Return what came whole as the stream that was asked for."""
        if body.lstrip()[:1] == b"{":
            return as_events(body, self._left.keep)
        events = Events()
        return events.take(body) + events.end()

    async def aclose(self) -> None:
        await self._source.aclose()

    def _count(self, portion: Sequence[bytes]) -> None:
        ends = sum(line.endswith(_LINE_ENDS) for line in portion)
        self._left.take(sum(map(len, portion)), ends, 0)
        for line in portion:
            self._left.take(0, 0, self._marks.after(line))
            if not self._whole:
                self._fractions.after(line)


class _Marks:
    """How many brackets and names one piece of JSON has so far.

    It ends with a line, or with an empty one where its lines are fields of an event; a whole body
    is one.
    """

    def __init__(self, *, each_line: bool, never: bool) -> None:
        """Say where a piece ends."""
        self._each_line, self._never = each_line, never
        self._count, self._begun = 0, b""

    def after(self, line: bytes) -> int:
        """Return the marks with a line, or a part of one, that came."""
        self._count += sum(line.count(mark) for mark in _MARKS)
        found = self._count
        self._begun = self._begun or line[:5]
        if line.endswith(_LINE_ENDS):
            field = self._begun.startswith(b"data")
            if not self._never and (not self._begun.strip() or (self._each_line and not field)):
                self._count = 0
            self._begun = b""
        return found


class _Fractions:
    """Keeps a streamed usage in fractions as it was told: litellm fails at its piece."""

    def __init__(self, left: Allowance) -> None:
        self._left, self._line = left, b""

    def after(self, part: bytes) -> None:
        """Look at a line, or a part of one, that came; a usage is short."""
        if len(self._line) <= _PORTION_BYTES:
            self._line += part
        if part.endswith(_LINE_ENDS):
            line, self._line = self._line, b""
            if _FRACTION.search(line):
                self._keep(line)

    def _keep(self, line: bytes) -> None:
        with suppress(ValueError, RecursionError):
            piece = json.loads(line.partition(b":")[2] if line.startswith(b"data:") else line)
            usage = piece.get("usage") if isinstance(piece, dict) else None
            self._left.told = usage if isinstance(usage, dict) else self._left.told


def _portions(piece: bytes) -> Iterator[list[bytes]]:
    """Yield the lines of a piece, a few at a time; long ones are cut."""
    portion: list[bytes] = []
    size = 0
    for line in piece.splitlines(keepends=True):
        for start in range(0, len(line), _PORTION_BYTES):
            portion.append(line[start : start + _PORTION_BYTES])
            size += len(portion[-1])
            if size >= _PORTION_BYTES or len(portion) >= _PORTION_LINES:
                yield portion
                portion, size = [], 0
    if portion:
        yield portion


async def _unpacked(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield what is packed in small pieces: a kilobyte may hold a megabyte."""
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    async for piece in source:
        rest = piece
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, _PIECE_BYTES)
            rest = unpacker.unconsumed_tail
