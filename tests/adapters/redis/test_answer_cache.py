"""The answer cache over a real Redis server, and the one in this process."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.inmemory.answer_cache import MOST, MemoryAnswerCache
from adapters.inmemory.clock import FakeClock
from adapters.redis.answer_cache import RedisAnswerCache
from adapters.system.state_key import StateKey
from core.ports.answer_cache import AnswerCache
from tests.servers.redis import RedisServer

SIGNER = StateKey.of_process()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.server)])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[AnswerCache]:
    """Give each of them, empty."""
    if request.param == "memory":
        yield MemoryAnswerCache(FakeClock())
        return
    kept = RedisAnswerCache(request.getfixturevalue("redis_url"), SIGNER)
    yield kept
    await kept.close()


async def test_what_was_put_comes_back(cache: AnswerCache) -> None:
    """Any text under any key, the newest one; nothing under a key nobody used."""
    assert await cache.get("answer:a") is None
    await cache.put("answer:a", "größer 🙂\n", 60)
    await cache.put("answer:b", "other", 60)
    await cache.put("answer:a", "newer 🙂\n", 60)
    assert await cache.get("answer:a") == "newer 🙂\n"


async def test_two_processes_share_a_server(redis_url: str) -> None:
    """What one keeps the other finds, for as long as it was to be kept."""
    one, two = RedisAnswerCache(redis_url, SIGNER), RedisAnswerCache(redis_url, SIGNER)
    await one.put("k", "kept", 60)
    await one.put("soon", "gone", 1)
    assert await two.get("k") == "kept"
    await asyncio.sleep(1.2)
    assert await two.get("soon") is None
    await one.close()
    await two.close()


async def test_what_another_hand_wrote_hides_no_answer(redis_url: str) -> None:
    """Values of any kind under our keys count as none, and what is to be forgotten is."""
    from redis.asyncio import Redis

    cache, other = RedisAnswerCache(redis_url, SIGNER), Redis.from_url(redis_url)
    junk = {f"equerry:answer:{n}": bytes([n, 255, 0]) * 99 for n in range(20)}
    await other.mset(junk)
    for n in range(20, 40):
        await other.rpush(f"equerry:answer:{n}", "a list")
        await other.hset(f"equerry:answer:{n + 20}", "a", "hash")
        await cache.put(f"answer:ours-{n}", "the secret plan", 60)
    assert [await cache.get(f"answer:{n}") for n in range(60)] == [None] * 60
    await cache.forget(["secret"])
    assert {await cache.get(f"answer:ours-{n}") for n in range(20, 40)} == {None}
    await other.aclose()
    await cache.close()


async def test_a_server_that_goes_away_is_an_empty_cache(own_redis_server: RedisServer) -> None:
    """Neither reading nor writing fails, and when it is back it is used again."""
    cache = RedisAnswerCache(own_redis_server.url, SIGNER)
    await cache.put("k", "kept", 60)
    own_redis_server.stop()
    assert await cache.get("k") is None
    await cache.put("k", "kept", 60)
    own_redis_server.start()
    await cache.put("k", "again", 60)
    assert await cache.get("k") == "again"
    await cache.close()


async def test_memory_forgets_in_time() -> None:
    """A text goes when its time is over, or when a thousand were used later."""
    clock = FakeClock()
    cache = MemoryAnswerCache(clock)
    await cache.put("a", "1", 10)
    clock.advance(9)
    assert await cache.get("a") == "1"
    clock.advance(1)
    assert await cache.get("a") is None
    await cache.put("old", "1", 100)
    await cache.put("used", "1", 100)
    for number in range(MOST - 1):
        await cache.put(str(number), "x", 100)
        await cache.get("used")
    assert await cache.get("old") is None
    assert await cache.get("used") == "1"
