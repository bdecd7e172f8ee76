"""Short-term memory: in this process, on a real server, and when the server goes away."""

import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from adapters.inmemory.clock import FakeClock
from adapters.inmemory.short_term import MemoryShortTerm
from adapters.redis.short_term import RedisShortTerm
from adapters.system.state_key import StateKey
from core.domain.errors import ShortTermDownError
from tests.contracts.short_term import ShortTermContract
from tests.servers.redis import RedisServer

SIGNER = StateKey.of_process()
PATIENT_S = 10.0
"""Far above what a command may take: the machine is slow at times."""


class TestMemory(ShortTermContract):
    """In a dictionary."""

    @pytest.fixture
    def short_term(self) -> MemoryShortTerm:
        """Give an empty one."""
        self.clock = FakeClock()
        return MemoryShortTerm(self.clock)

    async def pass_time(self, seconds: float) -> None:
        """Move its clock."""
        self.clock.advance(seconds)


class TestServer(ShortTermContract):
    """On a Redis server."""

    @pytest.fixture
    async def short_term(self, redis_url: str) -> AsyncIterator[RedisShortTerm]:
        """Give an empty one."""
        kept = RedisShortTerm(SIGNER, redis_url)
        yield kept
        await kept.close()


async def test_two_processes_share_a_server(redis_url: str) -> None:
    """What one keeps the other finds."""
    one, two = RedisShortTerm(SIGNER, redis_url), RedisShortTerm(SIGNER, redis_url)
    one.warm()
    await one.put("k", "kept", 60)
    assert await two.get("k") == "kept"
    await one.close()
    await two.close()


async def test_a_server_that_goes_away_is_said_at_once(own_redis_server: RedisServer) -> None:
    """Every method raises without waiting long; when it is back it is used again."""
    kept = RedisShortTerm(SIGNER, own_redis_server.url)
    await kept.put("k", "kept", 60)
    own_redis_server.stop()
    for use in (kept.get("k"), kept.put("k", "x", 60), kept.drop("k")):
        began = time.monotonic()
        with pytest.raises(ShortTermDownError):
            await use
        assert time.monotonic() - began < PATIENT_S
    own_redis_server.start()
    assert await kept.get("k") is None
    await kept.put("k", "again", 60)
    assert await kept.get("k") == "again"
    await kept.close()


async def test_a_server_that_hangs_is_not_waited_for(own_redis_server: RedisServer) -> None:
    """One that takes connections and says nothing counts as away."""
    kept = RedisShortTerm(SIGNER, own_redis_server.url)
    await kept.put("k", "kept", 60)
    os.kill(own_redis_server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(ShortTermDownError):
            await kept.get("k")
        assert time.monotonic() - began < PATIENT_S
    finally:
        os.kill(own_redis_server.pid, signal.SIGCONT)
    await kept.close()
