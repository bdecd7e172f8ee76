"""Models through litellm: the port `Model` over the network."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.litellm.failures import translated
from adapters.litellm.loading import load_litellm
from adapters.litellm.prices import ceiling, cost, most_tokens
from adapters.litellm.tiers import Target, TierConfig, targets
from adapters.litellm.wire import Gathered, arguments
from core.domain.errors import EquerryError, ModelRefusedError, ModelUnreachableError
from core.ports.model import ModelAnswer, ModelRequest, OnDelta, Tier


class LiteLlmModel:
    """Calls the model of a tier, then its fallbacks while none can be reached.

    A tier that is not configured is served by its neighbour. Every call is one request: whether
    to try again is decided by who asks.
    """

    name = "litellm"

    def __init__(self, tiers: Mapping[Tier, TierConfig], *, timeout_s: float = 60.0) -> None:
        """Take the models by tier; `timeout_s` bounds a call where the request allows more."""
        self._tiers = dict(tiers)
        self._timeout_s = timeout_s

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most the call can cost in US dollars, whichever model of the tier answers.

        Raises ModelRefusedError when a price is unknown, naming the config key.
        """
        return max(ceiling(target, request) for target in targets(self._tiers, request.tier))

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Make the call.

        Text is passed on as it arrives; a model that breaks off after that is not replaced by a
        fallback, because its text cannot be taken back.
        """
        shown = _Shown(on_delta)
        unreachable: ModelUnreachableError | None = None
        for target in targets(self._tiers, request.tier):
            try:
                return await self._ask(target, request, shown)
            except ModelUnreachableError as error:
                unreachable = unreachable or error
                if shown.any:
                    break
        raise unreachable or ModelUnreachableError("No model answered.")

    async def close(self) -> None:
        """Close the connections that litellm keeps."""
        litellm = await load_litellm()
        await litellm.close_litellm_async_clients()

    async def _ask(self, target: Target, request: ModelRequest, shown: "_Shown") -> ModelAnswer:
        litellm = await load_litellm()
        timeout_s = min(self._timeout_s, request.timeout_s)
        try:
            async with asyncio.timeout(timeout_s):
                gathered = await _gathered(litellm, target, request, shown)
        except EquerryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a provider's client raises
            raise translated(error, target, timeout_s) from None
        usage = gathered.usage or gathered.estimated(most_tokens(request))
        return ModelAnswer(
            text=gathered.text,
            tool_calls=gathered.tool_calls,
            usage=usage,
            usd=cost(target, usage),
            model=target.model,
        )


class _Shown:
    """Passes text on and knows whether any was."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self.wanted = on_delta is not None
        self.any = False
        self._on_delta = on_delta

    def __call__(self, text: str) -> None:
        self.any = True
        if self._on_delta is not None:
            self._on_delta(text)


async def _gathered(
    litellm: Any,  # noqa: ANN401 - a module without types
    target: Target,
    request: ModelRequest,
    shown: _Shown,
) -> Gathered:
    gathered = Gathered(shown if shown.wanted else None)
    wire = arguments(request, target, stream=shown.wanted)
    response = await litellm.acompletion(**wire)
    if response is None:
        # What litellm gives after a 422 that stays one without the parameters it may drop.
        message = f"The server of the model {target.model!r} could not process the call (422)."
        raise ModelRefusedError(message)
    if not shown.wanted:
        gathered.take(response)
        gathered.finished = True
    else:
        await _streamed(response, gathered)
    if not gathered.finished:
        message = f"The answer of the model {target.model!r} broke off."
        raise ModelUnreachableError(message)
    return gathered


async def _streamed(response: Any, gathered: Gathered) -> None:  # noqa: ANN401 - litellm's stream
    """Take the pieces of a stream, and close it however it ends.

    litellm makes up a last piece for a stream that simply stops; only what it received from the
    provider says that the answer is whole.
    """
    try:
        async for chunk in response:
            gathered.take(chunk)
    finally:
        if close := getattr(response, "aclose", None):
            await close()
    marks = ("received_finish_reason", "intermittent_finish_reason")
    if any(hasattr(response, mark) for mark in marks):
        gathered.finished = any(getattr(response, mark, None) for mark in marks)
