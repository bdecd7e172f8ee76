import pytest

from tests.servers.redis import RedisServer


def test_a_cleared_server_is_empty(redis_server: RedisServer) -> None:
    """What one test wrote is gone for the next one."""
    redis_server._ask("SET key value")
    redis_server.clear()
    assert redis_server._ask("DBSIZE") == ":0"


def test_a_stopped_server_is_gone(own_redis_server: RedisServer) -> None:
    """A stopped server refuses connections, and answers when it was started again."""
    own_redis_server.stop()
    with pytest.raises(ConnectionRefusedError):
        own_redis_server.clear()
    own_redis_server.start()
    own_redis_server.clear()
