"""Every model call goes through here: redaction, cache, circuit, money, retries, fallback."""

from dataclasses import dataclass, field
from decimal import Decimal

from core.agents.attempts import Attempts
from core.agents.call_events import CallRecord, answered
from core.agents.circuit import Circuit
from core.agents.redacting import redacted
from core.agents.routing import choose
from core.domain.canonical import canonical, sha256
from core.domain.errors import ModelUnreachableError
from core.domain.events import NewEvent
from core.domain.money import ZERO
from core.domain.redaction import Redactor
from core.gates.budget import Ledger
from core.ports.answer_cache import AnswerCache
from core.ports.clock import Clock
from core.ports.ids import Ids
from core.ports.model import Model, ModelAnswer, ModelMessage, ModelRequest, OnDelta

FALLBACK = "Fallback: "
CACHE_TTL_S = 24 * 3600
NEVER_CACHED = frozenset({"planner"})


@dataclass(slots=True)
class Called:
    """An answer with the events that tell of it, not yet appended."""

    answer: ModelAnswer
    events: list[NewEvent] = field(default_factory=list)
    call: str = ""
    fallback: str | None = None
    tight: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Models:
    """The model that is asked first, and the one that always answers; they may be the same."""

    first: Model
    offline: Model


class ModelCalls:
    """Calls the model, and the offline model when it cannot be reached."""

    def __init__(
        self,
        models: Models,
        ledger: Ledger,
        clock: Clock,
        ids: Ids,
        *,
        redactor: Redactor,
        cache: AnswerCache | None = None,
    ) -> None:
        """Take the models and what watches over them; without a `cache` every call is made."""
        self._models, self._ledger, self._ids = models, ledger, ids
        self._redactor, self._cache = redactor, cache
        self.circuit = Circuit(clock)
        self._online = Attempts(models.first, clock, redactor, ledger.record, ledger.today)
        self._offline = Attempts(models.offline, clock, redactor, ledger.record, ledger.today)

    @property
    def offline(self) -> bool:
        """Whether no model is configured."""
        return self._models.first is self._models.offline

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most a call can cost in US dollars. Raises ModelRefusedError if unknown."""
        return self._models.first.ceiling(request)

    async def complete(
        self, goal: str, request: ModelRequest, on_delta: OnDelta | None = None
    ) -> Called:
        """Make one call for `goal`.

        Raises BudgetExceededError when a cap would be passed, and ModelRefusedError when the
        server refuses the call or its price is unknown; failed attempts are on the log then.
        """
        request = await self._routed(goal, self._redacted(request))
        if self.offline:
            return await self._free(goal, request, on_delta)
        if self.circuit.open:
            return await self.fall_back(goal, request, "the model failed repeatedly", on_delta)
        try:
            called = await self._cached(goal, request, on_delta)
        except ModelUnreachableError as error:
            self.circuit.failed()
            return await self.fall_back(goal, request, str(error), on_delta)
        self.circuit.succeeded()
        return called

    async def fall_back(
        self, goal: str, request: ModelRequest, reason: str, on_delta: OnDelta | None = None
    ) -> Called:
        """Let the offline model answer, and have it say why."""
        note = ModelMessage(role="system", content=f"{FALLBACK}{reason}")
        messages = (request.messages[0], note, *request.messages[1:])
        changed = self._redacted(request.model_copy(update={"messages": messages}))
        called = await self._free(goal, changed, on_delta)
        called.fallback = reason
        return called

    async def _free(self, goal: str, request: ModelRequest, on_delta: OnDelta | None) -> Called:
        call = self._ids.new()
        answer, event = await self._offline.run(call, goal, request, on_delta)
        return Called(answer=answer, events=[event], call=call)

    async def _cached(self, goal: str, request: ModelRequest, on_delta: OnDelta | None) -> Called:
        if self._cache is None or request.agent in NEVER_CACHED:
            return await self._paid(goal, request, on_delta)
        asked = sha256(canonical(request.model_dump(mode="json", exclude={"chosen", "words"})))
        key = f"answer:{self._models.first.name}:{asked}"
        if (kept := await self._cache.get(key)) is not None:
            hit = ModelAnswer.model_validate_json(kept)
            return self._hit(goal, request, hit)
        called = await self._paid(goal, request, on_delta)
        await self._cache.put(key, called.answer.model_dump_json(), CACHE_TTL_S)
        return called

    def _hit(self, goal: str, request: ModelRequest, hit: ModelAnswer) -> Called:
        call = self._ids.new()
        free = hit.model_copy(update={"usd": ZERO, "from_cache": True})
        record = CallRecord(call, goal, self._ledger.today(), free.model, 1, 0)
        return Called(free, [answered(record, request, free, self._redactor)], call)

    async def _paid(self, goal: str, request: ModelRequest, on_delta: OnDelta | None) -> Called:
        hold = await self._ledger.reserve(goal, self._models.first.ceiling(request))
        try:
            answer, event = await self._online.run(hold.call, goal, request, on_delta)
        except BaseException:
            await self._ledger.settle(hold, ZERO)
            raise
        await self._ledger.record([event, *self._ledger.settlement(hold, answer.usd)])
        return Called(answer=answer, call=hold.call, tight=hold.tight)

    async def _routed(self, goal: str, request: ModelRequest) -> ModelRequest:
        if self.offline:
            return request
        path = choose(request.tier, request.words, tight=await self._ledger.tight(goal))
        return request.model_copy(update={"tier": path.tier, "chosen": path.chosen})

    def _redacted(self, request: ModelRequest) -> ModelRequest:
        messages = tuple(redacted(message, self._redactor) for message in request.messages)
        return request.model_copy(update={"messages": messages})
