"""An embedding model that costs money, held to the caps like any other model."""

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from core.domain.errors import BudgetExceededError, EmbeddingError
from core.domain.events import NewEvent
from core.domain.events.models import CallOutcome, ModelCalled
from core.gates.budget import Hold, Ledger, Spender
from core.ports.embedder import Embedder

ACCOUNT, TIER = "memory", "embedding"
"""The goal that embedding is counted under, and the tier that `/cost` shows."""

AGAIN = timedelta(minutes=10)
"""How long a cap is not asked again: each refusal is an event, and there is one at every search."""


class Priced(Embedder, Protocol):
    """An embedder whose calls have a price."""

    @property
    def model(self) -> str:
        """The name that `/cost` shows."""
        ...

    async def ceiling(self, texts: Sequence[str]) -> Decimal:
        """Return the most that embedding the texts costs in US dollars."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class CountedEmbedder:
    """Reserves the highest cost before each call, and counts every call."""

    def __init__(self, embedder: Priced, ledger: Ledger) -> None:
        """Take the model and the caps."""
        self._embedder, self._ledger = embedder, ledger
        self._refused: tuple[datetime, str] | None = None

    @property
    def space(self) -> str:
        """The model's name."""
        return self._embedder.space

    async def documents(self, texts: Sequence[str]) -> list["array[float]"]:
        """Return a vector for each text. Raises EmbeddingError, at a cap too."""
        hold = await self._reserve(texts)
        try:
            vectors = await self._embedder.documents(texts)
        except BaseException:
            await self._count(hold, texts, "unreachable")
            raise
        await self._count(hold, texts, "ok")
        return vectors

    async def query(self, text: str) -> "array[float]":
        """Return the vector of a question. Raises EmbeddingError, at a cap too."""
        return (await self.documents([text]))[0]

    async def close(self) -> None:
        """Let go of the model's connections."""
        await self._embedder.close()

    async def _reserve(self, texts: Sequence[str]) -> Hold:
        if self._refused is not None and self._ledger.now() < self._refused[0] + AGAIN:
            raise EmbeddingError(self._refused[1])
        usd = await self._embedder.ceiling(texts)
        spender = Spender(ACCOUNT, TIER, self._embedder.model)
        try:
            return await self._ledger.reserve(ACCOUNT, usd, spender)
        except BudgetExceededError as error:
            self._refused = self._ledger.now(), str(error)
            raise EmbeddingError(str(error)) from error

    async def _count(self, hold: Hold, texts: Sequence[str], outcome: CallOutcome) -> None:
        """Count a call at its highest cost: what a provider charges is not told with vectors."""
        called = ModelCalled(
            call=hold.call,
            day=hold.day,
            agent=ACCOUNT,
            tier=TIER,
            model=self._embedder.model,
            tokens_in=sum(len(text) for text in texts) // 4,
            usd=hold.usd,
            latency_ms=0,
            outcome=outcome,
        )
        event = NewEvent(stream=f"calls:{ACCOUNT}", payload=called, goal=ACCOUNT, actor=ACCOUNT)
        await self._ledger.record([event, *self._ledger.settlement(hold, hold.usd)])
