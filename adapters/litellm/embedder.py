"""Embedding models over litellm: OpenAI, Ollama, Cohere and whatever else it knows."""

from array import array
from collections.abc import Sequence
from decimal import Decimal
from math import sqrt
from typing import Any

from adapters.litellm.loading import close_clients, load_litellm
from core.domain.errors import EmbeddingError
from core.domain.stated import unstated

PREFIX = "litellm:"
BATCH = 64
TIMEOUT_S = 30.0
_BYTES_PER_TOKEN = 2
"""Never too few tokens: a token of any known tokenizer is rarely shorter."""


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
        price = self._price
        if price is None:
            litellm = await load_litellm()
            known = litellm.model_cost.get(self.model) or litellm.model_cost.get(
                self.model.partition("/")[2]
            )
            if known is None:
                message = (
                    f"The price of {self.model} is not known: write "
                    "memory.embedding.input_per_million, 0 for a model of your own."
                )
                raise EmbeddingError(message)
            price = Decimal(str(known.get("input_cost_per_token") or 0)) * 1_000_000
        tokens = sum(len(text.encode("utf-8", "replace")) for text in texts) // _BYTES_PER_TOKEN
        return (tokens + len(texts)) * price / 1_000_000

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
            answer = await litellm.aembedding(
                model=self.model,
                input=[unstated(text) or " " for text in texts],
                api_base=self._base,
                api_key=self._key,
                timeout=TIMEOUT_S,
                max_retries=1,
                encoding_format="float",
                drop_params=True,  # Ollama and others know no encoding_format
            )
            rows = sorted(answer.data, key=lambda row: int(_of(row, "index")))
            vectors = [_unit(_of(row, "embedding")) for row in rows]
        except Exception as error:  # litellm raises classes of each provider
            message = f"The embedding model {self.model} did not answer: {type(error).__name__}."
            raise EmbeddingError(message) from error
        if len(vectors) != len(texts):
            message = f"The embedding model {self.model} answered {len(vectors)} of {len(texts)}."
            raise EmbeddingError(message)
        return vectors


def _of(row: Any, name: str) -> Any:  # noqa: ANN401 - a model of litellm or a mapping
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _unit(values: Sequence[float]) -> "array[float]":
    length = sqrt(sum(value * value for value in values)) or 1.0
    return array("f", [value / length for value in values])
