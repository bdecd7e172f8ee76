"""Indexes, vectors and an embedding in memory, for tests and small uses."""

from array import array
from collections.abc import Sequence
from hashlib import sha256
from math import sqrt

from core.memory.index.feeds import FactFeed, TalkFeed
from core.memory.index.indexer import Indexer
from core.memory.knowledge import Knowledge
from core.memory.search.words import stems
from core.ports.event_log import EventLog
from core.ports.fact_index import Changes, Entry, Extent, Match, Placed, Statistics
from core.ports.vector_store import Near

SIZE = 64


def memory_knowledge(log: EventLog) -> Knowledge:
    """Return a Knowledge over `log` that is all in memory, and hears what is appended."""
    scopes = [Indexer(log, feed, MemoryFactIndex()) for feed in (FactFeed(), TalkFeed())]
    knowledge = Knowledge(scopes, HashedWords())
    log.listen(knowledge.hear)
    return knowledge


class HashedWords:
    """An Embedder that knows words only: each stem is a direction of its own, nearly."""

    space = "hashed-words"

    async def documents(self, texts: Sequence[str]) -> list["array[float]"]:
        """Return a vector for each text."""
        return [_hashed(text) for text in texts]

    async def query(self, text: str) -> "array[float]":
        """Return the vector of a question."""
        return _hashed(text)


def _hashed(text: str) -> "array[float]":
    vector = array("f", [0.0] * SIZE)
    for stem in stems(text) or [text]:
        digest = sha256(stem.encode("utf-8", "surrogatepass")).digest()
        for place in range(4):
            vector[digest[place] % SIZE] += 1.0 if digest[place + 4] % 2 else -1.0
    length = sqrt(sum(value * value for value in vector)) or 1.0
    return array("f", [value / length for value in vector])


