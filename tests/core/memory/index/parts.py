"""A Knowledge over memory whose parts can fail, and facts in a log."""

from array import array
from collections.abc import Sequence
from datetime import datetime

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.knowledge import HashedWords, MemoryFactIndex, MemoryVectorStore
from core.domain.erasable import Erasable
from core.domain.errors import EmbeddingError, VectorStoreError
from core.domain.events import NewEvent
from core.domain.events.memory import FactLearned
from core.memory.index.feeds import FactFeed, TalkFeed
from core.memory.index.indexer import Indexer
from core.memory.index.keeper import Keeper
from core.memory.knowledge import Knowledge
from core.ports.embedder import Embedder
from core.ports.vector_store import Near
from core.projections import ALL


class Failing(HashedWords):
    """An embedder that fails while `down`, under a name of its own."""

    def __init__(self, space: str = "hashed-words") -> None:
        self.space = space
        self.down = False
        self.asked: list[list[str]] = []

    async def documents(self, texts: Sequence[str]) -> list["array[float]"]:
        """Return a vector for each text."""
        if self.down:
            raise EmbeddingError("The model is away.")
        self.asked.append(list(texts))
        return await super().documents(texts)

    async def query(self, text: str) -> "array[float]":
        """Return the vector of a question."""
        if self.down:
            raise EmbeddingError("The model is away.")
        return await super().query(text)


class FailingStore(MemoryVectorStore):
    """A store of vectors that fails while `down`."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.searched = 0

    def _check(self) -> None:
        if self.down:
            raise VectorStoreError("Chroma is away.")

    async def put(
        self, collection: str, ids: Sequence[str], vectors: Sequence["array[float]"]
    ) -> None:
        """Store vectors."""
        self._check()
        await super().put(collection, ids, vectors)

    async def nearest(self, collection: str, vector: "array[float]", most: int) -> list[Near]:
        """Return the nearest."""
        self._check()
        self.searched += 1
        return await super().nearest(collection, vector, most)

    async def count(self, collection: str) -> int:
        """Return how many there are."""
        self._check()
        return await super().count(collection)


class Parts:
    """A log, a store of vectors, an embedder and what searches and keeps over them."""

    def __init__(self, older: Embedder | None = None) -> None:
        self.clock = FakeClock()
        self.log = MemoryStore(ALL, self.clock, SequentialIds())
        self.store = FailingStore()
        self.embedder = Failing()
        self.older = older
        scopes = [
            Indexer(self.log, feed, MemoryFactIndex(), self.store)
            for feed in (FactFeed(), TalkFeed())
        ]
        self.knowledge = Knowledge(scopes, self.embedder, lambda _: self.older)
        self.log.listen(self.knowledge.hear)
        self.keeper = Keeper(self.knowledge, self.clock)

    @property
    def facts(self) -> Indexer:
        """The scope of facts."""
        return self.knowledge.facts

    async def learn(
        self,
        name: str,
        text: str,
        at: datetime | None = None,
        speaker: str | None = None,
    ) -> None:
        """Let a fact be known."""
        learned = FactLearned(
            fact=name, text=Erasable.of(text), by="test", said_at=at, speaker=speaker
        )
        await self.log.append([NewEvent(stream=f"fact:{name}", payload=learned)])

    async def found(self, text: str, most: int = 5) -> list[str]:
        """Return the ids that a question finds, best first."""
        return [one.entry.id for one in await self.knowledge.search(text, most)]
