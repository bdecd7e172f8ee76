"""Models without tool calls, as small local ones are: what they write instead becomes the call.

Offered a tool they answer with a JSON object in their text, or with `a.b(…)`. Where that is a call
of the tool it is taken as one; otherwise the same model is asked once more, its answer held to a
JSON schema, and from then on in that way at once. All of it stays under the price that was reserved
for one call.
"""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final

from adapters.litellm import json_mode
from adapters.litellm.prices import ceiling
from adapters.litellm.shapes.written import has_markup, written_calls
from adapters.litellm.tiers import Target
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.ports.model import ModelAnswer, ModelRequest, OnDelta, ToolCall, Usage

LEAST_TOKENS: Final = 256
"""An answer by schema with less room than this is not asked for."""
_MARKS: Final = ("{", "[{", "`{", "```", "<tool", "<function", "<task", "<plan", "<submit_")
_BEGINS: Final = re.compile(
    r"<(?:tool|function|invoke|minimax:|tasks?\b|plan\b|submit_|[|｜])|\[TOOL_CALLS|\[\w+\("
    r"|```\w*\s*[\[{]|\{\s*\"(?:name|arguments|tool|function|parameters)\"|^Action(?: Input)?:",
    re.MULTILINE,
)
"""Where a call may begin behind words."""
_MAY_BEGIN: Final = re.compile(r"(?:<[^>\s]{0,12}|\[\w{0,30}|```\w*\s*|^Act\w*)$", re.MULTILINE)
_NAME: Final = re.compile(r"`?[A-Za-z_]\w*(?:\.\w*)*|`?\w+(?:\.\w+)*\(.*", re.DOTALL)

Ask = Callable[
    [Target, ModelRequest, OnDelta | None, dict[str, Any] | None], Awaitable[ModelAnswer]
]
"""One request to a target; with a `response_format` it goes without tools."""


class WithoutTools:
    """Makes the calls of one `LiteLlmModel`, and remembers which targets have tools."""

    def __init__(self, ask: Ask) -> None:
        """Take the way to make one request."""
        self._ask = ask
        self._has: set[str] = set()
        self._lacks: set[str] = set()
        self._refuses: set[str] = set()

    async def complete(
        self, target: Target, request: ModelRequest, on_delta: OnDelta | None
    ) -> ModelAnswer:
        """Return the answer; usage and price are those of all requests together.

        Raises what the requests raise.
        """
        if not request.tools:
            return await self._ask(target, request, on_delta, None)
        if _key(target) in self._lacks:
            answer = await self._at_once(target, request, on_delta)
            if answer is not None:
                return answer
        shown = _Held(on_delta)
        answer = await self._ask(target, request, shown.wanted, None)
        if answer.tool_calls:
            self._has.add(_key(target))
        else:
            found = await self._understood(target, request, answer, on_delta)
            found = found or _to_send_back(answer, request)
            if found is not None:
                return found
        shown.release()
        return answer

    async def _understood(
        self, target: Target, request: ModelRequest, first: ModelAnswer, on_delta: OnDelta | None
    ) -> ModelAnswer | None:
        """Return what a text was meant as, None where it is just that."""
        found = json_mode.object_in(first.text) or {}
        call = json_mode.call_in(found, request.tools)
        if calls := (call,) if call else written_calls(first.text, request.tools):
            return first.model_copy(update={"text": "", "tool_calls": calls})
        key, meant = _key(target), _is_meant(first.text, request)
        if key in self._has | self._refuses or not (found or meant):
            return None
        if meant:
            self._lacks.add(key)
            request = _required(request)
        left = ceiling(target, request) - first.usd
        changed = _affordable(target, json_mode.by_schema(request), left)
        if changed is None:
            return None
        return await self._again(target, changed, first, on_delta)

    async def _again(
        self, target: Target, changed: ModelRequest, first: ModelAnswer, on_delta: OnDelta | None
    ) -> ModelAnswer | None:
        """Return the answer by schema with what the first one cost; None where it is refused."""
        key = _key(target)
        try:
            second = await self._by_schema(target, changed, on_delta)
        except ModelUnreachableError as error:
            _add(first, error)
            raise
        except ModelRefusedError:
            self._never(key)
            return None
        if second.tool_calls:
            self._lacks.add(key)
        both = {"usage": _sum(first.usage, second.usage), "usd": first.usd + second.usd}
        return second.model_copy(update=both)

    async def _at_once(
        self, target: Target, request: ModelRequest, on_delta: OnDelta | None
    ) -> ModelAnswer | None:
        """Return the answer by schema; None where there is no room for it or the server refuses."""
        most = ceiling(target, request)
        if request.messages[-1].role == "tool":
            request = _required(request)
        changed = _affordable(target, json_mode.by_schema(request), most)
        if changed is None:
            return None
        try:
            return await self._by_schema(target, changed, on_delta)
        except ModelRefusedError as error:
            if type(error) is not ModelRefusedError:
                raise
            self._never(_key(target))
            return None

    async def _by_schema(
        self, target: Target, request: ModelRequest, on_delta: OnDelta | None
    ) -> ModelAnswer:
        answer = await self._ask(target, request, None, json_mode.response_format(request))
        text, calls = json_mode.read(answer.text, request)
        if text and on_delta is not None:
            on_delta(text)
        return answer.model_copy(update={"text": text, "tool_calls": calls})

    def _never(self, key: str) -> None:
        self._lacks.discard(key)
        self._refuses.add(key)


