"""Embedding models over litellm: OpenAI, Ollama, Cohere and whatever else it knows."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, sqrt
from typing import Any

from adapters.litellm.limits import allowed
from adapters.litellm.loading import close_clients, load_litellm
from adapters.litellm.local import is_local
from adapters.litellm.prices import entries, most_of, unknown
from adapters.litellm.tiers import Asked, TierConfig
from core.domain.errors import EmbeddingError
from core.domain.stated import unstated

PREFIX = "litellm:"
BATCH = 64
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Vectors(Asked):
    """The model of `memory.embedding`."""

    model: str
    config: TierConfig

    @property
    def setting(self) -> str:
        """The section of its settings."""
        return "memory.embedding"


class LiteLlmEmbedder:
    """An Embedder whose calls have a price."""

    def __init__(
        self,
        model: str,
        api_base: str | None = None,
        api_key: str | None = None,
        price: Decimal | None = None,
    ) -> None:
        """Take litellm's name of the model, and its price for a million tokens if need be."""
        self.model, self._base, self._key, self._price = model, api_base, api_key, price

    @property
    def space(self) -> str:
        """The model's name."""
        return f"{PREFIX}{self.model}"

    async def ceiling(self, texts: Sequence[str]) -> Decimal:
        """Return the most that embedding the texts costs in dollars. Raises EmbeddingError."""
        price = self._known_price()
        tokens = sum(map(most_of, texts))
        return (tokens + len(texts)) * price / 1_000_000

    def _known_price(self) -> Decimal:
        """Return the price of a million tokens: of config, of the table, or of one's own machine.

        Nothing but zero in the table is no price.
        """
        if self._price is not None:
            return self._price
        asked = Vectors(self.model, TierConfig(self.model, self._base))
        told = (entry.get("input_cost_per_token") for entry in entries(asked))
        price = next((Decimal(str(found)) for found in told if found), None)
        if price is not None:
            return price * 1_000_000
        if is_local(asked.name, self._base):
            return Decimal(0)
        setting = f"`{asked.setting}.input_per_million` (0 for a model of your own)"
        raise EmbeddingError(unknown(asked, frozenset({"embedding"}), setting))

    async def documents(self, texts: Sequence[str]) -> list["array[float]"]:
        """Return a vector for each text."""
        vectors: list[array[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors += await self._call(list(texts[start : start + BATCH]))
        return vectors

    async def query(self, text: str) -> "array[float]":
        """Return the vector of a question."""
        return (await self._call([text]))[0]

    async def close(self) -> None:
        """Close the connections that litellm keeps."""
        await close_clients()

    async def _call(self, texts: list[str]) -> list["array[float]"]:
        litellm = await load_litellm()
        try:
            with allowed(None):
                answer = await litellm.aembedding(
                    model=self.model,
                    input=[unstated(text) or " " for text in texts],
                    api_base=self._base,
                    api_key=self._key,
                    timeout=TIMEOUT_S,
                    max_retries=0,  # a call that failed may be charged: each is counted
                    encoding_format="float",
                    drop_params=True,  # Ollama and others know no encoding_format
                )
            rows = sorted(answer.data, key=lambda row: int(_of(row, "index")))
            vectors = [_unit(_of(row, "embedding")) for row in rows]
        except Exception as error:  # noqa: BLE001 - litellm raises classes of each provider
            message = f"The embedding model {self.model} did not answer: {type(error).__name__}."
            raise EmbeddingError(message) from None  # their text may repeat a key
        if len(vectors) != len(texts):
            message = f"The embedding model {self.model} answered {len(vectors)} of {len(texts)}."
            raise EmbeddingError(message)
        return vectors


def _of(row: Any, name: str) -> Any:  # noqa: ANN401 - a model of litellm or a mapping
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _unit(values: Sequence[float]) -> "array[float]":
    """Return a vector of length one. Raises ValueError for what is none."""
    length = sqrt(sum(value * value for value in values)) or 1.0
    if not values or not isfinite(length):
        message = "it is empty, or its numbers are none"
        raise ValueError(message)
    return array("f", [value / length for value in values])
