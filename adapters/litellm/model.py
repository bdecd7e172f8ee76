"""Models through litellm: the port `Model` over the network."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from adapters.litellm import loading
from adapters.litellm.failures import may_be_charged, translated
from adapters.litellm.limits import allowed
from adapters.litellm.prices import ceiling, cost, most_tokens
from adapters.litellm.tiers import Target, TierConfig, targets
from adapters.litellm.usage import is_told, received
from adapters.litellm.wire import Gathered, arguments
from adapters.litellm.without_tools import WithoutTools, instead_of_tools
from core.domain.errors import (
    AnswerTooLongError,
    EquerryError,
    ModelRefusedError,
    ModelUnreachableError,
)
from core.ports.model import ModelAnswer, ModelRequest, OnDelta, Tier

_UNREADABLE: Final = 422
"""What litellm makes up for an answer that it cannot read."""
GAP_S: Final = 30.0
"""Some providers hold back the arguments of a call until they are whole: 10 s and more."""


class LiteLlmModel:
    """Calls one model of a tier.

    A tier that is not configured is served by its neighbour. Every call is one request (two where a
    model turns out to have no tools): whether to try again, and with which model, is decided by who
    asks.
    """

    name = "litellm"

    def __init__(
        self, tiers: Mapping[Tier, TierConfig], *, timeout_s: float = 60.0, gap_s: float = GAP_S
    ) -> None:
        """Take the models by tier.

        `timeout_s` bounds a call where the request allows more; `gap_s` bounds the wait for the
        next piece of a streamed answer, once it has begun.
        """
        self._tiers = dict(tiers)
        self._timeout_s, self._gap_s = timeout_s, gap_s
        self._calls = WithoutTools(self._ask)
        self._thinks_first: dict[str, bool] = {}

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return a tier's model and its fallbacks. Raises ModelRefusedError where none is set."""
        return tuple(target.model for target in targets(self._tiers, tier))

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most the call can cost in US dollars.

        Raises ModelRefusedError when the price is unknown, naming the config key.
        """
        return ceiling(self._target(request), request)

    async def prepare(self) -> None:
        """Learn what OpenRouter's models cost, where one is configured."""
        for catalogue in {tier.catalogue for tier in self._tiers.values()}:
            if catalogue is not None:
                await catalogue.load()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Make the call; text is passed on as it arrives."""
        return await self._calls.complete(self._target(request), request, on_delta)

    async def _ask(
        self,
        target: Target,
        request: ModelRequest,
        on_delta: OnDelta | None,
        response_format: dict[str, Any] | None,
    ) -> ModelAnswer:
        litellm = await loading.load_litellm()
        gathered = Gathered(
            request.max_tokens,
            on_delta,
            names=frozenset(tool.name for tool in request.tools),
            thinks_first=self._thinks_first.get(target.name, False),
        )
        given = arguments(request, target, stream=gathered.streams)
        if response_format is not None:
            given = instead_of_tools(given, response_format)
        timeout_s = min(self._timeout_s, request.timeout_s or self._timeout_s)
        with allowed(request.max_tokens, streams=gathered.streams) as allowance:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._gather(litellm, given, (target, request), gathered)
            except EquerryError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a provider's client raises
                if allowance.passed:
                    raise _too_long(target, request) from None
                known = translated(error, target, timeout_s)
                unread = allowance.answered and getattr(error, "status_code", 0) == _UNREADABLE
                told = is_told(allowance.told)
                gathered.told = allowance.told if told else gathered.told
                if isinstance(known, ModelRefusedError) and (gathered.begun or unread or told):
                    # An answer that broke off, whatever its error says of itself.
                    known = ModelUnreachableError(str(known), plain=known.plain)
                raise _failure(error, known, (target, request), gathered) from None
        gathered.end()
        if gathered.text or gathered.said.unopened:
            self._thinks_first[target.name] = gathered.said.unopened
        gathered.told = allowance.told or gathered.told
        usage = gathered.used(request)
        return ModelAnswer(
            text=gathered.text,
            tool_calls=gathered.tool_calls,
            usage=usage,
            usd=cost(target, usage),
            model=target.model,
        )

    async def _gather(
        self,
        litellm: Any,  # noqa: ANN401 - a module without types
        given: Mapping[str, Any],
        asked: tuple[Target, ModelRequest],
        gathered: Gathered,
    ) -> None:
        target, request = asked
        response = await litellm.acompletion(**given)
        if response is None:
            # What litellm gives after a 422 that stays one without the parameters it may drop.
            message = f"The server of the model {target.model!r} could not process the call (422)."
            raise ModelRefusedError(message)
        if not gathered.streams:
            gathered.take(response)
            return
        if not await _streamed(response, gathered, self._gap_s):
            message = (
                f"The model {target.model!r} stopped in the middle of its answer: nothing more "
                f"came for {self._gap_s:g} s."
            )
            # The provider may still be writing: nothing is known of the rest.
            raise _charged(ModelUnreachableError(message, plain=message), target, request, None)
        if not gathered.finished:
            message = f"The answer of the model {target.model!r} broke off."
            raise _charged(ModelUnreachableError(message), target, request, gathered)

    def warm(self) -> None:
        """Begin to load what a first call needs, in the background."""
        loading.warm()

    async def close(self) -> None:
        """Close the connections that litellm keeps; nothing where it was never loaded."""
        await loading.close_clients()

    def _target(self, request: ModelRequest) -> Target:
        found = list(targets(self._tiers, request.tier))
        return next((one for one in found if one.model == request.model), found[0])


def _too_long(target: Target, request: ModelRequest) -> ModelUnreachableError:
    message = (
        f"The server of the model {target.model!r} sent far more than the {request.max_tokens} "
        "tokens that it was asked for: its answer was not read."
    )
    return _charged(AnswerTooLongError(message, plain=message), target, request, None)


def _failure(
    error: Exception,
    known: ModelUnreachableError | ModelRefusedError,
    asked: tuple[Target, ModelRequest],
    gathered: Gathered,
) -> ModelUnreachableError | ModelRefusedError:
    """Return the error with what the call may cost all the same."""
    if isinstance(known, ModelUnreachableError) and may_be_charged(error):
        # After a time-out the provider may still be writing: nothing is known of the answer.
        late = isinstance(error, TimeoutError) or type(error).__name__ == "Timeout"
        return _charged(known, *asked, None if late else gathered)
    return known


def _charged(
    error: ModelUnreachableError, target: Target, request: ModelRequest, gathered: Gathered | None
) -> ModelUnreachableError:
    """Say what a call that broke off may cost: the prompt, and what arrived, or all it allowed."""
    if gathered is None or not (gathered.begun or gathered.told):
        error.tokens = (most_tokens(request), request.max_tokens)
        error.usd = ceiling(target, request)
        return error
    usage = gathered.used(request)
    error.tokens = (usage.tokens_in, usage.tokens_out)
    error.usd = cost(target, usage)
    return error


async def _streamed(response: Any, gathered: Gathered, gap_s: float) -> bool:  # noqa: ANN401 - litellm's stream
    """Take the pieces of a stream until it ends or the answer is full, and close it.

    Returns False where it stopped in the middle without an end. Keep-alives are no pieces. litellm
    makes up a last piece for a stream that simply stops; only what it received from the provider
    says that the answer is whole.
    """
    now = asyncio.get_running_loop().time
    gap = asyncio.timeout(None)
    try:
        async with gap:
            async for chunk in response:
                if gathered.take(chunk) and not gap.expired():
                    gap.reschedule(now() + gap_s)
                if gathered.full:
                    break
    except Exception:
        # What goes wrong behind the end of an answer, a usage that is no number say, is no matter.
        if not _ended(response, gathered) and not gap.expired():
            raise
    finally:
        if close := getattr(response, "aclose", None):
            await close()
    gathered.told = received(response, gathered.told, gathered.size)
    gathered.finished = _ended(response, gathered)
    return gathered.finished or not gap.expired()


def _ended(response: Any, gathered: Gathered) -> bool:  # noqa: ANN401 - litellm's stream
    marks = ("received_finish_reason", "intermittent_finish_reason")
    if any(hasattr(response, mark) for mark in marks):
        return gathered.full or any(getattr(response, mark, None) for mark in marks)
    return gathered.full or gathered.finished
