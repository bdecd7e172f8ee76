"""The index is filled from the log, given vectors, and kept whole whatever fails."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from adapters.inmemory.knowledge import MemoryFactIndex
from core.domain.erasable import Erasable
from core.domain.errors import EmbeddingError, StorageError, VectorStoreError
from core.domain.events import Event, NewEvent
from core.domain.events.memory import FactForgotten, FactLearned, FactSuperseded
from core.memory.index import indexer as indexer_module
from core.memory.index.feeds import FactFeed
from core.memory.index.indexer import Indexer
from core.memory.knowledge import Knowledge
from core.ports.event_log import EventQuery
from core.ports.fact_index import Changes
from tests.core.memory.index.parts import Failing, Parts


@pytest.fixture
def parts() -> Parts:
    """Give empty parts."""
    return Parts()


async def ids(indexer: Indexer) -> set[str]:
    """Return what is in an index."""
    return {one.entry.id for one in await indexer.index.unembedded("no space", 10_000)}


@pytest.mark.parametrize("read", [1, 2, 3, 500])
async def test_the_log_is_read_in_order(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    """In batches of any size over several types, what was removed later is not there."""
    monkeypatch.setattr(indexer_module, "READ", read)
    for number in range(7):
        await parts.learn(f"F{number}", f"zebra {number}")
        if number % 3 == 1:
            gone = FactSuperseded(fact=f"F{number - 1}", by_fact=f"F{number}")
            await parts.log.append([NewEvent(stream=f"fact:F{number - 1}", payload=gone)])
    await parts.log.append([NewEvent(stream="fact:F6", payload=FactForgotten(fact="F6"))])
    progress: list[tuple[int, int]] = []
    await parts.facts.catch_up(lambda done, of: progress.append((done, of)))
    assert await ids(parts.facts) == {"F1", "F2", "F4", "F5"}
    head = (await parts.log.head())[0]
    assert progress[-1] == (head, head)
    assert [done for done, _ in progress] == sorted(done for done, _ in progress)
    before = await parts.facts.index.unembedded("no space", 99)
    parts.facts.stale()
    await parts.facts.catch_up()
    assert await parts.facts.index.unembedded("no space", 99) == before


async def test_what_another_process_has_not_read_is_read(parts: Parts) -> None:
    """Losing to one that saw less of the log, the rest is read all the same."""
    index = MemoryFactIndex()
    await parts.learn("F1", "a zebra")
    first = (await parts.log.head())[0]
    await parts.learn("F2", "an otter")
    real = index.apply

    async def beaten(changes: Changes, after: int) -> bool:
        index.apply = real  # type: ignore[method-assign]
        await real(Changes(first, changes.put[:1]), after)
        return await real(changes, after)

    index.apply = beaten  # type: ignore[method-assign]
    indexer = Indexer(parts.log, FactFeed(), index)
    await indexer.catch_up()
    assert await ids(indexer) == {"F1", "F2"}


async def test_a_rebuild_makes_the_same(parts: Parts) -> None:
    """From the log alone, and no text is embedded twice."""
    for number in range(5):
        await parts.learn(f"F{number}", f"zebra {number}")
    await parts.keeper.keep()
    calls = len(parts.embedder.asked)
    before = await parts.found("zebra 3")
    await parts.facts.rebuild()
    await parts.keeper.keep()
    assert await parts.found("zebra 3") == before
    assert len(parts.embedder.asked) == calls
    assert await parts.facts.check_store(parts.embedder.space) is None


async def test_forgotten_facts_leave_the_store(parts: Parts) -> None:
    """After the next keeping the store has as many vectors as the index has entries."""
    for number in range(3):
        await parts.learn(f"F{number}", f"zebra {number}")
    await parts.keeper.keep()
    gone = FactForgotten(fact="F1", erased=True)
    await parts.log.append([NewEvent(stream="fact:F1", payload=gone)])
    assert set(await parts.found("zebra")) == {"F0", "F2"}
    await parts.keeper.keep()
    name = parts.facts.collection(parts.embedder.space)
    assert await parts.store.count(name) == 2
    vector = await parts.embedder.query("zebra 1")
    assert {near.id for near in await parts.store.nearest(name, vector, 9)} == {"F0", "F2"}


async def test_a_store_that_lost_its_vectors_is_mended(parts: Parts) -> None:
    """At the next start the keeper notices and fills it, without embedding anything again."""
    await parts.learn("F1", "a zebra")
    await parts.keeper.keep()
    name = parts.facts.collection(parts.embedder.space)
    await parts.store.drop(name)
    told = await parts.facts.check_store(parts.embedder.space)
    assert told == "Chroma has 0 vectors of facts, the index counts 1."
    parts.knowledge.in_store.clear()
    calls = len(parts.embedder.asked)
    await parts.keeper.keep()
    assert await parts.store.count(name) == 1
    assert len(parts.embedder.asked) == calls
    assert await parts.facts.check_store(parts.embedder.space) is None


async def test_without_the_store_the_answers_are_the_same(parts: Parts) -> None:
    """Every vector is compared instead, trouble is told, and the store is used again later."""
    for number, word in enumerate(("zebra", "otter", "beaver")):
        await parts.learn(f"F{number}", f"a {word}")
    await parts.keeper.keep()
    before = await parts.found("the otter")
    assert parts.store.searched == 1
    parts.store.down = True
    assert await parts.found("the otter") == before
    assert parts.knowledge.trouble.store == "Chroma is away."
    await parts.learn("F9", "another otter")
    with pytest.raises(VectorStoreError):
        await parts.keeper.keep()
    assert set((await parts.found("the otter"))[:2]) == {"F1", "F9"}
    parts.store.down = False
    await parts.keeper.keep()
    assert parts.knowledge.trouble.store == ""
    await parts.found("the otter")
    assert parts.store.searched == 2


async def test_without_the_embedder_words_find(parts: Parts) -> None:
    """Trouble is told, talk is read all the same, and vectors are made when it is back."""
    parts.embedder.down = True
    await parts.learn("F1", "a zebra")
    await parts.learn("F2", "an otter")
    with pytest.raises(EmbeddingError):
        await parts.keeper.keep()
    assert not parts.knowledge.talk._stale
    assert await parts.found("zebra") == ["F1"]
    assert parts.knowledge.trouble.embedding == "The model is away."
    parts.embedder.down = False
    await parts.keeper.keep()
    assert (await parts.facts.index.extent(parts.embedder.space)).embedded == 2
    assert parts.knowledge.trouble.embedding == ""


async def test_a_new_model_is_moved_to_while_the_old_answers(parts: Parts) -> None:
    """Until the last vector is there the older one is asked; then its vectors are gone."""
    for number in range(3):
        await parts.learn(f"F{number}", f"zebra {number}")
    await parts.keeper.keep()
    old, new = parts.embedder, Failing("new-space")
    parts.older = old
    parts.knowledge.embedder = new
    new.down = True
    with pytest.raises(EmbeddingError):
        await parts.keeper.keep()
    assert (await parts.found("zebra 1"))[0] == "F1"
    assert parts.knowledge.asking.answers("facts") is old
    new.down = False
    progress: list[tuple[int, int]] = []
    await parts.keeper.keep_one(parts.facts, lambda done, of: progress.append((done, of)))
    assert (3, 3) in progress
    assert parts.knowledge.asking.answers("facts") is None
    assert await parts.facts.index.spaces() == {"new-space": 3}
    assert await parts.store.count(parts.facts.collection(old.space)) == 0
    assert await parts.store.count(parts.facts.collection("new-space")) == 3
    old.down = True
    assert (await parts.found("zebra 1"))[0] == "F1"


async def test_the_old_model_answers_in_a_process_that_keeps_nothing(parts: Parts) -> None:
    """From its first question on, until the process that keeps the index has moved."""
    for number in range(3):
        await parts.learn(f"F{number}", f"zebra {number}")
    await parts.keeper.keep()
    old, new = parts.embedder, Failing("new-space")
    scopes = [Indexer(parts.log, FactFeed(), parts.facts.index)]
    beside = Knowledge(scopes, new, lambda space: old if space == old.space else None)
    new.down = True
    assert (await beside.search("zebra 1", 1))[0].entry.id == "F1"
    assert beside.asking.answers("facts") is old
    assert beside.trouble.embedding == ""
    new.down = False
    parts.knowledge.embedder = new
    await parts.keeper.keep()
    old.down = True
    assert (await beside.search("zebra 2", 1))[0].entry.id == "F2"
    assert beside.asking.answers("facts") is None


async def test_half_a_character_stops_nothing(parts: Parts) -> None:
    """Such a text is embedded without it, and a question with one is answered."""
    await parts.learn("F1", "a zebra \ud800")
    await parts.keeper.keep()
    assert parts.embedder.asked == [["a zebra \ufffd"]]
    assert await parts.found("zebra \ud800") == ["F1"]


async def test_a_fact_is_dated_by_when_it_was_said(parts: Parts) -> None:
    """Said at, else valid from, else learned at."""
    said, since = datetime(2020, 5, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)
    await parts.learn("F1", "a zebra", said)
    valid = FactLearned(fact="F2", text=Erasable.of("an otter"), by="test", valid_from=since)
    await parts.log.append([NewEvent(stream="fact:F2", payload=valid)])
    await parts.learn("F3", "a beaver")
    await parts.facts.catch_up()
    index = parts.facts.index
    placed = await index.entries(list((await index.numbers(["F1", "F2", "F3"])).values()))
    assert [one.entry.at for one in placed] == [said, since, parts.clock.now()]


async def test_what_is_appended_while_types_are_read_is_not_left_out(parts: Parts) -> None:
    """A fact that is forgotten and one that is learned between two reads of a round both count."""
    await parts.learn("F1", "a zebra")
    await parts.facts.catch_up()
    await parts.learn("F2", "an otter")
    read, meanwhile = parts.log.read, [True]

    async def interrupted(query: EventQuery, limit: int = 1000) -> Sequence[Event]:
        found = await read(query, limit=limit)
        if meanwhile:
            meanwhile.clear()
            for name, payload in (
                ("F1", FactForgotten(fact="F1")),
                ("F3", FactLearned(fact="F3", text=Erasable.of("a beaver"), by="test")),
                ("F2", FactForgotten(fact="F2")),
            ):
                await parts.log.append([NewEvent(stream=f"fact:{name}", payload=payload)])
        return found

    parts.log.read = interrupted  # type: ignore[method-assign]
    await parts.facts.catch_up()
    parts.facts.stale()
    await parts.facts.catch_up()
    assert list(await parts.facts.index.numbers(["F1", "F2", "F3"])) == ["F3"]


async def test_an_index_that_cannot_be_written_is_said(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, say: it is in the status until the index is up to date again."""

    async def full(_changes: Changes, _after: int) -> bool:
        raise StorageError("The index is on a full disk.")

    await parts.learn("F1", "a zebra")
    with monkeypatch.context() as broken:
        broken.setattr(parts.facts.index, "apply", full)
        with pytest.raises(StorageError):
            await parts.keeper.keep()
        assert parts.knowledge.trouble.index == "The index is on a full disk."
    await parts.keeper.keep()
    assert parts.knowledge.trouble.index == ""
