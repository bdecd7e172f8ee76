"""A model that answers as it was told: for tests, demos and benchmarks."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from core.domain.errors import BugError, EquerryError
from core.domain.money import ZERO
from core.ports.model import ModelAnswer, ModelRequest, OnDelta, Tier, ToolCall

Scripted = ModelAnswer | EquerryError | str
Answerer = Callable[[ModelRequest], Scripted]


def called(tool: str, arguments: dict[str, Any] | str, usd: Decimal = ZERO) -> ModelAnswer:
    """Return an answer that calls one tool; a string is taken as it is, valid JSON or not."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    calls = (ToolCall(id="call-1", name=tool, arguments=text),)
    return ModelAnswer(tool_calls=calls, usd=usd, model=ScriptedModel.name)


class ScriptedModel:
    """Gives its answers in order, or what a function makes of each request, and keeps the requests.

    An answer may be a text, a whole ModelAnswer, an error to raise, or what a function makes of
    that one request. A call with no answer left raises BugError: a test forgot one.
    """

    name = "scripted"

    def __init__(
        self, answers: Iterable[Scripted | Answerer] | Answerer = (), *, most: Decimal = ZERO
    ) -> None:
        """Take the answers; `most` is the ceiling in US dollars of every call."""
        self.requests: list[ModelRequest] = []
        self.names: tuple[str, ...] = (self.name,)
        self._most = most
        self._function = answers if callable(answers) else None
        self._queue: deque[Scripted | Answerer] = deque(() if callable(answers) else answers)

    def then(self, *answers: Scripted | Answerer) -> None:
        """Queue more answers."""
        self._queue.extend(answers)

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return its own name, or those it was given."""
        return self.names

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return what was given as the most."""
        return self._most

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Give the next answer; its text goes to `on_delta` word by word."""
        self.requests.append(request)
        answer = self._next(request)
        if isinstance(answer, EquerryError):
            raise answer
        if isinstance(answer, str):
            answer = ModelAnswer(text=answer, model=self.name)
        if on_delta is not None:
            for word in re.findall(r"\S+\s*|\s+", answer.text):
                on_delta(word)
        return answer

    def _next(self, request: ModelRequest) -> Scripted:
        if self._queue:
            answer = self._queue.popleft()
            return answer(request) if callable(answer) else answer
        if self._function is not None:
            return self._function(request)
        message = f"The scripted model has no answer left for call {len(self.requests)}."
        raise BugError(message)