class _Held:
    """Passes text on as it arrives, but keeps back what may turn out to be a call."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta, self._kept, self._passes = on_delta, "", False

    @property
    def wanted(self) -> OnDelta | None:
        """What pieces are handed to; None where nobody looks."""
        return self._take if self._on_delta is not None else None

    def _take(self, piece: str) -> None:
        self._kept += piece
        begun = self._kept.lstrip()
        marked = any(begun.startswith(mark) or mark.startswith(begun) for mark in _MARKS)
        if self._passes or not (marked or _NAME.fullmatch(begun)):
            self._passes = True
            mark = _BEGINS.search(self._kept) or _MAY_BEGIN.search(self._kept)
            self.release(mark.start() if mark else None)

    def release(self, end: int | None = None) -> None:
        """Pass on what was kept, as far as told."""
        shown, self._kept = self._kept[:end], self._kept[end:] if end is not None else ""
        if shown and self._on_delta is not None:
            self._on_delta(shown)


def _is_meant(text: str, request: ModelRequest) -> bool:
    return json_mode.is_meant_as_call(text, request) or has_markup(text)


def _to_send_back(answer: ModelAnswer, request: ModelRequest) -> ModelAnswer | None:
    """Return a text that was meant as a call as one that does not validate; None for any other.

    Whoever asked sends it back with what is wrong with it, and shows nothing of it.
    """
    if not _is_meant(answer.text, request):
        return None
    name, arguments = json_mode.meant_call(answer.text, request)
    call = ToolCall(id="call-0", name=name, arguments=arguments)
    return answer.model_copy(update={"text": "", "tool_calls": (call,)})


def instead_of_tools(given: dict[str, Any], response_format: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of `acompletion` with a format for the answer in place of tools.

    The likeliest answer is wanted: small models go astray with chance.
    """
    kept = {name: value for name, value in given.items() if name not in {"tools", "tool_choice"}}
    return {**kept, "response_format": response_format, "temperature": 0}


def _affordable(target: Target, request: ModelRequest, left: Decimal) -> ModelRequest | None:
    """Return the request with as many tokens as `left` US dollars allow; None for too few."""
    most = ceiling(target, request)
    if most <= left:
        return request
    prompt = ceiling(target, request.model_copy(update={"max_tokens": 0}))
    each = (most - prompt) / request.max_tokens
    room = int((left - prompt) / each) if each else 0
    if room < min(LEAST_TOKENS, request.max_tokens):
        return None
    return request.model_copy(update={"max_tokens": room})


def _required(request: ModelRequest) -> ModelRequest:
    """Return the request with its only tool required.

    Words after a call that was meant, or sent back, would claim that it was made.
    """
    if len(request.tools) > 1:
        return request
    return request.model_copy(update={"require": request.tools[0].name})


def _add(first: ModelAnswer, error: ModelUnreachableError) -> None:
    """Count what was paid before into what a broken call may cost."""
    tokens_in, tokens_out = error.tokens
    error.usd += first.usd
    error.tokens = (tokens_in + first.usage.tokens_in, tokens_out + first.usage.tokens_out)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        cached_in=one.cached_in + other.cached_in,
        written_in=one.written_in + other.written_in,
    )


def _key(target: Target) -> str:
    return f"{target.name} {target.config.api_base or ''}"
