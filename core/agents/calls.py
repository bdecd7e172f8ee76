"""Every model call goes through here: redaction, references, route, cache, circuit, retries."""

from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import ValidationError

from core.agents.attempts import Attempts, Call
from core.agents.call_events import CallRecord, answered
from core.agents.circuit import Circuit
from core.agents.redacting import redacted
from core.agents.routing import CACHED, choose
from core.agents.shield import Shield, Shielded
from core.agents.shown import Shown
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
from core.telemetry.health import MODEL, Health

FALLBACK = "Fallback: "
DOWN = "The model failed repeatedly and is left alone until {until}."
CACHE_TTL_S = 24 * 3600
NEVER_CACHED = frozenset({"planner"})
NOT_SENT = frozenset({"chosen", "words", "stakes", "tier", "model", "timeout_s"})


@dataclass(slots=True)
class Called:
    """An answer with the events that tell of it, not yet appended.

    `fallback` says, in a sentence for the owner, why the offline model answered.
    """

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
        self.shield = Shield(ledger.log, ledger.rows)
        self.circuit = Circuit(clock)
        self._health = Health(ledger.log, ledger.rows)
        self._told: bool | None = None
        self._online = Attempts(models.first, ledger, clock, redactor, self.circuit)
        self._offline = Attempts(models.offline, ledger, clock, redactor, Circuit(clock))

    @property
    def offline(self) -> bool:
        """Whether no model is configured."""
        return self._models.first is self._models.offline

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most a call can cost in US dollars. Raises ModelRefusedError if unknown."""
        return self._models.first.ceiling(request)

    async def routed(self, goal: str, request: ModelRequest) -> ModelRequest:
        """Return the request on the tier that will answer it, with what chose the tier."""
        if self.offline or request.chosen:
            return request
        tight = await self._ledger.tight(goal)
        path = choose(request.tier, request.words, stakes=request.stakes, tight=tight)
        return request.model_copy(update={"tier": path.tier, "chosen": path.chosen})

    async def complete(
        self, goal: str, request: ModelRequest, on_delta: OnDelta | None = None
    ) -> Called:
        """Make one call for `goal`.

        Raises BudgetExceededError when a cap would be passed, and ModelRefusedError when the
        server refuses the call or its price is unknown; failed attempts are on the log then.
        """
        shielded = await self.shield.over(self._redacted(request))
        shown = Shown(shielded.streamed(on_delta))
        if self.offline:
            return await self._free(goal, shielded, shielded.request, shown)
        request = await self.routed(goal, shielded.explained)
        if not self.circuit.allows():
            return await self._offline_instead(goal, shielded, self._down(), shown)
        try:
            called = await self._cached(goal, request, shown)
        except ModelUnreachableError as error:
            return await self._offline_instead(goal, shielded, error.plain or str(error), shown)
        finally:
            await self._tell()
        called.answer = shielded.filled(called.answer)
        return called

    async def fall_back(
        self, goal: str, request: ModelRequest, reason: str, on_delta: OnDelta | None = None
    ) -> Called:
        """Let the offline model answer, and have it say why."""
        shielded = await self.shield.over(self._redacted(request))
        shown = Shown(shielded.streamed(on_delta))
        return await self._offline_instead(goal, shielded, reason, shown)

    async def _offline_instead(
        self, goal: str, shielded: Shielded, reason: str, shown: Shown
    ) -> Called:
        note = ModelMessage(role="system", content=f"{FALLBACK}{self._redactor.text(reason)}")
        first, *rest = shielded.request.messages
        update = {"messages": (first, note, *rest), "chosen": "offline: a fallback"}
        changed = shielded.request.model_copy(update=update)
        called = await self._free(goal, shielded, changed, shown)
        called.fallback = self._redactor.text(reason)
        return called

    async def _free(
        self, goal: str, shielded: Shielded, request: ModelRequest, shown: Shown
    ) -> Called:
        got = await self._offline.once(Call(self._ids.new(), goal), request, shown)
        answer = shielded.filled(got.answer)
        return Called(answer=answer, events=list(got.events), call=got.call)

    async def _cached(self, goal: str, request: ModelRequest, shown: Shown) -> Called:
        if self._cache is None or not _cacheable(request):
            return await self._paid(goal, request, shown)
        asked = sha256(canonical(request.model_dump(mode="json", exclude=set(NOT_SENT))))
        key = f"answer:{self._models.first.models(request.tier)[0]}:{asked}"
        if (kept := _answer(await self._cache.get(key))) is not None:
            return self._hit(goal, request, kept)
        called = await self._paid(goal, request, shown)
        await self._cache.put(key, called.answer.model_dump_json(), CACHE_TTL_S)
        return called

    def _hit(self, goal: str, request: ModelRequest, hit: ModelAnswer) -> Called:
        call = self._ids.new()
        free = hit.model_copy(update={"usd": ZERO, "from_cache": True})
        record = CallRecord(call, goal, self._ledger.today(), request.tier, free.model, 1, 0)
        request = request.model_copy(update={"chosen": CACHED})
        return Called(free, [answered(record, request, free, self._redactor)], call)

    async def _paid(self, goal: str, request: ModelRequest, shown: Shown) -> Called:
        got = await self._online.run(Call(self._ids.new(), goal), request, shown)
        return Called(got.answer, list(got.events), got.call, tight=got.tight)

    def _down(self) -> str:
        until = self.circuit.until or self._ledger.now()
        return DOWN.format(until=until.astimezone(self._ledger.zone).strftime("%H:%M:%S"))

    async def _tell(self) -> None:
        """Put on the log that the model went down or came back."""
        down = self.circuit.open
        if down != self._told:
            self._told = down
            reason = self._down() if down else ""
            await self._health.say(MODEL, "failing" if down else "well", reason)

    def _redacted(self, request: ModelRequest) -> ModelRequest:
        messages = tuple(redacted(message, self._redactor) for message in request.messages)
        return request.model_copy(update={"messages": messages})


def _answer(kept: str | None) -> ModelAnswer | None:
    """Return a kept answer; one in the form of another version counts as none."""
    try:
        return None if kept is None else ModelAnswer.model_validate_json(kept)
    except ValidationError:
        return None


def _cacheable(request: ModelRequest) -> bool:
    """Return whether an answer may be kept: the first of an agent, not one in a longer exchange.

    So an answer that did not validate is mended by a fresh call.
    """
    said = any(message.role == "assistant" for message in request.messages)
    return request.agent not in NEVER_CACHED and not said
