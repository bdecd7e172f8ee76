"""What lasts, as one thing to ask: facts, and what was said before.

Facts and talk have an index each. Words always work; meaning needs the embedding model, and the
store of vectors only makes it faster: without it every vector is compared.
"""

import asyncio
import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from core.domain.errors import EmbeddingError, FactIndexError, VectorStoreError
from core.domain.events import Event
from core.memory.index.asking import Asking, Older, none
from core.memory.index.feeds import FACTS, TALK
from core.memory.index.indexer import Indexer
from core.memory.search.candidates import Pool, gather
from core.memory.search.question import Question, understand
from core.memory.search.ranking import Found, rank, relevant
from core.memory.search.words import whole
from core.ports.embedder import Embedder
from core.ports.fact_index import Match

REST_S = 60.0
"""How long a prompt does without an index that is away: twice as long as the keeper takes to look.

To look may take as long as a lock is waited for, which no reply should.
"""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Trouble:
    """What does not work at the moment, in sentences; empty when all is well."""

    embedding: str = ""
    store: str = ""
    index: str = ""


@runtime_checkable
class Warms(Protocol):
    """An embedder that takes a while to load."""

    def warm(self) -> None:
        """Begin to load."""
        ...


@runtime_checkable
class Closes(Protocol):
    """An embedder that holds a thread or a connection."""

    async def close(self) -> None:
        """Let it go."""
        ...


class Knowledge:
    """Searches the scopes; each is brought up to date with the log first."""

    def __init__(self, scopes: Iterable[Indexer], embedder: Embedder, older: Older = none) -> None:
        """Take an indexer per scope, and what makes vectors of questions.

        `older` returns the model of vectors that are kept, which answers while new ones are made.
        """
        self.scopes = {indexer.scope: indexer for indexer in scopes}
        self.embedder = embedder
        self.asking = Asking(older)
        self.trouble = Trouble()
        self.in_store: set[str] = set()
        self.away: dict[str, FactIndexError] = {}
        """Scopes whose index could not be used when it was asked last."""
        self.met: FactIndexError | None = None
        """The newest such trouble that was not written down yet; it may be over."""
        self._rests_until = 0.0
        self.news = asyncio.Event()
        """Set when something is to be done for an index."""
        self._asked: tuple[tuple[str, str], array[float]] | None = None

    @property
    def facts(self) -> Indexer:
        """The scope of facts."""
        return self.scopes[FACTS]

    @property
    def talk(self) -> Indexer:
        """The scope of what was said."""
        return self.scopes[TALK]

    def hear(self, events: Sequence[Event]) -> None:
        """Take note of what was appended."""
        for indexer in self.scopes.values():
            indexer.hear(events)

    async def search(self, text: str, most: int, scope: str = FACTS) -> list[Found]:
        """Return up to `most` entries, best first, however weak. Raises FactIndexError."""
        with self._noticing(scope):
            await self.scopes[scope].catch_up()
            return await self._found(text, scope, most, rank)

    async def recall(
        self, text: str, most: int, scope: str = FACTS, before: int | None = None
    ) -> list[Found]:
        """Return up to `most` entries that have to do with a text. Raises FactIndexError.

        Only what was said `before` a position need be in: the rest is at hand, and reading it can
        wait for the keeper.
        """
        indexer = self.scopes[scope]
        with self._noticing(scope):
            if before is None or await indexer.index.position() < before:
                await indexer.catch_up()
            return await self._found(text, scope, most, relevant)

    async def recall_if_there(
        self, text: str, most: int, scope: str = FACTS, before: int | None = None
    ) -> list[Found] | None:
        """Return what `recall` does, None while the index cannot be used.

        One that was away a moment ago is not waited for again: the keeper looks after it.
        """
        if scope in self.away and asyncio.get_running_loop().time() < self._rests_until:
            return None
        try:
            return await self.recall(text, most, scope, before)
        except FactIndexError:
            return None

    def note_away(self, scope: str, error: FactIndexError) -> None:
        """Take note that an index cannot be used."""
        if scope not in self.away:
            logger.warning("memory is answered without an index: %s", error)
        self.away[scope] = error
        self.met = error
        self._rests_until = asyncio.get_running_loop().time() + REST_S
        self.in_store.discard(scope)
        self.news.set()

    @contextmanager
    def _noticing(self, scope: str) -> Iterator[None]:
        try:
            yield
        except FactIndexError as error:
            self.note_away(scope, error)
            raise
        self.away.pop(scope, None)

    async def _found(
        self, text: str, scope: str, most: int, choose: Callable[[Pool, int], Sequence[Found]]
    ) -> list[Found]:
        found = choose(await self._pool(text, scope, most), most)
        await self.scopes[scope].check()
        return await self._confirmed(scope, found)

    async def _confirmed(self, scope: str, found: Sequence[Found]) -> list[Found]:
        """Return what was found in the words of the log, without what the log does not know."""
        known = await self.scopes[scope].confirmed([one.entry for one in found])
        return [replace(one, entry=known[one.entry.id]) for one in found if one.entry.id in known]

    async def close(self) -> None:
        """Let go of files, models and connections."""
        for indexer in self.scopes.values():
            await indexer.index.close()
        stores = {id(it.store): it.store for it in self.scopes.values() if it.store is not None}
        for store in stores.values():
            await store.close()
        if isinstance(self.embedder, Closes):
            await self.embedder.close()

    def warm(self) -> None:
        """Begin to load the embedding model."""
        if isinstance(self.embedder, Warms):
            self.embedder.warm()

    async def _pool(self, text: str, scope: str, most: int) -> Pool:
        indexer = self.scopes[scope]
        known = await indexer.index.statistics(())
        question = understand(text, known.speakers if scope == FACTS else ())
        if not known.entries or not question.words:
            return Pool(question, {}, known, {})
        embedder = await self.asking.embedder(indexer, self.embedder)
        space = embedder.space

        async def nearest(vector: "array[float]", count: int) -> Sequence[Match]:
            return await self._nearest(indexer, space, vector, count)

        return await gather(
            indexer.index, space, nearest, question, self._vector(embedder, question), most
        )

    async def _vector(self, embedder: Embedder, question: Question) -> "array[float] | None":
        if self._asked is not None and self._asked[0] == (embedder.space, question.text):
            return self._asked[1]
        try:
            vector = await embedder.query(whole(question.text))
        except EmbeddingError as error:
            if not self.trouble.embedding:
                logger.warning("searching by words alone: %s", error)
            self.trouble.embedding = str(error)
            return None
        self.trouble.embedding = ""
        self._asked = (embedder.space, question.text), vector
        return vector

    async def _nearest(
        self, indexer: Indexer, space: str, vector: "array[float]", count: int
    ) -> Sequence[Match]:
        """Ask the store of vectors where it has them all; else compare every vector."""
        moving = space != self.embedder.space
        if indexer.store is None or indexer.scope not in self.in_store or moving:
            return await indexer.index.nearest(space, vector, count)
        try:
            near = await indexer.store.nearest(indexer.collection(space), vector, count)
        except VectorStoreError as error:
            self.trouble.store = str(error)
            self.in_store.discard(indexer.scope)
            return await indexer.index.nearest(space, vector, count)
        numbers = await indexer.index.numbers([one.id for one in near])
        found = [Match(numbers[one.id], one.cosine) for one in near if one.id in numbers]
        return sorted(found, key=lambda match: -match.score)
