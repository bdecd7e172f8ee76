"""Requests and answers as litellm's values."""

import math
from collections.abc import Callable
from typing import Any, Final

from adapters.litellm.tiers import Target
from core.ports.model import ModelMessage, ModelRequest, ToolCall, Usage

_CHARS_PER_TOKEN: Final = 3


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
    """An answer as it comes together from one response or from the pieces of a stream."""

    def __init__(self, on_delta: Callable[[str], None] | None = None) -> None:
        """Pass text on to `on_delta` as it arrives."""
        self.text = ""
        self.finished = False
        self.usage: Usage | None = None
        self._on_delta = on_delta
        self._calls: dict[int, dict[str, str]] = {}

    @property
    def streams(self) -> bool:
        """Whether the answer is wanted piece by piece."""
        return self._on_delta is not None

    @property
    def begun(self) -> bool:
        """Whether any of the answer has arrived."""
        return bool(self.text or self._calls)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls in the order of their index."""
        return tuple(
            ToolCall(
                id=call["id"] or f"call-{index}", name=call["name"], arguments=call["arguments"]
            )
            for index, call in sorted(self._calls.items())
        )

    def take(self, part: Any) -> None:  # noqa: ANN401 - a chunk or a response of litellm
        """Add a chunk of a stream, or a whole response."""
        if usage := getattr(part, "usage", None):
            self.usage = _usage(usage)
        for choice in (part.choices or [])[:1]:
            self.finished = self.finished or bool(choice.finish_reason)
            said = getattr(choice, "delta", None) or getattr(choice, "message", None)
            if said is not None:
                self._say(said)

    def _say(self, said: Any) -> None:  # noqa: ANN401 - a delta or a message of litellm
        if text := getattr(said, "content", None):
            self.text += text
            if self._on_delta is not None:
                self._on_delta(text)
        for place, piece in enumerate(getattr(said, "tool_calls", None) or ()):
            index = getattr(piece, "index", None)
            call = self._calls.setdefault(
                place if index is None else index, {"id": "", "name": "", "arguments": ""}
            )
            call["id"] = call["id"] or piece.id or ""
            call["name"] += piece.function.name or ""
            call["arguments"] += piece.function.arguments or ""

    def estimated(self, most_in: int) -> Usage:
        """Return a usage for a server that tells none: never too low."""
        size = len(self.text) + sum(len(c.name) + len(c.arguments) for c in self.tool_calls)
        return Usage(tokens_in=most_in, tokens_out=math.ceil(size / _CHARS_PER_TOKEN) + 1)


def _usage(usage: Any) -> Usage:  # noqa: ANN401 - litellm's usage
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        tokens_in=usage.prompt_tokens or 0,
        tokens_out=usage.completion_tokens or 0,
        cached_in=getattr(details, "cached_tokens", None) or 0,
        written_in=getattr(details, "cache_creation_tokens", None) or 0,
    )
