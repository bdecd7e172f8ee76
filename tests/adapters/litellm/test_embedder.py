"""Embedding over real HTTP against the scripted OpenAI-compatible server, and what it costs."""

from collections.abc import AsyncIterator
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.knowledge import MemoryFactIndex
from adapters.litellm.embedder import BATCH, LiteLlmEmbedder
from core.domain.erasable import Erasable
from core.domain.errors import EmbeddingError
from core.domain.events import NewEvent, decode
from core.domain.events.memory import FactLearned
from core.domain.events.models import BudgetExceeded, ModelCalled
from core.gates.budget import Caps, Ledger
from core.memory.index.counted import ACCOUNT, AGAIN, TIER, CountedEmbedder
from core.memory.index.feeds import FactFeed
from core.memory.index.indexer import Indexer
from core.memory.knowledge import Knowledge
from core.projections import ALL
from tests.adapters.litellm.conftest import KEY
from tests.servers.http import HttpServer, json_reply
from tests.servers.openai import OpenAiServer, embeddings, failure

MODEL = "openai/embed-x"


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    """Close the connections after each test; nothing is left to a later one."""
    yield
    await LiteLlmEmbedder(MODEL).close()


def embedder(server: OpenAiServer, price: Decimal | None = Decimal(10)) -> LiteLlmEmbedder:
    """Return an embedder of the scripted server."""
    return LiteLlmEmbedder(MODEL, server.api_base, KEY, price)


def ledger(day: str = "5") -> Ledger:
    """Return a ledger over an empty log."""
    clock, ids = FakeClock(), SequentialIds()
    log = MemoryStore(ALL, clock, ids)
    return Ledger(log, log, clock, ids, caps=Caps(day=Decimal(day)), zone=ZoneInfo("UTC"))


async def calls(money: Ledger) -> list[ModelCalled]:
    """Return the calls that were counted."""
    assert isinstance(money.log, MemoryStore)
    found = [decode(event) for event in money.log.stored]
    return [payload for payload in found if isinstance(payload, ModelCalled)]


async def test_vectors_come_in_the_order_of_the_texts(server: OpenAiServer) -> None:
    """With length 1, whatever order the server answers in; model, key and texts reach it."""
    server.script(embeddings([3.0, 4.0], [0.0, 2.0]))
    first, second = await embedder(server).documents(["tea", ""])
    assert list(first) == pytest.approx([0.6, 0.8])
    assert list(second) == [0, 1]
    assert server.embedded[0]["model"] == "embed-x"
    assert server.embedded[0]["input"] == ["tea", " "]
    assert server.keys == [f"Bearer {KEY}"]
    assert embedder(server).space == f"litellm:{MODEL}"


async def test_many_texts_are_several_requests(server: OpenAiServer) -> None:
    """No request holds more than a batch; none is made for no texts."""
    server.script(embeddings(*[[1.0, 0.0]] * BATCH), embeddings([0.0, 1.0]))
    vectors = await embedder(server).documents(["tea"] * (BATCH + 1))
    assert [len(body["input"]) for body in server.embedded] == [BATCH, 1]
    assert list(vectors[-1]) == [0, 1]
    assert await embedder(server).documents([]) == []


async def test_a_server_that_fails_is_one_sentence(server: OpenAiServer) -> None:
    """Errors, too few vectors and answers that are none raise; no key is shown."""
    short = embeddings([1.0, 0.0])
    for reply in (failure(400, f"bad {KEY}"), short):
        server.script(reply)
        with pytest.raises(EmbeddingError, match=r"^The embedding model .*\.$") as caught:
            await embedder(server).documents(["tea", "coal"])
        assert KEY not in str(caught.value)


async def test_a_price_must_be_known(server: OpenAiServer) -> None:
    """Litellm's list or the setting tells it; without either nothing is sent."""
    assert await embedder(server).ceiling(["tea " * 100]) == Decimal("0.00241")
    assert await embedder(server, Decimal(0)).ceiling(["tea"]) == 0
    elsewhere = LiteLlmEmbedder(MODEL, "https://models.example.com/v1", KEY)
    with pytest.raises(EmbeddingError, match=r"memory\.embedding\.input_per_million"):
        await elsewhere.ceiling(["tea"])
    with pytest.raises(EmbeddingError, match="did you mean 'openai/text-embedding-3-small'"):
        await LiteLlmEmbedder("openai/text-embeding-3-small").ceiling(["tea"])
    assert await embedder(server, None).ceiling(["tea"]) == 0
    assert await LiteLlmEmbedder("ollama/nomic-embed-text").ceiling(["tea"]) == 0
    known = LiteLlmEmbedder("openai/text-embedding-3-small")
    assert 0 < await known.ceiling(["tea " * 100]) < Decimal("0.001")
    assert server.embedded == []


