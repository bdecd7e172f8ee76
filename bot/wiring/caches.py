"""Where answers of models are kept for a while."""

from bot.config import Config
from core.ports.answer_cache import AnswerCache
from core.ports.clock import Clock


def build_cache(config: Config, clock: Clock) -> AnswerCache:
    """Return the configured cache: Redis, or one in this process."""
    if config.storage.redis_url is not None:
        from adapters.redis.answer_cache import RedisAnswerCache

        return RedisAnswerCache(config.storage.redis_url.get_secret_value())
    from adapters.inmemory.answer_cache import MemoryAnswerCache

    return MemoryAnswerCache(clock)
