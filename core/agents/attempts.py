"""One model call with its attempts; tenacity decides by the kind of failure.

429, 5xx, time-outs and cut streams are tried again, with the fallbacks of the tier first and then
after a pause, as long as the server asked for; a prompt that is too long is shortened and tried
once more; a refused key is not tried again. Each attempt reserves its own money and has its own
event, appended together with the settlement.
"""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.agents.call_events import CallRecord, answered, failed, may_cost
from core.agents.circuit import Circuit
from core.agents.shown import Shown
from core.domain.errors import (
    AnswerTooLongError,
    ContextTooLongError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.domain.events import NewEvent
from core.domain.money import ZERO
from core.domain.pauses import nth_pause
from core.domain.redaction import Redactor
from core.gates.budget import Hold, Ledger, Spender
from core.ports.clock import Clock
from core.ports.model import Model, ModelAnswer, ModelMessage, ModelRequest

if TYPE_CHECKING:
    from tenacity import RetryCallState

ROUNDS = 3
BACKOFF_S = (0.5, 2.0, 8.0)
LONGEST_WAIT_S = 30.0
"""A model that wants a longer pause is not waited for: it gets that pause, and is left alone."""
LONGEST_S = 120.0
KEPT_SHARE = 0.25


@dataclass(slots=True)
class Call:
    """One call of a goal while its attempts are counted."""

    id: str
    goal: str
    attempt: int = 0

    def next(self) -> str:
        """Begin the next attempt; return the id of its reservation and its event."""
        self.attempt += 1
        return self.id if self.attempt == 1 else f"{self.id}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; `events` tell of it and are not yet appended (none where money was settled)."""

    answer: ModelAnswer
    call: str
    events: tuple[NewEvent, ...] = ()
    tight: tuple[str, ...] = ()


@dataclass(slots=True)
class Attempts:
    """Makes calls of one model, each attempt counted under `tier`, where empty the request's."""

    model: Model
    ledger: Ledger
    clock: Clock
    redactor: Redactor
    circuit: Circuit
    rounds: int = ROUNDS
    tier: str = ""

    async def run(self, call: Call, request: ModelRequest, shown: Shown) -> Answered:
        """Return the answer.

        Raises ModelUnreachableError after the last attempt, ModelRefusedError at once, and
        BudgetExceededError where an attempt would pass a cap.
        """
        try:
            return await self._retried(call, request, shown)
        except ContextTooLongError:
            shorter = shortened(request)
            if shorter is None:
                raise
        return await self._retried(call, shorter, shown)

    async def once(self, call: Call, request: ModelRequest, shown: Shown) -> Answered:
        """Return the answer of a model that is always there. Raises what the model raises."""
        return await self._round(call, request, shown)

    async def _retried(self, call: Call, request: ModelRequest, shown: Shown) -> Answered:
        # Imported here: neither the start nor the offline model needs it.
        from tenacity import AsyncRetrying, retry_if_exception  # noqa: PLC0415 - as said

        retrying = AsyncRetrying(
            retry=retry_if_exception(_again),
            stop=self._enough,
            wait=_pause,
            sleep=self.clock.sleep,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._round(call, request, shown)
        message = "No model answered."
        raise ModelUnreachableError(message)

    def _enough(self, state: "RetryCallState") -> bool:
        late = (state.seconds_since_start or 0) > LONGEST_S
        return state.attempt_number >= self.rounds or late or self.circuit.open

    async def _round(self, call: Call, request: ModelRequest, shown: Shown) -> Answered:
        """Ask the models of the tier in turn; raise what became of the first where none answers."""
        first: ModelUnreachableError | None = None
        for name in self.model.models(request.tier):
            try:
                got = await self._once(call, request.model_copy(update={"model": name}), shown)
            except ModelUnreachableError as error:
                first = first or error
                shown.again()
            except ModelRefusedError:
                self.circuit.succeeded()  # whoever refuses is there
                raise
            else:
                self.circuit.succeeded()
                return got
        unreachable = first or ModelUnreachableError("No model answered.")
        self._count(unreachable)
        raise unreachable

    def _count(self, error: ModelUnreachableError) -> None:
        """Tell the circuit: a model that wants a long pause gets it, a busy one is not down."""
        if error.retry_after is not None and error.retry_after > LONGEST_WAIT_S:
            self.circuit.rest(timedelta(seconds=error.retry_after))
        elif not error.busy:
            self.circuit.failed()

    async def _once(self, call: Call, request: ModelRequest, shown: Shown) -> Answered:
        tier = self.tier or request.tier
        spender = Spender(request.agent, tier, request.model)
        most = self.model.ceiling(request)
        hold = await self.ledger.reserve(call.goal, most, spender, call.next())
        began = time.perf_counter()
        record = CallRecord(hold.call, call.goal, hold.day, tier, request.model, call.attempt, 0)
        try:
            answer = await self.model.complete(request, shown.wanted)
        except (ModelUnreachableError, ModelRefusedError) as error:
            event = failed(_timed(record, began), request, error, self.redactor)
            await self._settled(hold, event, may_cost(error))
            raise
        except BaseException:
            # It was stopped midway: what the provider made of it is not known.
            event = failed(_timed(record, began), request, None, self.redactor, hold.usd)
            await self._settled(hold, event, hold.usd)
            raise
        event = answered(_timed(record, began), request, answer, self.redactor)
        if hold.usd == ZERO and answer.usd == ZERO:
            return Answered(answer, hold.call, (event,))
        await self._settled(hold, event, answer.usd)
        return Answered(answer, hold.call, tight=hold.tight)

    async def _settled(self, hold: Hold, event: NewEvent, usd: Decimal) -> None:
        await self.ledger.record([event, *self.ledger.settlement(hold, usd)])


def shortened(request: ModelRequest) -> ModelRequest | None:
    """Return the request with the middle of its longest message taken out, half of it in all.

    The prefix that is the same for every call stays; so does the end of a message, where a fence
    around outside text is closed. None when nothing can be cut.
    """
    lengths = [0 if m.stable else len(m.content) for m in request.messages]
    index = max(range(len(lengths)), key=lengths.__getitem__)
    keep = int(lengths[index] * KEPT_SHARE)
    if keep < 1:
        return None
    longest = request.messages[index]
    mark = "\n[shortened here: the prompt was longer than the model takes]\n"
    cut = f"{longest.content[:keep]}{mark}{longest.content[-keep:]}"
    messages: list[ModelMessage] = list(request.messages)
    messages[index] = longest.model_copy(update={"content": cut})
    return request.model_copy(update={"messages": tuple(messages)})


def _again(error: BaseException) -> bool:
    if not isinstance(error, ModelUnreachableError) or isinstance(error, AnswerTooLongError):
        return False
    return error.retry_after is None or error.retry_after <= LONGEST_WAIT_S


def _pause(state: "RetryCallState") -> float:
    error = state.outcome.exception() if state.outcome else None
    wished = error.retry_after if isinstance(error, ModelUnreachableError) else None
    if wished is not None:
        return wished
    return nth_pause(BACKOFF_S, state.attempt_number - 1)


def _timed(record: CallRecord, began: float) -> CallRecord:
    return replace(record, latency_ms=round((time.perf_counter() - began) * 1000))
