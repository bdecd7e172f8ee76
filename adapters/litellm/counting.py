"""Counts the bytes that a model's server sends, before anybody parses them.

litellm and the SDKs below it read a body, and each line of a stream, whole: one delta of 10 MB
would be kept several times over. So every client that litellm builds counts. Loaded with litellm.
"""

import functools
import json
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any, Final

import httpx

from adapters.litellm.limits import Allowance, TooMuchSentError, allowance
from adapters.litellm.usage import count

_PIECE_BYTES: Final = 64 * 1024
_COUNTS: Final = ("prompt_tokens", "completion_tokens", "total_tokens")
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
    request.headers["accept-encoding"] = "identity"


async def _bound(response: httpx.Response) -> None:
    """Put the count between the connection and whoever reads."""
    packed = response.headers.pop("content-encoding", "identity").strip().lower()
    if isinstance(response.stream, httpx.AsyncByteStream):
        whole = response.headers.get("content-type", "").startswith("application/json")
        response.stream = _Counted(response.stream, packed, allowance(), whole=whole)


class _Counted(httpx.AsyncByteStream):
    """The bytes of a response, unpacked where they came packed all the same."""

    def __init__(
        self, source: httpx.AsyncByteStream, packed: str, left: Allowance, *, whole: bool
    ) -> None:
        self._source, self._packed, self._left, self._whole = source, packed, left, whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packed not in {"identity", "gzip", "x-gzip", "deflate"}:
            message = f"it is packed as {self._packed[:20]}, which nobody asked for"
            raise httpx.DecodingError(message)
        source: AsyncIterable[bytes] = self._source
        whole: list[bytes] = []
        async for piece in source if self._packed == "identity" else _unpacked(source):
            try:
                self._left.take(len(piece))
            except TooMuchSentError:
                await self._source.aclose()  # not every reader does so
                raise
            if self._whole:
                whole.append(piece)
            else:
                yield piece
        if whole:
            yield _with_readable_usage(b"".join(whole))

    async def aclose(self) -> None:
        await self._source.aclose()


async def _unpacked(source: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield what is packed in small pieces: a kilobyte may hold a megabyte."""
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    async for piece in source:
        rest = piece
        while rest and not unpacker.eof:
            yield unpacker.decompress(rest, _PIECE_BYTES)
            rest = unpacker.unconsumed_tail


def _with_readable_usage(body: bytes) -> bytes:
    """Return a whole answer without a usage that litellm would throw the answer away for."""
    if b'"choices"' not in body or b'"usage"' not in body:
        return body
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(answer, dict) or "usage" not in answer:
        return body
    usage = answer["usage"]
    if isinstance(usage, dict):
        read = {name: count(usage[name]) for name in _COUNTS if name in usage}
        answer["usage"] = usage | read
    else:
        del answer["usage"]
    return json.dumps(answer).encode()
