"""OpenRouter's models cost what its own catalogue says, asked over HTTP and kept on disk."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.openrouter import Catalogue, read
from adapters.litellm.prices import most_tokens
from adapters.litellm.tiers import TierConfig
from core.domain.errors import ModelRefusedError
from tests.contracts.model import hello
from tests.servers.http import HttpServer, Reply, json_reply
from tests.servers.openai import answer, usage

MODELS = "/api/v1/models"
NOWHERE = "http://127.0.0.1:9/api/v1"


def listed(**prices: dict[str, Any]) -> Reply:
    """Return a catalogue of models of `maker`."""
    data = [{"id": f"maker/{name}", "pricing": pricing} for name, pricing in prices.items()]
    return json_reply({"data": [{"id": "other/one"}, *data]})


CATALOGUE = listed(
    one={"prompt": "0.000002", "completion": "0.000008", "input_cache_read": "0.000001"},
    thinking={"prompt": "0.000002", "completion": "0.000008", "internal_reasoning": "0.00004"},
    asked={"prompt": "0", "completion": "0", "request": "0.01"},
    free={"prompt": "0", "completion": "0", "request": "0"},
    auto={"prompt": "-1", "completion": "-1"},
    half={"prompt": "0.000002"},
    odd={"prompt": "cheap", "completion": None},
    dear={"prompt": "1e999999", "completion": "0.000008"},
)


def through(server: str, folder: Path, name: str) -> LiteLlmModel:
    """Return a model that is asked through OpenRouter."""
    catalogue = Catalogue(folder / "openrouter.json", server)
    model = f"openrouter/maker/{name}"
    return LiteLlmModel({"balanced": TierConfig(model, server, "sk-x", catalogue=catalogue)})


async def ceiling(server: str, folder: Path, name: str) -> Decimal:
    """Return the most a call may cost."""
    model = through(server, folder, name)
    await model.prepare()
    return model.ceiling(hello())


async def test_a_call_costs_what_the_catalogue_says(
    http_server: HttpServer, tmp_path: Path
) -> None:
    """Before it and after it, cached tokens too; the catalogue is asked for once."""
    http_server.always(MODELS, CATALOGUE)
    used = usage(1000, 100, cached=400)
    http_server.always("/api/v1/chat/completions", answer("Hello.", used=used))
    model = through(f"{http_server.url}/api/v1", tmp_path, "one")
    for _ in range(2):
        await model.prepare()
        most = most_tokens(hello()) * Decimal(2) + hello().max_tokens * Decimal(8)
        assert model.ceiling(hello()) == most / 1_000_000
        assert (await model.complete(hello())).usd == Decimal("0.0024")
    assert [r.path for r in http_server.requests].count(MODELS) == 1
    await model.close()


async def test_what_else_is_charged_counts(http_server: HttpServer, tmp_path: Path) -> None:
    """What is thought at its own price, each request, and nothing at all for what is free."""
    http_server.always(MODELS, CATALOGUE)
    place = f"{http_server.url}/api/v1"
    assert await ceiling(place, tmp_path, "thinking") > await ceiling(place, tmp_path, "one") * 4
    assert await ceiling(place, tmp_path, "asked") == Decimal("0.01")
    assert await ceiling(place, tmp_path, "free") == 0
    assert [r.path for r in http_server.requests] == [MODELS]


@pytest.mark.parametrize("name", ["auto", "half", "odd", "dear", "none-such"])
async def test_a_price_that_is_not_told_is_refused(
    http_server: HttpServer, tmp_path: Path, name: str
) -> None:
    """Also behind a private address: OpenRouter charges whoever stands between."""
    http_server.always(MODELS, CATALOGUE)
    with pytest.raises(ModelRefusedError, match=r"`llm\.tiers\.balanced\.prices`"):
        await ceiling(f"{http_server.url}/api/v1", tmp_path, name)


async def test_a_mistyped_name_is_told_with_what_was_meant(
    http_server: HttpServer, tmp_path: Path
) -> None:
    """By the names of the catalogue."""
    http_server.always(MODELS, CATALOGUE)
    with pytest.raises(ModelRefusedError, match="did you mean 'openrouter/maker/thinking'"):
        await ceiling(f"{http_server.url}/api/v1", tmp_path, "thinkign")


async def test_the_catalogue_on_disk_stands_in(http_server: HttpServer, tmp_path: Path) -> None:
    """Where nobody answers, or something else, what was learned before counts."""
    http_server.always(MODELS, CATALOGUE)
    known = await ceiling(f"{http_server.url}/api/v1", tmp_path, "one")
    file = tmp_path / "openrouter.json"
    os.utime(file, (0, 0))
    assert await ceiling(NOWHERE, tmp_path, "one") == known
    for reply in (Reply(500), Reply(body=b"<html>"), Reply(body=b"[" * 9999), Reply(cut=True)):
        http_server.always(MODELS, reply)
        assert await ceiling(f"{http_server.url}/api/v1", tmp_path, "one") == known
    http_server.always(MODELS, listed(one={"prompt": "0.000004", "completion": "0.000016"}))
    assert await ceiling(f"{http_server.url}/api/v1", tmp_path, "one") == known * 2


async def test_without_any_catalogue_the_table_counts(tmp_path: Path) -> None:
    """What litellm knows of the model itself, else an honest refusal."""
    catalogue = Catalogue(tmp_path / "openrouter.json", NOWHERE)
    known = TierConfig("openrouter/openai/gpt-4o", NOWHERE, catalogue=catalogue)
    model = LiteLlmModel({"balanced": known})
    await model.prepare()
    assert model.ceiling(hello()) > 0
    with pytest.raises(ModelRefusedError):
        await ceiling(NOWHERE, tmp_path, "one")


@given(st.binary(max_size=50) | st.sampled_from([b"[" * 9999, b'{"data": [1, {"pricing": 3}]}']))
def test_anything_can_be_read_as_a_catalogue(body: bytes) -> None:
    """What is none has no models."""
    assert list(read(body)) == []