class MemoryVectorStore:
    """A VectorStore in a dictionary."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, array[float]]] = {}

    async def put(
        self, collection: str, ids: Sequence[str], vectors: Sequence["array[float]"]
    ) -> None:
        """Store vectors under their ids."""
        self._collections.setdefault(collection, {}).update(zip(ids, vectors, strict=True))

    async def nearest(self, collection: str, vector: "array[float]", most: int) -> list[Near]:
        """Return the nearest vectors, nearest first."""
        found = self._collections.get(collection, {})
        near = [Near(identity, _cosine(vector, other)) for identity, other in found.items()]
        return sorted(near, key=lambda one: (-one.cosine, one.id))[:most]

    async def remove(self, collection: str, ids: Sequence[str]) -> None:
        """Take vectors away."""
        for identity in ids:
            self._collections.get(collection, {}).pop(identity, None)

    async def count(self, collection: str) -> int:
        """Return how many vectors there are."""
        return len(self._collections.get(collection, {}))

    async def drop(self, collection: str) -> None:
        """Take a collection away."""
        self._collections.pop(collection, None)

    async def close(self) -> None:
        """Hold on to nothing."""


class MemoryFactIndex:
    """A FactIndex in dictionaries."""

    def __init__(self) -> None:
        self._placed: dict[int, Placed] = {}
        self._vectors: dict[str, dict[int, array[float]]] = {}
        self._stored: set[tuple[str, int]] = set()
        self._gone: dict[str, None] = {}
        self._kept: dict[str, dict[tuple[str, str | None, str], array[float]]] = {}
        self._position = self._last = 0
        self._log = ""

    async def position(self) -> int:
        """Return the position of the last event that is in it."""
        return self._position

    async def apply(self, changes: Changes, after: int) -> bool:
        """Apply changes at the position they follow."""
        if after != self._position:
            return False
        removed = {*changes.removed, *(entry.id for entry in changes.put)}
        for number in [n for n, one in self._placed.items() if one.entry.id in removed]:
            self._gone[self._placed.pop(number).entry.id] = None
            for space, vectors in self._vectors.items():
                vectors.pop(number, None)
                self._stored.discard((space, number))
        for entry in changes.put:
            self._last += 1
            self._placed[self._last] = Placed(self._last, entry, stems(entry.text))
            self._gone.pop(entry.id, None)
            for space, kept in self._kept.items():
                if (vector := kept.pop(_print(entry), None)) is not None:
                    self._vectors.setdefault(space, {})[self._last] = vector
        self._position = changes.position
        return True

    async def fill_from(self, log: str) -> None:
        """Note which log it is filled from; one that was filled from another is emptied."""
        if log != self._log:
            await self.clear()
            self._log = log

    async def clear(self) -> None:
        """Empty it; vectors of entries that return as they were are kept."""
        for space, known in self._vectors.items():
            kept = self._kept.setdefault(space, {})
            kept.update((_print(self._placed[n].entry), vector) for n, vector in known.items())
        self._gone.update((one.entry.id, None) for one in self._placed.values())
        self._placed.clear()
        self._vectors.clear()
        self._stored.clear()
        self._position = 0

    async def renew(self) -> None:
        """Empty it, vectors too."""
        await self.clear()
        self._kept.clear()
        self._gone.clear()

    async def statistics(self, words: Sequence[str]) -> Statistics:
        """Return how rare the stems are, and who speaks."""
        every = list(self._placed.values())
        holding = {word: sum(word in one.stems for one in every) for word in words}
        length = sum(len(one.stems) for one in every)
        speakers = frozenset(one.entry.speaker for one in every if one.entry.speaker)
        return Statistics(len(every), holding, length / len(every) if every else 0.0, speakers)

    async def match(self, words: Sequence[str], most: int) -> list[Match]:
        """Return the entries that hold any of the stems, best first."""
        wanted = set(words)
        found = [Match(n, float(len(wanted & set(one.stems)))) for n, one in self._placed.items()]
        held = [match for match in found if match.score]
        return sorted(held, key=lambda match: (-match.score, match.number))[:most]

    async def entries(
        self, numbers: Sequence[int], beside: Sequence[int] = (), reach: int = 0
    ) -> list[Placed]:
        """Return entries by number, with the neighbours of some."""
        wanted = set(numbers)
        for entry in (self._placed[number].entry for number in beside if number in self._placed):
            wanted |= {n for n, one in self._placed.items() if _near(entry, one.entry, reach)}
        return [one for number, one in self._placed.items() if number in wanted]

    async def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of entries by id."""
        return {
            one.entry.id: one.number for one in self._placed.values() if one.entry.id in set(ids)
        }

    async def about(self, about: str) -> list[Placed]:
        """Return the entries with this subject and relation."""
        return [one for one in self._placed.values() if one.entry.about == about]

    async def same_text(self, text: str) -> list[Placed]:
        """Return the entries that say the same word for word."""
        return [one for one in self._placed.values() if _same(one.entry.text) == _same(text)]

    async def unembedded(self, space: str, most: int, after: int = 0) -> list[Placed]:
        """Return entries behind a number that have no vector of the space."""
        known = self._vectors.get(space, {})
        missing = (one for n, one in self._placed.items() if n > after and n not in known)
        return list(missing)[:most]

    async def embed(self, space: str, vectors: Sequence[tuple[int, "array[float]"]]) -> None:
        """Keep vectors of entries by number."""
        known = {number: vector for number, vector in vectors if number in self._placed}
        self._vectors.setdefault(space, {}).update(known)
        self._stored -= {(space, number) for number in known}

    async def nearest(self, space: str, vector: "array[float]", most: int) -> list[Match]:
        """Return the entries nearest to a vector."""
        known = self._vectors.get(space, {})
        found = [Match(number, _cosine(vector, other)) for number, other in known.items()]
        return sorted(found, key=lambda match: (-match.score, match.number))[:most]

    async def cosines(
        self, space: str, numbers: Sequence[int], vectors: Sequence["array[float]"]
    ) -> list[list[float]]:
        """Return for each vector its cosine with each entry."""
        known = self._vectors.get(space, {})
        return [
            [_cosine(vector, known[number]) if number in known else 0.0 for number in numbers]
            for vector in vectors
        ]

    async def unstored(self, space: str, most: int) -> list[tuple[int, str, "array[float]"]]:
        """Return entries whose vector the vector store does not have yet."""
        known = self._vectors.get(space, {})
        return [
            (number, self._placed[number].entry.id, vector)
            for number, vector in known.items()
            if (space, number) not in self._stored
        ][:most]

    async def gone(self, most: int) -> list[str]:
        """Return ids that the vector store may still have and must not."""
        return list(self._gone)[:most]

    async def mark_stored(self, numbers: Sequence[int], gone: Sequence[str] = ()) -> None:
        """Note what the vector store has by now, and what it has no more."""
        self._stored |= {
            (space, number)
            for space, known in self._vectors.items()
            for number in known.keys() & set(numbers)
        }
        for identity in gone:
            self._gone.pop(identity, None)

    async def restore(self) -> None:
        """Note that the vector store has nothing."""
        self._stored.clear()
        self._gone.clear()

    async def extent(self, space: str) -> Extent:
        """Return how much there is."""
        embedded = len(self._vectors.get(space, {}))
        stored = sum(name == space for name, _ in self._stored)
        return Extent(len(self._placed), embedded, stored, self._position)

    async def spaces(self) -> dict[str, int]:
        """Return the spaces there are vectors of, with how many."""
        return {space: len(known) for space, known in self._vectors.items() if known}

    async def leave(self, space: str) -> None:
        """Take away the vectors of a space."""
        self._vectors.pop(space, None)
        self._kept.pop(space, None)
        self._stored = {(name, number) for name, number in self._stored if name != space}

    async def close(self) -> None:
        """Hold on to nothing."""


def _near(entry: Entry, other: Entry, reach: int) -> bool:
    if entry.source is None or entry.source != other.source:
        return False
    return (
        entry.part is not None and other.part is not None and abs(entry.part - other.part) <= reach
    )


def _print(entry: Entry) -> tuple[str, str | None, str]:
    return entry.id, entry.speaker, entry.text


def _same(text: str) -> str:
    return " ".join(text.split()).strip(" .!;,\"'").casefold()


def _cosine(one: "array[float]", other: "array[float]") -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
