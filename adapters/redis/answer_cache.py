"""Answers of models kept in Redis for a while."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.redis.sealing import MOST_BYTES, opened, sealed
from core.domain.flat import flat
from core.ports.signer import Signer

if TYPE_CHECKING:
    from redis.asyncio import Redis

PREFIX = "equerry:"


class RedisAnswerCache:
    """An AnswerCache over a Redis server; a server that is away counts as an empty cache.

    An answer is what runs next, so one that another hand wrote counts as none.
    """

    def __init__(self, url: str, signer: Signer) -> None:
        """Take the address (`redis://…`) and what signs; connect at first use."""
        self._url, self._signer = url, signer
        self._client: Redis | None = None

    async def get(self, key: str) -> str | None:
        """Return what was put under the key."""
        from redis.exceptions import RedisError

        try:
            found = await self._redis().getrange(PREFIX + key, 0, MOST_BYTES)
        except (RedisError, OSError):
            return None
        return opened(self._signer, PREFIX + key, found)

    async def put(self, key: str, value: str, ttl_s: int) -> None:
        """Keep `value` for `ttl_s` seconds."""
        from redis.exceptions import RedisError

        try:
            whole = sealed(self._signer, PREFIX + key, value)
            await self._redis().set(PREFIX + key, whole, ex=ttl_s)
        except (RedisError, OSError):
            return

    async def forget(self, needles: Sequence[str]) -> None:
        """Forget the texts that hold any of the words."""
        from redis.exceptions import RedisError, ResponseError

        try:
            client = self._redis()
            async for key in client.scan_iter(match=f"{PREFIX}answer:*", count=500):
                try:
                    kept = await client.getrange(key, 0, MOST_BYTES)
                except ResponseError:
                    continue  # no text, so another hand wrote it
                text = kept.decode("utf-8", "replace") if isinstance(kept, bytes) else kept or ""
                if any(needle in flat(text) for needle in needles):
                    await client.delete(key)
        except (RedisError, OSError):
            return

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    def _redis(self) -> "Redis":
        from redis.asyncio import Redis

        if self._client is None:
            self._client = Redis.from_url(self._url, socket_connect_timeout=1, socket_timeout=2)
        return self._client
