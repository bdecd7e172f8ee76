"""The model port: chat completions with tools."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol

from core.domain.base import Frozen
from core.domain.money import ZERO, Usd

Tier = Literal["fast", "balanced", "deep"]


class ToolSpec(Frozen):
    """A tool offered to the model; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class ToolCall(Frozen):
    """A tool the model wants called; `arguments` is the raw JSON text, not yet validated."""

    id: str
    name: str
    arguments: str


class ModelMessage(Frozen):
    """One chat message. `stable` marks the end of a prefix worth caching at the provider."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    stable: bool = False


class ModelRequest(Frozen):
    """One call. `max_tokens` bounds the answer; `require` forces one of the tools by name.

    `timeout_s` shortens the wait that is configured. `model` is one of `Model.models` of the tier,
    the first where it is empty. `words` is what the owner asked, `stakes` what depends on the
    answer, `chosen` what chose the tier; none of them is sent.
    """

    agent: str
    tier: Tier
    messages: tuple[ModelMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    require: str | None = None
    max_tokens: int = 2048
    timeout_s: float | None = None
    model: str = ""
    chosen: str = ""
    words: str = ""
    stakes: str = ""


class Usage(Frozen):
    """Tokens of one call; `cached_in` is the part of `tokens_in` that the provider had cached.

    `written_in` is the part that it put into its cache, where it charges for that.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cached_in: int = 0
    written_in: int = 0


class ModelAnswer(Frozen):
    """What came back: text, tool calls, or both."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    usd: Usd = ZERO
    model: str
    from_cache: bool = False


OnDelta = Callable[[str], None]


class Model(Protocol):
    """Answers chat completions."""

    name: str

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return the names of the models of a tier: the one asked first, then its fallbacks."""
        ...

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most this call can cost in US dollars.

        Raises ModelRefusedError when the price of the model is unknown.
        """
        ...

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Make the call, once, to one model; text is passed to `on_delta` as it arrives.

        Raises ModelUnreachableError (no answer) or ModelRefusedError (ModelKeyError for the key,
        ContextTooLongError for the prompt, otherwise a request that will never do).
        """
        ...


MessageList = Sequence[ModelMessage]
