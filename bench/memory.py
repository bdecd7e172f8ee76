"""Recall among many facts: how fast, how much memory, and how long filling and rebuilding take.

Up to 10,000 facts are appended to the log and indexed from there, those beyond are put into the
index directly. As many as wanted are embedded; the others get vectors made of real ones by adding
noise, for embedding them takes minutes.
"""

import asyncio
import multiprocessing
import time
from array import array
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapters.chroma.store import ChromaStore
from adapters.embedding.onnx import OnnxEmbedder, built_in
from adapters.fts.index import FtsIndex
from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from bench.figures import Figure, spread
from bench.made_facts import made_facts, questions
from bench.piped import resident_mb
from core.domain.redaction import Redactor
from core.memory.index.feeds import FactFeed
from core.memory.index.indexer import Indexer, embedded_text
from core.memory.ingest import Ingest, Ingested
from core.memory.knowledge import Knowledge
from core.ports.fact_index import Changes, Entry
from core.projections import ALL

APPENDED = 10_000
"""Facts that go through the log; the rest is put into the index directly."""
BATCH = 64
ASKED, WARM_UP = 200, 20
MOST = 25
NOISE = 0.03
"""Deviation added to each of 384 numbers: the cosine to the vector it is made of is about 0.86."""
TARGETS = {1_000: 30.0, 10_000: 30.0, 100_000: 60.0}
SOME = 2_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts of a round are, how many, and how many of them are embedded."""

    folder: Path
    count: int
    embedded: int

    def knowledge(self, log: SqlStore, *, leads: bool) -> Knowledge:
        """Return the parts as the program has them; only who leads has Chroma in a folder."""
        store = ChromaStore.embedded(self.folder / "chroma") if leads else None
        index = FtsIndex(self.folder / "memory" / "facts.db")
        knowledge = Knowledge([Indexer(log, FactFeed(), index, store)], OnnxEmbedder(built_in()))
        if leads:
            knowledge.in_store.add(FactFeed.scope)
        return knowledge

    async def log(self) -> SqlStore:
        """Return the log of the round."""
        url = f"sqlite:///{self.folder / 'log.sqlite'}"
        return await SqlStore.open(url, ALL, SystemClock(), SystemIds())


async def memory(folder: Path, sizes: Iterable[int], embedded: int) -> list[Figure]:
    """Measure each size in a folder of its own."""
    figures: list[Figure] = []
    for count in sizes:
        place = Place(folder / str(count), count, min(count, embedded))
        place.folder.mkdir()
        facts = made_facts(count)
        log = await place.log()
        try:
            knowledge = place.knowledge(log, leads=True)
            figures += await _filled(place, log, knowledge.facts, facts)
            if count <= APPENDED:
                figures += await _rebuilt(place, knowledge.facts, knowledge.embedder.space)
            await knowledge.close()
        finally:
            await log.close()
        for leads in (False, True):
            figures += _asked_apart(place, questions(facts, ASKED + WARM_UP), leads=leads)
    return figures


async def _filled(
    place: Place, log: SqlStore, indexer: Indexer, facts: Sequence[Ingested]
) -> list[Figure]:
    """Take the facts in, and tell how long each step took."""
    whole = facts[:APPENDED]
    embedder = OnnxEmbedder(built_in())
    await embedder.query("warm")
    figures = [
        await _timed(place, "append", lambda: _append(log, whole)),
        await _timed(place, "index", indexer.catch_up),
        await _timed(
            place, f"embed {place.embedded:,}", lambda: _embed(indexer, embedder, place.embedded)
        ),
    ]
    await _put_directly(indexer, embedder.space, facts[APPENDED:])
    stored = await _timed(place, "into Chroma", lambda: indexer.store_vectors(embedder.space))
    await embedder.close()
    return [*figures, stored]


async def _rebuilt(place: Place, indexer: Indexer, space: str) -> list[Figure]:
    return [
        await _timed(place, "rebuild the index, vectors kept", indexer.rebuild),
        await _timed(place, "make Chroma anew", lambda: indexer.mend_store(space)),
    ]


async def _append(log: SqlStore, facts: Sequence[Ingested]) -> None:
    async for _ in Ingest(log, Redactor(), "made").run(facts):
        pass


async def _embed(indexer: Indexer, embedder: OnnxEmbedder, count: int) -> None:
    """Embed the first facts as the program does."""
    index, space = indexer.index, embedder.space
    for done in range(0, count, BATCH):
        found = await index.unembedded(space, min(BATCH, count - done))
        vectors = await embedder.documents([embedded_text(one.entry) for one in found])
        numbers = [one.number for one in found]
        await index.embed(space, list(zip(numbers, vectors, strict=True)))


async def _put_directly(indexer: Indexer, space: str, facts: Sequence[Ingested]) -> None:
    """Put facts into the index as if the log had them, and give all vectors near to real ones."""
    index = indexer.index
    at = await index.position()
    for start in range(0, len(facts), SOME):
        entries = [_entry(one) for one in facts[start : start + SOME]]
        await index.apply(Changes(at, entries), at)
    real = [vector for _, _, vector in await index.unstored(space, SOME)]
    while found := await index.unembedded(space, SOME):
        vectors = _noisy(real, len(found), found[0].number)
        numbers = [one.number for one in found]
        await index.embed(space, list(zip(numbers, vectors, strict=True)))


def _entry(one: Ingested) -> Entry:
    part = int(one.id.partition(":")[2]) + 1
    return Entry(one.id, one.text, one.kind, one.speaker, one.at, one.source, part, outside=True)


def _noisy(real: Sequence["array[float]"], count: int, seed: int) -> list["array[float]"]:
    chance = np.random.default_rng(seed)
    picked = chance.integers(len(real), size=count)
    known = np.stack([np.frombuffer(real[at], dtype=np.float32) for at in picked])
    rows = known + chance.normal(0, NOISE, known.shape)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [array("f", row.astype(np.float32).tobytes()) for row in rows]


async def _timed(place: Place, what: str, work: Callable[[], Awaitable[object]]) -> Figure:
    start = time.perf_counter()
    await work()
    return Figure(f"{place.count:,} facts: {what}", time.perf_counter() - start, "s")


def _asked_apart(place: Place, asked: list[str], *, leads: bool) -> list[Figure]:
    """Ask in a process of its own, so that its memory is that of asking."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as apart:
        took, megabytes = apart.submit(_ask, place, asked, leads=leads).result()
    name = f"{place.count:,} facts, {'Chroma' if leads else 'every vector compared'}"
    target = next((goal for size, goal in TARGETS.items() if place.count <= size), None)
    figures = spread(f"{name}: recall", took)
    p95 = figures[1]
    return [
        figures[0],
        Figure(p95.name, p95.value, p95.unit, target=target),
        Figure(f"{name}: resident memory", megabytes, "MB"),
    ]


def _ask(place: Place, asked: list[str], *, leads: bool) -> tuple[list[float], float]:
    return asyncio.run(_all_asked(place, asked, leads=leads))


async def _all_asked(place: Place, asked: list[str], *, leads: bool) -> tuple[list[float], float]:
    """Return the milliseconds of each question, and the resident megabytes after them."""
    log = await place.log()
    knowledge = place.knowledge(log, leads=leads)
    took = []
    for text in asked:
        start = time.perf_counter()
        await knowledge.search(text, MOST)
        took.append((time.perf_counter() - start) * 1000)
    megabytes = resident_mb()
    await knowledge.close()
    await log.close()
    if knowledge.trouble.store or knowledge.trouble.embedding:
        raise RuntimeError(knowledge.trouble.store or knowledge.trouble.embedding)
    return took[WARM_UP:], megabytes