async def test_a_call_is_reserved_and_counted(server: OpenAiServer) -> None:
    """What was reserved is settled with the call, at its highest cost, failed calls too."""
    money = ledger()
    counted = CountedEmbedder(embedder(server), money)
    server.script(embeddings([1.0, 0.0]), failure(400))
    await counted.query("tea")
    price = await embedder(server).ceiling(["tea"])
    assert await money.used(f"day:{money.today()}") == price
    with pytest.raises(EmbeddingError):
        await counted.query("tea")
    assert await money.used(f"day:{money.today()}") == 2 * price
    assert await money.used(f"goal:{ACCOUNT}") == 2 * price
    told = [(call.outcome, call.tier, call.model, call.usd) for call in await calls(money)]
    assert told == [("ok", TIER, MODEL, price), ("unreachable", TIER, MODEL, price)]
    assert await money.settle_orphans() == 0


async def test_at_a_cap_search_goes_on_by_words(server: OpenAiServer) -> None:
    """Nothing is sent, the sentence names the cap, and the fact is found by its words."""
    money = ledger(day="0.000001")
    counted = CountedEmbedder(embedder(server), money)
    with pytest.raises(EmbeddingError, match="budget of this day"):
        await counted.documents(["tea"])
    learned = FactLearned(fact="F1", text=Erasable.of("Bob likes tea"), by="test")
    await money.log.append([NewEvent(stream="fact:F1", payload=learned)])
    knowledge = Knowledge([Indexer(money.log, FactFeed(), MemoryFactIndex())], counted)
    found = await knowledge.search("Who likes tea?", 5)
    assert [one.entry.id for one in found] == ["F1"]
    assert "budget of this day" in knowledge.trouble.embedding
    assert server.embedded == []
    assert isinstance(money.log, MemoryStore)
    refused = [event for event in money.log.stored if event.type == BudgetExceeded.wire]
    assert len(refused) == 1


async def test_a_cap_is_asked_again_later(server: OpenAiServer) -> None:
    """Some minutes after a refusal, so that a raised cap is noticed without an event a search."""
    money = ledger(day="0.000001")
    counted = CountedEmbedder(embedder(server), money)
    with pytest.raises(EmbeddingError):
        await counted.query("tea")
    money.caps = Caps()
    with pytest.raises(EmbeddingError):
        await counted.query("tea")
    assert isinstance(money._clock, FakeClock)
    money._clock.advance(AGAIN.total_seconds())
    server.script(embeddings([1.0, 0.0]))
    assert list(await counted.query("tea")) == [1, 0]


async def test_a_local_ollama_is_asked(http_server: HttpServer) -> None:
    """Its own interface takes no encoding_format; without a price it costs nothing."""
    body = {"model": "nomic", "embeddings": [[3.0, 4.0]], "prompt_eval_count": 2}
    http_server.always("/api/embed", json_reply(body))
    local = LiteLlmEmbedder("ollama/nomic", http_server.url, None, Decimal(0))
    assert list(await local.query("tea")) == pytest.approx([0.6, 0.8])
    (asked,) = [request.json() for request in http_server.requests if request.path == "/api/embed"]
    assert isinstance(asked, dict)
    assert asked["input"] == ["tea"]


async def test_no_stated_secret_is_embedded_elsewhere(server: OpenAiServer) -> None:
    """What a text states as a password is called one to the server, and not told."""
    server.script(embeddings((1, 0)))
    await embedder(server).query("is my wifi password is hunter2x still good?")
    assert server.embedded[-1]["input"] == ["is my wifi password is [password] still good?"]


@pytest.mark.parametrize("vector", ["[]", "[NaN, 1]", "[1e999, 1]", "[1e200, 1e200]", "null"])
async def test_what_is_no_vector_is_refused(server: OpenAiServer, vector: str) -> None:
    """A number that is none would be found before everything, or break every comparison."""
    whole = embeddings([1.0])
    server.script(whole._replace(body=whole.body.replace(b"[1.0]", vector.encode())))
    with pytest.raises(EmbeddingError, match="did not answer"):
        await embedder(server).query("tea")
