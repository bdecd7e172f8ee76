"""Model calls over memory: a scripted model, a ledger, a clock that moves while somebody waits."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC
from decimal import Decimal
from typing import Any, TypeVar

from adapters.inmemory.answer_cache import MemoryAnswerCache
from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.model import ScriptedModel
from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.agents.calls import ModelCalls, Models
from core.domain.events import decode
from core.domain.events.base import Payload
from core.domain.events.models import ModelCalled
from core.domain.redaction import Redactor
from core.gates.budget import Caps, Ledger
from core.ports.model import Model, ModelAnswer, ModelMessage, ModelRequest, OnDelta, Tier
from core.projections import ALL

T = TypeVar("T")
P = TypeVar("P", bound=Payload)
SECRET = "hunter2-is-a-secret"
GOAL = "G1"


def asking(text: str = "hello", **fields: Any) -> ModelRequest:  # noqa: ANN401 - of a ModelRequest
    """Return a request of the assistant; fields change it."""
    messages = (
        ModelMessage(role="system", content="You write. " * 20, stable=True),
        ModelMessage(role="user", content=text),
    )
    given = {"agent": "assistant", "tier": "balanced", "messages": messages, **fields}
    return ModelRequest.model_validate(given)


class Doing:
    """A model whose calls are a function."""

    name = "doing"

    def __init__(
        self,
        work: Callable[[ModelRequest, OnDelta | None], Awaitable[ModelAnswer]],
        most: Callable[[ModelRequest], Decimal] = lambda _: Decimal("0.10"),
    ) -> None:
        """Answer by `work`; `most` gives the ceiling of a call."""
        self._work, self._most = work, most

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return its name."""
        return (self.name,)

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return what the function says."""
        return self._most(request)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Do the work."""
        return await self._work(request, on_delta)


class Calling:
    """Model calls with everything around them."""

    def __init__(
        self,
        *answers: Any,  # noqa: ANN401 - what a ScriptedModel takes
        most: str = "0.10",
        caps: Caps | None = None,
        cached: bool = False,
        model: Model | None = None,
        offline: Model | None = None,
    ) -> None:
        """Script the model; `most` is the ceiling of a call, in US dollars."""
        self.clock, ids = FakeClock(), SequentialIds()
        self.store = MemoryStore(ALL, self.clock, ids)
        self.scripted = ScriptedModel(answers, most=Decimal(most))
        self.ledger = Ledger(
            self.store,
            self.store,
            self.clock,
            ids,
            caps=caps or Caps(),
            zone=UTC,
        )
        self.calls = ModelCalls(
            Models(model or self.scripted, offline or OfflineModel(WordsWhen())),
            self.ledger,
            self.clock,
            ids,
            redactor=Redactor([SECRET]),
            cache=MemoryAnswerCache(self.clock) if cached else None,
        )

    async def wait(self, work: Coroutine[Any, Any, T]) -> tuple[T, float]:
        """Do work, moving the clock whenever it sleeps; return the result and the time slept."""
        task, slept = asyncio.ensure_future(work), 0.0
        while not task.done():
            await asyncio.sleep(0)
            if self.clock.sleepers:
                self.clock.advance(0.5)
                slept += 0.5
        return await task, slept

    def told(self, kind: type[P]) -> list[P]:
        """Return the payloads of a type on the log."""
        found = [decode(event) for event in self.store.stored if event.type == kind.wire]
        return [payload for payload in found if isinstance(payload, kind)]

    @property
    def outcomes(self) -> list[str]:
        """The outcomes of the calls on the log, in order."""
        return [called.outcome for called in self.told(ModelCalled)]

    async def used(self, scope: str = f"goal:{GOAL}") -> Decimal:
        """Return what is spent and reserved."""
        return await self.ledger.used(scope)
