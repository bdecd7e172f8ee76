from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.tiers import Prices, TierConfig
from core.ports.model import Model
from tests.contracts.model import TOOL, ModelContract, Wanted
from tests.servers.openai import Call, OpenAiServer, answer, stream

REPLIES = {
    "text": answer("hello you"),
    "stream": stream(["hello ", "you"]),
    "tool": answer(calls=[Call(TOOL.name, '{"text": "hello"}')]),
}


class TestLiteLlmModel(ModelContract):
    @pytest.fixture(autouse=True)
    async def _server(self) -> AsyncIterator[None]:
        with OpenAiServer() as self.server:
            self._model = LiteLlmModel(
                {
                    "balanced": TierConfig(
                        "gpt-x", self.server.api_base, prices=Prices(Decimal(1), Decimal(2))
                    )
                }
            )
            yield
            await self._model.close()

    def model(self, wanted: Wanted, times: int = 1) -> Model:
        """Return a model of the scripted server."""
        self.server.always(REPLIES[wanted])
        return self._model
