"""Vectors in Chroma: in this process, on a real server, and when the server goes away."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.chroma.store import ChromaStore
from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.knowledge import HashedWords, MemoryFactIndex
from core.domain.erasable import Erasable
from core.domain.errors import VectorStoreError
from core.domain.events import NewEvent
from core.domain.events.memory import FactLearned
from core.memory.index.feeds import FactFeed
from core.memory.index.indexer import Indexer
from core.projections import ALL as PROJECTIONS
from tests.contracts.vector_store import HERE, VectorStoreContract, vec
from tests.servers.chroma import ChromaServer

ROOT = Path(__file__).parents[3]
ALL = ("facts-0123456789ab", "talk-0123456789ab")


class TestEmbedded(VectorStoreContract):
    """In a folder, in this process."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[ChromaStore]:
        """Give an empty one."""
        made = ChromaStore.embedded(tmp_path / "chroma")
        yield made
        await made.close()


class TestServer(VectorStoreContract):
    """On a Chroma server."""

    @pytest.fixture
    async def store(self, chroma_server: ChromaServer) -> AsyncIterator[ChromaStore]:
        """Give an empty one."""
        made = ChromaStore.server(chroma_server.url)
        for name in ALL:
            await made.drop(name)
        yield made
        await made.close()


def test_importing_the_adapter_does_not_import_chroma() -> None:
    """The second that Chroma takes is spent at the first use, not at the start."""
    code = "import sys, adapters.chroma.store; sys.exit('chromadb' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


async def test_vectors_in_a_folder_last(tmp_path: Path) -> None:
    """What was put is there when the folder is opened again, for its owner only."""
    folder = tmp_path / "chroma"
    one = ChromaStore.embedded(folder)
    await one.put(HERE, ["a"], [vec(0)])
    await one.close()
    again = ChromaStore.embedded(folder)
    assert [found.id for found in await again.nearest(HERE, vec(0), 3)] == ["a"]
    await again.close()
    assert _mode(folder) & 0o077 == 0


def _mode(path: Path) -> int:
    return path.stat().st_mode


async def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """In one sentence that names it."""
    _write(tmp_path / "chroma", "a file in the way")
    store = ChromaStore.embedded(tmp_path / "chroma")
    with pytest.raises(VectorStoreError, match=r"^Chroma in .*chroma does not answer: .*\.$"):
        await store.count(HERE)
    await store.close()


def _write(path: Path, text: str) -> None:
    path.write_text(text)


async def test_a_server_that_goes_away_is_said(own_chroma_server: ChromaServer) -> None:
    """Every method raises one sentence; when the server is back it is used again."""
    store = ChromaStore.server(own_chroma_server.url)
    await store.put(HERE, ["a"], [vec(0)])
    own_chroma_server.stop()
    for use in (
        store.count(HERE),
        store.nearest(HERE, vec(0), 1),
        store.put(HERE, ["b"], [vec(1)]),
        store.remove(HERE, ["a"]),
        store.drop(HERE),
    ):
        with pytest.raises(VectorStoreError) as caught:
            await use
        said = str(caught.value)
        assert said.startswith(f"Chroma at 127.0.0.1:{own_chroma_server.port} does not answer: ")
        assert "\n" not in said
    own_chroma_server.start()
    assert [found.id for found in await store.nearest(HERE, vec(0), 3)] == ["a"]
    await store.close()


async def test_a_dropped_collection_is_made_again(chroma_server: ChromaServer) -> None:
    """Where another process dropped it, one use says so at most, and the next works."""
    one, two = ChromaStore.server(chroma_server.url), ChromaStore.server(chroma_server.url)
    await one.put(HERE, ["a"], [vec(0)])
    await two.drop(HERE)
    try:
        assert await one.nearest(HERE, vec(0), 1) == []
    except VectorStoreError:
        assert await one.nearest(HERE, vec(0), 1) == []
    await one.put(HERE, ["b"], [vec(1)])
    assert await two.count(HERE) == 1
    await one.close()
    await two.close()


async def test_chroma_gets_no_text(tmp_path: Path) -> None:
    """Of a fact its id and its vector are handed on; none of its words is in Chroma's files."""
    log = MemoryStore(PROJECTIONS, FakeClock(), SequentialIds())
    store = ChromaStore.embedded(tmp_path / "chroma")
    indexer = Indexer(log, FactFeed(), MemoryFactIndex(), store)
    learned = FactLearned(
        fact="F1",
        text=Erasable.of("Quixotic plans"),
        by="test",
        speaker="Zanzibar",
        about=Erasable.of(["Xanthippe", "plan"]),
    )
    await log.append([NewEvent(stream="fact:F1", payload=learned)])
    await indexer.catch_up()
    await indexer.embed(HashedWords())
    assert await indexer.store_vectors(HashedWords.space) == 1
    name = indexer.collection(HashedWords.space)
    assert [one.id for one in await store.nearest(name, await HashedWords().query("x"), 3)] == [
        "F1"
    ]
    await store.close()
    kept = _bytes(tmp_path / "chroma").lower()
    assert b"f1" in kept
    assert [word for word in (b"quixotic", b"zanzibar", b"xanthippe") if word in kept] == []


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("connected", [True, False])
async def test_a_server_that_hangs_is_not_waited_for(
    own_chroma_server: ChromaServer, monkeypatch: pytest.MonkeyPatch, *, connected: bool
) -> None:
    """One that takes connections and says nothing counts as away, connected to before or not."""
    monkeypatch.setattr("adapters.chroma.store.ANSWER_S", 0.5)
    monkeypatch.setattr("adapters.chroma.store.GREET_S", 0.5)
    store = ChromaStore.server(own_chroma_server.url)
    if connected:
        await store.put(HERE, ["a"], [vec(0)])
    os.kill(own_chroma_server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(VectorStoreError):
            await store.nearest(HERE, vec(0), 1)
    finally:
        os.kill(own_chroma_server.pid, signal.SIGCONT)
    await store.close()
