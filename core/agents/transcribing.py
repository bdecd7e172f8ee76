"""A voice message becomes words: counted, held to the caps and tried again like any model call."""

import hashlib
from decimal import Decimal

from core.agents.attempts import Attempts, Call
from core.agents.circuit import Circuit
from core.agents.shown import Shown
from core.domain.errors import (
    BudgetExceededError,
    ModelRefusedError,
    ModelUnreachableError,
    RefusedError,
)
from core.goals.budgeting import ask_for_budget, spent_no_more, tell_tight
from core.goals.intake import clean
from core.goals.replay import answered_before
from core.goals.state import GoalState
from core.kernel import Kernel
from core.ports.chat_surface import Progress
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, OnDelta, Tier
from core.ports.transcriber import Sound, Transcriber

TRANSCRIBER, TIER = "transcriber", "transcription"
"""The agent and the tier that `/cost` and `/why` show."""
NONE_SET = (
    "Voice messages need a transcription model: set llm.transcription.model in config.yaml "
    "(see config.example.yaml)."
)
NO_WORDS = "No words could be made out in the voice message."
FAILED = "The voice message could not be turned into words: {error}"
ASKED = "{error} Card {card} asks you about it: send the voice message again once it is answered."
EASED = "The voice message was not read: you chose to spend no more here ({card})."


async def transcribe(kernel: Kernel, goal: str, sound: Sound) -> str:
    """Return the words of a recording, cleaned and redacted, for a goal that pays for them.

    What was heard before a crash is taken from the log. Raises RefusedError, in one sentence for
    the owner, where nothing can be heard, and BudgetExceededError when a card was opened: the goal
    waits for it.
    """
    transcriber = kernel.transcriber
    if transcriber is None:
        raise RefusedError(NONE_SET)
    state, request = await kernel.goal(goal), _request(sound)
    answer = await answered_before(kernel, goal, request)
    if answer is None:
        answer = await _heard(kernel, state, request, _Listening(transcriber, sound))
    text = kernel.redactor.text(answer.text)
    if not text:
        raise RefusedError(NO_WORDS)
    return text


async def _heard(
    kernel: Kernel, state: GoalState, request: ModelRequest, model: "_Listening"
) -> ModelAnswer:
    kernel.progress(Progress(state.conversation, state.id, status="listening"))
    try:
        await _may_be_paid(kernel, state, model.ceiling(request))
        return await _called(kernel, state, request, model)
    except BudgetExceededError as error:
        card = await ask_for_budget(kernel, state, error)
        raise RefusedError(ASKED.format(error=error, card=card)) from error
    except (ModelRefusedError, ModelUnreachableError) as error:
        told = kernel.redactor.text(str(error))
        raise RefusedError(FAILED.format(error=told)) from error


async def _may_be_paid(kernel: Kernel, state: GoalState, most: Decimal) -> None:
    """Raise RefusedError where the owner chose to spend no more; what is free may go on."""
    card = await spent_no_more(kernel, state) if most else None
    if card is not None:
        raise RefusedError(EASED.format(card=card))


async def _called(
    kernel: Kernel, state: GoalState, request: ModelRequest, model: "_Listening"
) -> ModelAnswer:
    attempts = Attempts(
        model, kernel.ledger, kernel.clock, kernel.redactor, Circuit(kernel.clock), tier=TIER
    )
    got = await attempts.run(Call(kernel.ids.new(), state.id), request, Shown(None))
    if got.events:
        await kernel.ledger.record(got.events)
    if got.tight:
        await tell_tight(kernel, state, got.tight)
    return got.answer


def _request(sound: Sound) -> ModelRequest:
    """Return the call as events tell it: which recording it was, and nothing of its sender."""
    digest = hashlib.sha256(sound.data).hexdigest()
    told = f"A recording: {sound.seconds:g} s, {len(sound.data)} bytes, SHA-256 {digest}."
    message = ModelMessage(role="user", content=told, stable=True)
    return ModelRequest(agent=TRANSCRIBER, tier="fast", messages=(message,))


class _Listening:
    """A transcriber as a model whose every answer is what it hears in one recording."""

    def __init__(self, transcriber: Transcriber, sound: Sound) -> None:
        self._transcriber, self._sound = transcriber, sound
        self.name = transcriber.name

    def models(self, tier: Tier) -> tuple[str, ...]:
        """Return the one name."""
        return (self.name,)

    def ceiling(self, request: ModelRequest) -> Decimal:
        """Return the most that the recording can cost."""
        return self._transcriber.ceiling(self._sound)

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Hear the recording."""
        heard = await self._transcriber.transcribe(self._sound)
        return ModelAnswer(
            text=clean(heard.text), usage=heard.usage, usd=heard.usd, model=heard.model
        )
