"""A scripted server and a model that talks to it."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import Prices, TierConfig
from tests.servers.openai import OpenAiServer

KEY = "sk-a-key-that-must-never-be-shown"
PRICES = Prices(Decimal(1), Decimal(4))


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    """Give a fresh scripted server."""
    with OpenAiServer() as server:
        yield server


@pytest.fixture
async def model(server: OpenAiServer) -> AsyncIterator[LiteLlmModel]:
    """Give a model of the scripted server, with a key and prices."""
    tier = TierConfig("gpt-x", server.api_base, KEY, prices=PRICES)
    model = LiteLlmModel({"balanced": tier}, timeout_s=20)
    yield model
    await model.close()
