"""Goes on beside the engine: vectors for what is new, the store of vectors kept whole.

A change of the embedding model makes new vectors in the background; until the last one is there
the old model answers, where it can still be loaded.
"""

import logging
from collections.abc import Sequence

from core.domain.errors import (
    EmbeddingError,
    EquerryError,
    FactIndexError,
    StorageError,
    VectorStoreError,
)
from core.domain.events import Event
from core.memory.index.indexer import Indexer, OnProgress
from core.memory.knowledge import Knowledge
from core.ports.clock import Clock
from core.telemetry.health import MEMORY, Health

IDLE_S = 0.5
"""How long nothing must be said before vectors are made: a reply comes first."""
AGAIN_S = 30.0

logger = logging.getLogger(__name__)


class Keeper:
    """Keeps the indexes of a Knowledge; one process of a data_dir runs it."""

    def __init__(self, knowledge: Knowledge, clock: Clock, health: Health | None = None) -> None:
        """Take what is kept, and where it is said how that is."""
        self._knowledge, self._clock, self._health = knowledge, clock, health
        self._news = knowledge.news
        self._said: bool | None = None
        self.progress: dict[str, tuple[int, int]] = {}

    def hear(self, events: Sequence[Event]) -> None:
        """Wake up for what belongs into an index."""
        found = [indexer.hear(events) for indexer in self._knowledge.scopes.values()]
        if any(found):
            self._news.set()

    async def run(self) -> None:
        """Keep on, without end."""
        self._news.set()
        while True:
            await self._news.wait()
            await self._clock.sleep(IDLE_S)
            self._news.clear()
            try:
                await self.keep()
            except EquerryError as error:
                logger.warning("memory is not indexed: %s", error)
            except Exception:
                logger.exception("memory is not indexed")
            else:
                continue
            await self._clock.sleep(AGAIN_S)
            self._news.set()

    async def keep(self) -> None:
        """Bring every scope up to date, once; trouble with one stops no other.

        Raises EquerryError, the first there was.
        """
        trouble: list[EquerryError] = []
        for indexer in self._knowledge.scopes.values():
            try:
                await self.keep_one(indexer, self._progress_of(indexer))
            except EquerryError as error:
                trouble.append(error)
            self.progress.pop(indexer.scope, None)
        files = (str(error) for error in trouble if isinstance(error, StorageError))
        self._knowledge.trouble.index = next(files, "")
        await self._say()
        if trouble:
            raise trouble[0]

    async def _say(self) -> None:
        """Say how the indexes are, and also what is over already: a reply was made without one."""
        knowledge, now = self._knowledge, self._knowledge.trouble.index
        met, knowledge.met = knowledge.met, None
        reason = now or (str(met) if met is not None else "")
        if self._health is None:
            return
        if reason and self._said is not False:
            await self._health.say(MEMORY, "failing", reason)
            self._said = False
        if not now and self._said is not True:
            await self._health.say(MEMORY, "well")
            self._said = True

    async def keep_one(self, indexer: Indexer, on_progress: OnProgress | None = None) -> None:
        """Bring one scope up to date: log, vectors, store. Raises EquerryError."""
        try:
            await self._keep_one(indexer, on_progress)
        except FactIndexError as error:
            self._knowledge.note_away(indexer.scope, error)
            if not error.renewed:
                raise
        else:
            return
        await self._keep_one(indexer, on_progress)

    async def _keep_one(self, indexer: Indexer, on_progress: OnProgress | None) -> None:
        knowledge = self._knowledge
        await indexer.catch_up()
        await knowledge.asking.embedder(indexer, knowledge.embedder)
        knowledge.away.pop(indexer.scope, None)
        if knowledge.asking.answers(indexer.scope) is not None:
            knowledge.in_store.discard(indexer.scope)
        try:
            await indexer.embed(knowledge.embedder, on_progress)
        except EmbeddingError as error:
            knowledge.trouble.embedding = str(error)
            raise
        knowledge.trouble.embedding = ""
        await self._store(indexer)
        await self._leave_older(indexer)

    async def _store(self, indexer: Indexer) -> None:
        """Hand the vectors on; a store that lost some is made anew."""
        knowledge, space = self._knowledge, self._knowledge.embedder.space
        extent = await indexer.index.extent(space)
        nothing = not extent.entries and not await indexer.index.gone(1)
        if indexer.store is None or nothing:
            return
        try:
            await indexer.store_vectors(space)
            # One that was made anew counts none as stored, and knows of none that is to be gone.
            unsure = indexer.scope not in knowledge.in_store or not extent.stored
            if unsure and await indexer.check_store(space) is not None:
                await indexer.mend_store(space)
        except VectorStoreError as error:
            knowledge.in_store.discard(indexer.scope)
            knowledge.trouble.store = str(error)
            raise
        knowledge.trouble.store = ""
        knowledge.in_store.add(indexer.scope)

    async def _leave_older(self, indexer: Indexer) -> None:
        self._knowledge.asking.look_again(indexer.scope)
        space = self._knowledge.embedder.space
        for name in await indexer.index.spaces():
            if name != space:
                await indexer.index.leave(name)
                if indexer.store is not None:
                    await indexer.store.drop(indexer.collection(name))

    def _progress_of(self, indexer: Indexer) -> OnProgress:
        def show(done: int, of: int) -> None:
            self.progress[indexer.scope] = (done, of)

        return show
