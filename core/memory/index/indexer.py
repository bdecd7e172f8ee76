"""Keeps one index as new as the log, gives its entries vectors, and the store of vectors both.

Each step can be cut off anywhere: what the index lacks of the log is read again from its position,
an entry without a vector is found by its words, and a vector counts as stored once it is.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.domain.canonical import sha256
from core.domain.errors import FactIndexError, VectorStoreError
from core.domain.events import Event
from core.domain.events.holds import LogRestored
from core.log.reading import every_event
from core.memory.index.feeds import Feed
from core.memory.search.words import same_words, whole
from core.ports.embedder import Embedder
from core.ports.event_log import EventLog, EventQuery
from core.ports.fact_index import Entry, FactIndex
from core.ports.vector_store import VectorStore

READ, EMBED, STORE = 500, 64, 500
CONFIRMED = 32
"""Entries looked up on the log at once: more than a prompt takes, and a short statement."""
OnProgress = Callable[[int, int], None]
"""Called with how many entries are done, and how many there are."""

logger = logging.getLogger(__name__)


class Indexer:
    """One scope: its feed, its index, and its collection in the store of vectors."""

    def __init__(
        self, log: EventLog, feed: Feed, index: FactIndex, store: VectorStore | None = None
    ) -> None:
        """Take the parts; without a `store` every vector is compared."""
        self._log, self.feed, self.index, self.store = log, feed, index, store
        self.scope = feed.scope
        self._reading = asyncio.Lock()
        self._stale = True
        self._named = False
        self._reached = 0

    def hear(self, events: Sequence[Event]) -> bool:
        """Take note of new events; return whether any belongs in here."""
        if any(event.type == LogRestored.wire for event in events):
            self._stale, self._named = True, False
        mine = any(event.type in self.feed.types for event in events)
        self._stale = self._stale or mine
        return mine

    def stale(self) -> None:
        """Look at the log again before the next answer."""
        self._stale = True

    def collection(self, space: str) -> str:
        """Return the name of the collection that holds the vectors of a space."""
        return f"{self.scope}-{sha256(space)[:12]}"

    async def catch_up(self, on_progress: OnProgress | None = None) -> None:
        """Read what the log has and the index has not. Raises FactIndexError.

        What another caller is reading is waited for: it counts as read only once it is in.
        """
        if not self._stale and not self._reading.locked() and not await self._went_back():
            return
        async with self._reading:
            if not self._stale and await self._went_back():
                self._stale, self._named = True, False
            while self._stale:
                self._stale = False
                try:
                    await self._read_all(on_progress)
                except BaseException:
                    self._stale, self._named = True, False
                    raise

    async def check(self) -> None:
        """Raise FactIndexError where the index was made anew since it was brought up to date.

        Then what was found meanwhile may be less than there is.
        """
        if await self._went_back():
            raise FactIndexError(self.scope, "it is being made again from the log", "ask once more")

    async def _went_back(self) -> bool:
        return await self.index.position() < self._reached

    async def renew(self) -> None:
        """Throw a damaged index away. Raises FactIndexError."""
        await self.index.renew()
        self._stale, self._named = True, False

    async def _read_all(self, on_progress: OnProgress | None) -> None:
        if not self._named:
            self._named = True
            await self._fill_from_this_log()
        while True:
            after = self._reached = await self.index.position()
            events, upto, more = await self._next(after)
            if events:
                filled = await self._log.inflated(events)
                if not await self.index.apply(self.feed.changes(filled, upto), after):
                    continue  # another process was first, and may have seen less of the log
                self._reached = upto
                if on_progress is not None:
                    on_progress(upto, (await self._log.head())[0])
            if not more:
                return

    async def _fill_from_this_log(self) -> None:
        """Empty an index that was filled from a log which is lost: it may be ahead of this one."""
        went_back = EventQuery(type=LogRestored.wire)
        name = ""
        while found := await self._log.read(went_back, limit=READ):
            name, went_back = found[-1].hash, replace(went_back, after=found[-1].position)
        await self.index.fill_from(name)

    async def _next(self, after: int) -> tuple[list[Event], int, bool]:
        """Return the next events of all types in order, the position they reach, whether more.

        Only what was on the log before the first type is read counts: of what is appended between
        two reads the first would lack its part.
        """
        head, _ = await self._log.head()
        found: list[Event] = []
        reached: list[int] = []
        for kind in self.feed.types:
            batch = await self._log.read(EventQuery(type=kind, after=after), limit=READ)
            found += [event for event in batch if event.position <= head]
            if len(batch) == READ:
                reached.append(min(batch[-1].position, head))
        upto = min(reached) if reached else max((event.position for event in found), default=after)
        kept = sorted((e for e in found if e.position <= upto), key=lambda event: event.position)
        return kept, upto, bool(reached)

    async def confirmed(self, entries: Sequence[Entry]) -> dict[str, Entry]:
        """Return by id what the log says of these entries; what it knows nothing of is left out.

        An index finds and scores. What stands in a prompt, and whether it came from outside, is
        never taken from its file, which others may be able to write.
        """
        known: dict[str, Entry] = {}
        for start in range(0, len(entries), CONFIRMED):
            query = self.feed.origins(entries[start : start + CONFIRMED])
            if not query.streams and not query.places:
                continue
            events: list[Event] = []
            while batch := await self._log.read(query, limit=READ):
                events += batch
                if len(batch) < READ:
                    break
                query = replace(query, after=batch[-1].position)
            filled = await self._log.inflated(events)
            known.update((it.id, it) for it in self.feed.changes(filled, 0).put)
        return {it.id: replace(it, text=whole(it.text)) for it in known.values()}

    async def alike(self, text: str, about: str | None) -> tuple[list[Entry], list[Entry]]:
        """Return the entries that say the same as a text, and those about the same.

        While the index cannot be used they are looked for in all of the log.
        """
        try:
            await self.catch_up()
            same = await self.index.same_text(text)
            beside = await self.index.about(about) if about is not None else []
            await self.check()
        except FactIndexError as error:
            logger.warning("all that is known is read from the log: %s", error)
            every = await self._entries_of_log()
            wanted = same_words(text)
            return (
                [one for one in every if same_words(one.text) == wanted],
                [one for one in every if about is not None and one.about == about],
            )
        return [one.entry for one in same], [one.entry for one in beside]

    async def _entries_of_log(self) -> list[Entry]:
        events: list[Event] = []
        for kind in self.feed.types:
            events += await every_event(self._log, EventQuery(type=kind))
        events.sort(key=lambda event: event.position)
        return list(self.feed.changes(events, 0).put)

    async def embed(self, embedder: Embedder, on_progress: OnProgress | None = None) -> int:
        """Give every entry a vector; return how many got one. Raises EmbeddingError."""
        space, after, done = embedder.space, 0, 0
        extent = await self.index.extent(space)
        while found := await self.index.unembedded(space, EMBED, after):
            vectors = await embedder.documents([embedded_text(one.entry) for one in found])
            numbers = [one.number for one in found]
            await self.index.embed(space, list(zip(numbers, vectors, strict=True)))
            after, done = numbers[-1], done + len(found)
            if on_progress is not None:
                on_progress(min(extent.embedded + done, extent.entries), extent.entries)
        return done

    async def store_vectors(self, space: str, on_progress: OnProgress | None = None) -> int:
        """Hand the store what it lacks, and take away what is gone. Raises VectorStoreError."""
        if self.store is None:
            return 0
        name, done = self.collection(space), 0
        while gone := await self.index.gone(STORE):
            await self.store.remove(name, gone)
            await self.index.mark_stored((), gone)
        while found := await self.index.unstored(space, STORE):
            ids = [identity for _, identity, _ in found]
            await self.store.put(name, ids, [vector for _, _, vector in found])
            await self.index.mark_stored([number for number, _, _ in found])
            done += len(found)
            if on_progress is not None:
                extent = await self.index.extent(space)
                on_progress(extent.stored, extent.embedded)
        return done

    async def check_store(self, space: str) -> str | None:
        """Return how the store differs from the index in a sentence, None when it does not."""
        if self.store is None:
            return None
        extent = await self.index.extent(space)
        try:
            count = await self.store.count(self.collection(space))
        except VectorStoreError as error:
            return str(error)
        if count == extent.stored:
            return None
        return f"Chroma has {count:,} vectors of {self.scope}, the index counts {extent.stored:,}."

    async def mend_store(self, space: str) -> None:
        """Make the store anew from the index. Raises VectorStoreError."""
        if self.store is not None:
            await self.store.drop(self.collection(space))
            await self.index.restore()
            await self.store_vectors(space)

    async def rebuild(self, on_progress: OnProgress | None = None) -> None:
        """Make the index anew from the log; vectors of texts that are the same are kept."""
        async with self._reading:
            await self.index.clear()
            self._stale = True
        await self.catch_up(on_progress)


def embedded_text(entry: Entry) -> str:
    """Return the text whose vector an entry is found by: who said it is asked for otherwise."""
    return whole(entry.text)
