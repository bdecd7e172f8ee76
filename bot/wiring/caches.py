"""Where answers of models, windows of conversations, and files by their content are kept."""

from bot.config import Config
from core.memory.window import WindowSize
from core.ports.answer_cache import AnswerCache
from core.ports.blobs import Blobs
from core.ports.clock import Clock
from core.ports.documents import DocumentReader
from core.ports.sandbox import Sandbox
from core.ports.short_term import ShortTerm
from core.ports.signer import Signer

HOUR_S = 3600


def build_cache(config: Config, clock: Clock, signer: Signer) -> AnswerCache:
    """Return the configured cache: Redis, holding what is signed, or one in this process."""
    if config.storage.redis_url is not None:
        from adapters.redis.answer_cache import RedisAnswerCache

        return RedisAnswerCache(config.storage.redis_url.get_secret_value(), signer)
    from adapters.inmemory.answer_cache import MemoryAnswerCache

    return MemoryAnswerCache(clock)


def build_blobs(config: Config) -> Blobs:
    """Return where files that people sent, and pictures that were made, are kept."""
    from adapters.files.blobs import FileBlobs

    return FileBlobs(config.data_dir / "blobs")


def build_documents() -> DocumentReader:
    """Return what reads the files that people send, confined as well as this machine can."""
    from adapters.documents.apart import ReaderApart

    return ReaderApart(build_sandbox())


def build_sandbox() -> Sandbox:
    """Return what confines programs that are not trusted."""
    from adapters.sandbox.chosen import ChosenSandbox

    return ChosenSandbox()


def build_short_term(config: Config, clock: Clock, signer: Signer) -> ShortTerm:
    """Return short-term memory on the configured Redis, or inside this process."""
    if (url := config.storage.redis_url) is not None:
        from adapters.redis.short_term import RedisShortTerm

        return RedisShortTerm(signer, url.get_secret_value())
    from adapters.inmemory.short_term import MemoryShortTerm

    return MemoryShortTerm(clock)


def window_size(config: Config) -> WindowSize:
    """Return how large a window is, and how long it is kept."""
    window = config.memory.window
    return WindowSize(tokens=window.tokens, ttl_s=int(window.ttl_hours * HOUR_S))
