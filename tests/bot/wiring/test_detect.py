"""Which model answers where the owner configured none, and what is asked to find out."""

import pytest

from adapters.litellm.prices import ceiling
from adapters.litellm.tiers import Target, TierConfig
from bot.wiring.detect import OLLAMA, WELL_KNOWN, detect, installed
from bot.wiring.models import NO_MODEL, build_model, build_offline
from core.ports.model import Tier
from tests.contracts.model import hello
from tests.scenarios.places import Place
from tests.servers.http import HttpServer, Reply, json_reply

MODELS = [
    {"name": "qwen3:8b", "size": 5_200_000_000},
    {"name": "nomic-embed-text:latest", "size": 270_000_000},
    {"name": "llama3.2:1b", "size": 1_300_000_000},
    {"name": "gpt-oss:20b", "size": 14_000_000_000},
]
TIERS: tuple[Tier, ...] = ("fast", "balanced", "deep")


def nowhere(_address: str) -> list[str]:
    """Be no Ollama."""
    return []


def nobody_asks(_address: str) -> list[str]:
    """Fail where it is looked for an Ollama."""
    raise AssertionError


@pytest.mark.parametrize("model", [model for models in WELL_KNOWN.values() for model in models])
def test_every_model_that_is_chosen_has_a_price(model: str) -> None:
    """None of them would be refused for want of a price."""
    assert ceiling(Target("fast", model, TierConfig(model)), hello()) > 0


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_tiers_get_dearer(name: str) -> None:
    """Fast costs less than balanced, balanced less than deep."""
    most = [ceiling(Target("fast", m, TierConfig(m)), hello()) for m in WELL_KNOWN[name]]
    assert most == sorted(most)
    assert most[0] < most[2]


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_a_well_known_key_is_enough_and_said(name: str) -> None:
    """The key's provider serves all tiers, and the owner reads which key decided."""
    choice = detect({name: "k"}, nobody_asks)
    assert choice is not None
    assert (choice.fast, choice.balanced, choice.deep) == WELL_KNOWN[name]
    assert choice.why.startswith(f"{name} is set, so {choice.balanced} answers")
    assert not choice.free


def test_an_empty_key_is_none() -> None:
    """A variable without a value decides nothing."""
    assert detect({"OPENAI_API_KEY": ""}, nowhere) is None


def test_an_ollama_serves_by_size_what_it_has(http_server: HttpServer) -> None:
    """Smallest, middle and largest of the models that can talk; free, and said."""
    http_server.always("/api/tags", json_reply({"models": MODELS}))
    choice = detect({"OLLAMA_API_BASE": http_server.url})
    assert choice is not None
    names = (choice.fast, choice.balanced, choice.deep)
    assert names == ("ollama_chat/llama3.2:1b", "ollama_chat/qwen3:8b", "ollama_chat/gpt-oss:20b")
    assert (choice.free, choice.api_base) == (True, http_server.url)
    assert "An Ollama runs here" in choice.why


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(body=b"no json"),
        json_reply([]),
        json_reply({"models": []}),
        Reply(cut=True),
    ],
)
def test_whatever_else_listens_there_is_no_ollama(http_server: HttpServer, reply: Reply) -> None:
    """An answer of another form, or no model at all, is none."""
    http_server.always("/api/tags", reply)
    assert installed(http_server.url) == []


def test_nobody_there_is_no_ollama() -> None:
    """A closed port is told at once."""
    assert installed("http://127.0.0.1:9") == []
    assert OLLAMA.endswith(":11434")


def test_nothing_is_looked_for_where_a_tier_is_set(place: Place, http_server: HttpServer) -> None:
    """A configured model is used; neither a key nor an Ollama is asked about."""
    place.configure(llm={"tiers": {"deep": {"model": "openai/mine"}}, "api_base": "http://h/v1"})
    environ = {"OPENAI_API_KEY": "k", "OLLAMA_API_BASE": http_server.url}
    chosen = build_model(place.config(), build_offline(), environ)
    assert chosen.model.models("fast") == ("openai/mine",)
    assert chosen.said == ""
    assert http_server.requests == []


def test_what_was_found_goes_to_its_own_server(place: Place) -> None:
    """`llm.api_base` and `llm.api_key` belong to models of one's own: they are left out."""
    place.configure(llm={"api_base": "http://127.0.0.1:1/v1", "api_key": "mine"})
    chosen = build_model(place.config(), build_offline(), {"GEMINI_API_KEY": "k"})
    assert [chosen.model.models(tier)[0] for tier in TIERS] == list(WELL_KNOWN["GEMINI_API_KEY"])
    tiers = vars(chosen.model)["_tiers"]
    assert {(config.api_base, config.api_key) for config in tiers.values()} == {(None, None)}


async def test_an_ollama_is_called_for_nothing(place: Place, http_server: HttpServer) -> None:
    """Over real HTTP: found, called in its own protocol, and free."""
    http_server.always("/api/tags", json_reply({"models": MODELS}))
    said = {"role": "assistant", "content": "Hello."}
    done = {"done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 3}
    http_server.always("/api/chat", json_reply({"model": "x", "message": said, **done}))
    chosen = build_model(place.config(), build_offline(), {"OLLAMA_API_BASE": http_server.url})
    got = await chosen.model.complete(hello())
    assert (got.text, got.model) == ("Hello.", "ollama_chat/qwen3:8b")
    assert got.usd == 0
    assert got.usage.tokens_in == 9
    close = getattr(chosen.model, "close", None)
    assert close is not None
    await close()


def test_without_anything_the_offline_model_answers(place: Place) -> None:
    """And says so, with how to set one."""
    offline = build_offline()
    chosen = build_model(place.config(), offline, {"OLLAMA_API_BASE": "http://127.0.0.1:9"})
    assert chosen.model is offline
    assert (chosen.said, chosen.names) == (NO_MODEL, ("offline",))
