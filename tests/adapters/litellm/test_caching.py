"""Provider prompt caching: what is marked, what is counted, what it costs."""

import json
from decimal import Decimal

import pytest

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.prices import cost
from adapters.litellm.tiers import Target, TierConfig
from core.ports.model import Usage
from tests.contracts.model import hello
from tests.servers.http import HttpServer, json_reply
from tests.servers.openai import OpenAiServer, answer, usage

CLAUDE = "anthropic/claude-sonnet-4-6"
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-6",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 100,
        "output_tokens": 10,
        "cache_creation_input_tokens": 2000,
        "cache_read_input_tokens": 3000,
    },
}


async def test_the_stable_prefix_is_marked_for_anthropic(http_server: HttpServer) -> None:
    """Rules and catalog carry the mark, the rest does not; reads and writes have their prices."""
    http_server.always("/v1/messages", json_reply(MESSAGE))
    model = LiteLlmModel({"balanced": TierConfig(CLAUDE, http_server.url, "k")})
    got = await model.complete(hello())
    body = json.loads(http_server.requests[0].body)
    (rules,) = body["system"]
    assert rules["text"] == "You greet."
    assert rules["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in json.dumps(body["messages"])
    assert got.usage == Usage(tokens_in=5100, tokens_out=10, cached_in=3000, written_in=2000)
    each = (100 * 3 + 2000 * Decimal("3.75") + 3000 * Decimal("0.3") + 10 * 15) / 1_000_000
    assert got.usd == each
    await model.close()


async def test_others_find_a_stable_prefix_by_themselves(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Where the provider caches on its own the messages are plain, the stable one first."""
    server.script(answer("hi", used=usage(1000, 10, cached=800)))
    got = await model.complete(hello())
    assert server.requests[0]["messages"][0] == {"role": "system", "content": "You greet."}
    assert got.usage.cached_in == 800


@pytest.mark.parametrize(
    ("name", "api_base", "marks"),
    [
        (CLAUDE, None, True),
        ("claude-haiku-4-5", None, True),
        ("bedrock/anthropic.claude-sonnet-4-6", None, True),
        ("claude-like", "http://127.0.0.1:1/v1", False),
        ("gpt-4.1-mini", None, False),
        ("gemini/gemini-2.5-pro", None, False),
    ],
)
def test_only_a_provider_that_wants_marks_gets_them(
    name: str, api_base: str | None, *, marks: bool
) -> None:
    """A model of that name on one's own server speaks another protocol."""
    assert Target("fast", name, TierConfig(name, api_base)).marks_cache is marks


def test_writing_to_a_cache_costs_more_and_reading_less() -> None:
    """A token that was written costs a quarter more, one that was read a tenth."""
    target = Target("fast", CLAUDE, TierConfig(CLAUDE))
    plain = cost(target, Usage(tokens_in=1000))
    assert cost(target, Usage(tokens_in=1000, written_in=1000)) == plain * Decimal("1.25")
    assert cost(target, Usage(tokens_in=1000, cached_in=1000)) == plain / 10
