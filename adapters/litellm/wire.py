"""Requests and answers as litellm's values."""

from collections.abc import Callable
from typing import Any

from adapters.litellm.limits import CHARS_PER_TOKEN
from adapters.litellm.prices import least_tokens, most_tokens
from adapters.litellm.shapes.calls import CallPieces
from adapters.litellm.shapes.thoughts import Said
from adapters.litellm.tiers import Target
from adapters.litellm.usage import checked, estimated
from core.ports.model import ModelMessage, ModelRequest, ToolCall, Usage


def arguments(request: ModelRequest, target: Target, *, stream: bool) -> dict[str, Any]:
    """Return the arguments of `acompletion`; retries are ours to decide, never litellm's."""
    kept: dict[str, Any] = {
        "model": target.name,
        "messages": [_message(message, target) for message in request.messages],
        "max_tokens": request.max_tokens,
        "api_base": target.config.api_base,
        "api_key": target.key,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": True,
    }
    if request.tools:
        kept["tools"] = [
            {"type": "function", "function": tool.model_dump()} for tool in request.tools
        ]
        kept["tool_choice"] = _choice(request)
    if stream:
        kept |= {"stream": True, "stream_options": {"include_usage": True}}
    return {name: value for name, value in kept.items() if value is not None}


def _choice(request: ModelRequest) -> object:
    if request.require is None:
        return "auto"
    return {"type": "function", "function": {"name": request.require}}


def _message(message: ModelMessage, target: Target) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.stable and target.marks_cache:
        # All up to here is the same for every call: the provider keeps it for the next one.
        mark = {"cache_control": {"type": "ephemeral"}}
        wire["content"] = [{"type": "text", "text": message.content, **mark}]
    if message.tool_calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    return wire


class Gathered:
    """An answer as it comes together from one response or from the pieces of a stream.

    It is cut at `max_tokens` here, whatever its server keeps to; what was cut off is not kept.
    Thoughts are counted, and go nowhere.
    """

    def __init__(
        self,
        max_tokens: int,
        on_delta: Callable[[str], None] | None = None,
        *,
        names: frozenset[str] = frozenset(),
        thinks_first: bool = False,
    ) -> None:
        """Pass text on to `on_delta` as it arrives; `names` are those of the tools on offer."""
        self.finished = False
        self.told: Any = None
        """The usage that its server told, unchecked."""
        self._max_tokens = max_tokens
        self._room = max_tokens * CHARS_PER_TOKEN
        self._on_delta = on_delta
        self.said = Said(thinks_first=thinks_first)
        """The text, without thoughts."""
        self._calls = CallPieces(names)
        self.size = 0
        """The characters of what arrived, as far as there was room for them."""

    @property
    def text(self) -> str:
        """The text so far."""
        return self.said.text

    @property
    def streams(self) -> bool:
        """Whether the answer is wanted piece by piece."""
        return self._on_delta is not None

    @property
    def begun(self) -> bool:
        """Whether any of the answer has arrived."""
        return bool(self.said.text or self._calls)

    @property
    def full(self) -> bool:
        """Whether it is as long as an answer of so many tokens can be."""
        return self.size >= self._room

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls in the order in which they began."""
        return self._calls.calls()

    def take(self, part: Any) -> bool:  # noqa: ANN401 - a chunk or a response of litellm
        """Add a chunk of a stream, or a whole response; return whether it had any of the answer."""
        before = self.size
        self.told = getattr(part, "usage", None) or self.told
        for choice in (part.choices or [])[:1]:
            self.finished = self.finished or bool(choice.finish_reason)
            said = getattr(choice, "delta", None) or getattr(choice, "message", None)
            if said is not None:
                self._say(said)
        return self.size > before

    def _say(self, said: Any) -> None:  # noqa: ANN401 - a delta or a message of litellm
        self._fitting(getattr(said, "reasoning_content", None))
        if text := self._fitting(getattr(said, "content", None)):
            self._show(self.said.take(text))
        for place, piece in enumerate(getattr(said, "tool_calls", None) or ()):
            if self.full:
                return
            index = getattr(piece, "index", None)
            self._call(index if self.streams and isinstance(index, int) else place, piece)

    def _call(self, key: int, piece: Any) -> None:  # noqa: ANN401 - as above
        call_id, name = piece.id or "", piece.function.name or ""
        if self._calls.is_new(key, call_id, name, piece.function.arguments or ""):
            self.size += CHARS_PER_TOKEN  # an empty one is no less than a token
        given = [self._fitting(text) for text in (call_id, name, piece.function.arguments)]
        self._calls.take(key, *given)

    def end(self) -> None:
        """Take the text as whole: no more of it comes."""
        self._show(self.said.end())

    def _show(self, text: str) -> None:
        if text and self._on_delta is not None:
            self._on_delta(text)

    def _fitting(self, text: str | None) -> str:
        """Return as much of a text as there is room for, and count it."""
        fitting = (text or "")[: max(0, self._room - self.size)]
        self.size += len(fitting)
        return fitting

    def used(self, request: ModelRequest) -> Usage:
        """Return what the call used, never too low: as its server told, checked, or estimated."""
        guess = estimated(most_tokens(request), self.size, self._max_tokens)
        if self.told is None:
            return guess
        return checked(self.told, guess, self.size, least_tokens(request))
