"""What is known: the indexes under `data_dir`, the embedding model, and Chroma."""

from decimal import Decimal

from adapters.chroma.store import ChromaStore
from adapters.embedding.onnx import BUILT_IN, OnnxEmbedder, built_in, in_folder
from adapters.fts.index import FtsIndex
from adapters.sql.store import SqlStore
from bot.config import Config
from bot.wiring.caches import window_size
from core.gates.budget import Ledger
from core.kernel import Kernel
from core.memory.context import Recall
from core.memory.index.counted import CountedEmbedder
from core.memory.index.feeds import FactFeed, TalkFeed
from core.memory.index.indexer import Indexer
from core.memory.index.keeper import Keeper
from core.memory.knowledge import Knowledge
from core.memory.profile.live import LiveProfile
from core.memory.window import Windows
from core.ports.clock import Clock
from core.ports.embedder import Embedder
from core.ports.event_log import EventLog
from core.ports.short_term import ShortTerm
from core.ports.vector_store import VectorStore
from core.telemetry.health import Health

LITELLM = "litellm:"


def build_knowledge(config: Config, log: EventLog, ledger: Ledger, *, leads: bool) -> Knowledge:
    """Return the configured parts; only the process that leads may use an embedded Chroma."""
    folder = config.data_dir / "memory"
    store = store_of(config, leads=leads)
    facts, talk = FactFeed(), TalkFeed()
    scopes = [
        Indexer(log, facts, FtsIndex(folder / f"{facts.scope}.db"), store),
        # Every vector of what was said is compared: Chroma, slow to load, is for facts.
        Indexer(log, talk, FtsIndex(folder / f"{talk.scope}.db")),
    ]
    knowledge = Knowledge(
        scopes, build_embedder(config, ledger), lambda space: older(config, ledger, space)
    )
    log.listen(knowledge.hear)
    return knowledge


def store_of(config: Config, *, leads: bool) -> VectorStore | None:
    """Return the configured store of vectors; None where another process holds the embedded one."""
    if config.storage.chroma_url is not None:
        return ChromaStore.server(config.storage.chroma_url.get_secret_value())
    return ChromaStore.embedded(config.data_dir / "chroma") if leads else None


def build_embedder(config: Config, ledger: Ledger) -> Embedder:
    """Return the configured embedding model."""
    embedding = config.memory.embedding
    if embedding.model is not None:
        return _paid(config, ledger, embedding.model, embedding.input_per_million)
    if embedding.path is not None:
        return OnnxEmbedder(in_folder(embedding.path))
    return OnnxEmbedder(built_in())


def older(config: Config, ledger: Ledger, space: str) -> Embedder | None:
    """Return the embedder of a space that vectors are kept of, None where it cannot be had."""
    if space == BUILT_IN:
        return OnnxEmbedder(built_in())
    if space.startswith(LITELLM):
        return _paid(config, ledger, space.removeprefix(LITELLM), None)
    return None


def _paid(config: Config, ledger: Ledger, model: str, price: Decimal | None) -> Embedder:
    from adapters.litellm.embedder import LiteLlmEmbedder

    key = config.llm.api_key.get_secret_value() if config.llm.api_key else None
    return CountedEmbedder(LiteLlmEmbedder(model, config.llm.api_base, key, price), ledger)


async def keep_knowledge(kernel: Kernel, health: Health) -> None:
    """Keep the indexes up to date beside the engine, without end."""
    keeper = Keeper(kernel.recall.knowledge, kernel.clock, health)
    unlisten = kernel.log.listen(keeper.hear)
    try:
        await keeper.run()
    finally:
        unlisten()


def build_recall(
    config: Config,
    store: SqlStore,
    clock: Clock,
    profile: LiveProfile,
    knowledge: Knowledge,
    short_term: ShortTerm,
    health: Health,
) -> Recall:
    """Return what builds the context of a prompt."""
    windows = Windows(store, store, clock, short_term, window_size(config), health)
    return Recall(store, store, clock, profile, knowledge, windows)
