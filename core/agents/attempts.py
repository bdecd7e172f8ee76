"""One model call with its retries; tenacity decides by the kind of failure.

429, 5xx, time-outs and cut streams are tried again, after the pause the server asked for; a prompt
that is too long is shortened and tried once more; a refused key is not tried again.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from core.agents.call_events import CallRecord, answered, failed
from core.domain.errors import ContextTooLongError, ModelRefusedError, ModelUnreachableError
from core.domain.events import NewEvent
from core.domain.redaction import Redactor
from core.ports.clock import Clock
from core.ports.model import Model, ModelAnswer, ModelMessage, ModelRequest, OnDelta

ATTEMPTS = 3
BACKOFF_S = (0.5, 2.0, 8.0)
LONGEST_PAUSE_S = 30.0
KEPT_SHARE = 0.5

Record = Callable[[list[NewEvent]], Awaitable[None]]


@dataclass(slots=True)
class Attempts:
    """Makes a call, and records every attempt that fails at once."""

    model: Model
    clock: Clock
    redactor: Redactor
    record: Record
    today: Callable[[], str]
    retries: int = ATTEMPTS

    async def run(
        self, call: str, goal: str, request: ModelRequest, on_delta: OnDelta | None
    ) -> tuple[ModelAnswer, NewEvent]:
        """Return the answer with the event that tells of it, not yet appended.

        Raises ModelUnreachableError after the last attempt, ModelRefusedError at once.
        """
        try:
            return await self._retried(call, goal, request, on_delta)
        except ContextTooLongError:
            shorter = shortened(request)
            if shorter is None:
                raise
        return await self._retried(call, goal, shorter, on_delta)

    async def _retried(
        self, call: str, goal: str, request: ModelRequest, on_delta: OnDelta | None
    ) -> tuple[ModelAnswer, NewEvent]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(ModelUnreachableError),
            stop=stop_after_attempt(self.retries),
            wait=_pause,
            sleep=self.clock.sleep,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                number = attempt.retry_state.attempt_number
                return await self._once((call, goal, number), request, on_delta)
        message = "No model answered."
        raise ModelUnreachableError(message)

    async def _once(
        self, which: tuple[str, str, int], request: ModelRequest, on_delta: OnDelta | None
    ) -> tuple[ModelAnswer, NewEvent]:
        call, goal, number = which
        began = time.perf_counter()
        try:
            answer = await self.model.complete(request, on_delta)
        except (ModelUnreachableError, ModelRefusedError) as error:
            record = CallRecord(call, goal, self.today(), self.model.name, number, _since(began))
            await self.record([failed(record, request, error, self.redactor)])
            raise
        record = CallRecord(call, goal, self.today(), answer.model, number, _since(began))
        return answer, answered(record, request, answer, self.redactor)


def shortened(request: ModelRequest) -> ModelRequest | None:
    """Return the request with its longest message cut in half; None when nothing can be cut."""
    index = max(range(len(request.messages)), key=lambda i: len(request.messages[i].content))
    longest = request.messages[index]
    keep = int(len(longest.content) * KEPT_SHARE)
    if keep < 1:
        return None
    cut = f"{longest.content[:keep]}\n[shortened: the prompt was longer than the model takes]"
    messages: list[ModelMessage] = list(request.messages)
    messages[index] = longest.model_copy(update={"content": cut})
    return request.model_copy(update={"messages": tuple(messages)})


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    wished = error.retry_after if isinstance(error, ModelUnreachableError) else None
    if wished is not None:
        return min(wished, LONGEST_PAUSE_S)
    return BACKOFF_S[min(state.attempt_number, len(BACKOFF_S)) - 1]


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
