"""Every model call goes through here: money first, fallback, and an event for each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.domain.erasable import Erasable
from core.domain.errors import (
    BudgetExceededError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.domain.events import NewEvent, Payload
from core.domain.events.models import CallOutcome, ModelCalled
from core.domain.money import ZERO
from core.domain.redaction import Redactor
from core.gates.budget import Ledger
from core.ports.ids import Ids
from core.ports.model import Model, ModelAnswer, ModelMessage, ModelRequest, OnDelta

PROMPT_LIMIT = 40_000
FALLBACK = "Fallback: "


@dataclass(slots=True)
class Called:
    """An answer with the events that tell of the calls behind it, not yet appended."""

    answer: ModelAnswer
    events: list[NewEvent] = field(default_factory=list)
    call: str = ""
    fallback: str | None = None


class ModelCalls:
    """Calls the model, and the offline model when it is unreachable or the budget is spent."""

    def __init__(
        self, model: Model, offline: Model, ledger: Ledger, ids: Ids, redactor: Redactor
    ) -> None:
        """Take both models; they may be the same one."""
        self._model = model
        self._offline = offline
        self._ledger = ledger
        self._ids = ids
        self._redactor = redactor

    async def complete(
        self, goal: str, request: ModelRequest, on_delta: OnDelta | None = None
    ) -> Called:
        """Make one call for `goal`.

        Raises ModelRefusedError when the server refuses the call or its price is unknown; the
        failed call is on the log then.
        """
        if self._model is self._offline:
            return await self._call(self._offline, goal, request, on_delta)
        try:
            return await self._paid(goal, request, on_delta)
        except (ModelUnreachableError, BudgetExceededError) as error:
            reason = str(error)
        called = await self._call(self._offline, goal, _with_reason(request, reason), on_delta)
        called.fallback = reason
        return called

    async def _paid(self, goal: str, request: ModelRequest, on_delta: OnDelta | None) -> Called:
        ceiling = self._model.ceiling(request)
        hold = await self._ledger.reserve(goal, ceiling)
        try:
            called = await self._call(self._model, goal, request, on_delta, hold.call)
        except BaseException:
            await self._ledger.settle(hold, ZERO)
            raise
        called.events.extend(self._ledger.settlement(hold, called.answer.usd))
        return called

    async def _call(
        self,
        model: Model,
        goal: str,
        request: ModelRequest,
        on_delta: OnDelta | None,
        call: str = "",
    ) -> Called:
        call = call or self._ids.new()
        began = time.perf_counter()
        try:
            answer = await model.complete(request, on_delta)
        except (ModelUnreachableError, ModelRefusedError) as error:
            refused = isinstance(error, ModelRefusedError)
            outcome: CallOutcome = "refused" if refused else "unreachable"
            failed = _told(model.name, request, call, began, outcome, error=str(error))
            await self._ledger.record([self._event(goal, failed)])
            raise
        told = _told(
            answer.model, request, call, began, "ok", answer=answer, redactor=self._redactor
        )
        return Called(answer=answer, events=[self._event(goal, told)], call=call)

    def _event(self, goal: str, payload: Payload) -> NewEvent:
        return NewEvent(stream=f"goal:{goal}", payload=payload, goal=goal, actor="model")


def _with_reason(request: ModelRequest, reason: str) -> ModelRequest:
    note = ModelMessage(role="system", content=f"{FALLBACK}{reason}")
    return request.model_copy(
        update={"messages": (request.messages[0], note, *request.messages[1:])}
    )


def _told(  # noqa: PLR0913 - one event, field by field
    model: str,
    request: ModelRequest,
    call: str,
    began: float,
    outcome: CallOutcome,
    *,
    error: str = "",
    answer: ModelAnswer | None = None,
    redactor: Redactor | None = None,
) -> ModelCalled:
    usage = answer.usage if answer else None
    return ModelCalled(
        call=call,
        agent=request.agent,
        tier=request.tier,
        model=model,
        tokens_in=usage.tokens_in if usage else 0,
        tokens_out=usage.tokens_out if usage else 0,
        tokens_cached=usage.cached_in if usage else 0,
        usd=answer.usd if answer else Decimal(0),
        latency_ms=round((time.perf_counter() - began) * 1000),
        outcome=outcome,
        error=error,
        prompt=_kept(request.messages, redactor),
        answer=_kept_answer(answer, redactor),
    )


def _kept(messages: Sequence[ModelMessage], redactor: Redactor | None) -> Erasable | None:
    if redactor is None:
        return None
    return Erasable.of([redactor.text(m.content[:PROMPT_LIMIT]) for m in messages])


def _kept_answer(answer: ModelAnswer | None, redactor: Redactor | None) -> Erasable | None:
    if answer is None or redactor is None:
        return None
    calls = [redactor.text(call.arguments) for call in answer.tool_calls]
    return Erasable.of({"text": redactor.text(answer.text), "calls": calls})
