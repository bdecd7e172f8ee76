"""Short-term memory on a Redis server."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from adapters.redis.sealing import MOST_BYTES, opened, sealed
from core.domain.errors import ShortTermDownError
from core.ports.signer import Signer

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "equerry:short:"
CONNECT_S = 0.1
ANSWER_S = 0.15
WHOLE_S = 0.2
"""The longest that one command may take, connecting included."""

T = TypeVar("T")


class RedisShortTerm:
    """A ShortTerm over the client of Redis, which holds what we signed and nothing else.

    The client takes a third of a second to load, in a thread, which the first use waits for.
    """

    def __init__(self, signer: Signer, url: str) -> None:
        """Take what signs, and the address of a server (`redis://…`)."""
        self._signer, self._url = signer, url
        self._client: Redis | None = None
        self._loading: asyncio.Task[Redis] | None = None

    def warm(self) -> None:
        """Begin to load the client."""
        self._begin()

    async def get(self, name: str) -> str | None:
        """Return what was put under the name; what another hand wrote counts as nothing."""
        client = await self._ready()
        found = await _asked(_read(client, PREFIX + name))
        return opened(self._signer, PREFIX + name, found)

    async def put(self, name: str, text: str, ttl_s: int) -> None:
        """Keep `text` for `ttl_s` seconds."""
        client = await self._ready()
        whole = sealed(self._signer, PREFIX + name, text)
        await _asked(client.set(PREFIX + name, whole, ex=ttl_s))

    async def drop(self, name: str) -> None:
        """Forget what was put under the name."""
        client = await self._ready()
        await _asked(client.delete(PREFIX + name))

    async def close(self) -> None:
        """Close the connections."""
        if self._loading is not None:
            self._loading.cancel()
            with suppress(asyncio.CancelledError):
                await self._loading
        if self._client is not None:
            await self._client.aclose()

    async def _ready(self) -> "Redis":
        if self._client is None:
            self._client = await asyncio.shield(self._begin())
        return self._client

    def _begin(self) -> "asyncio.Task[Redis]":
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(_client, self._url))
        return self._loading


async def _read(client: "Redis", key: str) -> bytes | str | None:
    """Return what is under a key; something that is no text counts as nothing."""
    from redis.exceptions import ResponseError

    try:
        found: bytes | str | None = await client.getrange(key, 0, MOST_BYTES)
    except ResponseError as error:
        if not str(error).startswith("WRONGTYPE"):
            raise
        return None
    return found


async def _asked(answer: Awaitable[T]) -> T:
    from redis.exceptions import RedisError

    try:
        async with asyncio.timeout(WHOLE_S):
            return await answer
    except TimeoutError as error:
        message = f"Redis did not answer within {WHOLE_S} seconds."
        raise ShortTermDownError(message) from error
    except (RedisError, OSError) as error:
        message = f"Redis does not answer ({type(error).__name__})."
        raise ShortTermDownError(message) from error


def _client(url: str) -> "Redis":
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )
