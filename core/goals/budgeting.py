"""When money runs out: the goal waits for raise, finish cheaper, or stop; talk goes on offline."""

from decimal import ROUND_UP, Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError

from core.agents.calls import Called
from core.domain.base import Frozen
from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, BudgetExceededError, ModelKeyError
from core.domain.events import NewEvent
from core.domain.events.gates import CardOpened
from core.domain.events.goals import GoalStopped
from core.domain.events.messages import MessageQueued
from core.domain.events.models import BudgetEased, BudgetRaised
from core.domain.explain import explain
from core.domain.ids import short_id
from core.domain.money import Usd, dollars
from core.goals.asked import who_asked
from core.goals.finishing import Replies
from core.goals.state import GoalState
from core.goals.steps import open_cards
from core.goals.stop import stopped_reason, withdrawn, woken
from core.kernel import Kernel
from core.ports.model import ModelRequest, OnDelta
from core.projections.cards import question_row
from core.projections.spend import scopes as scopes_of

LEAST = Decimal("0.50")
CENT = Decimal("0.01")
MOST_USD = 10**12
"""Above what any usage that a provider tells can come to: past each of them there is a way on."""
MARKER = "budget"
KEY_QUESTION = "model-key"


class BudgetAnswer(Frozen):
    """What the owner may answer: raise the cap by some dollars, or finish without spending more."""

    scope: str
    raise_usd: Usd = Field(gt=0, le=MOST_USD)
    then: Literal["raise", "cheaper"] = "raise"


async def call_model(
    kernel: Kernel, state: GoalState, request: ModelRequest, on_delta: OnDelta | None = None
) -> Called:
    """Make a call for a goal, offline where the owner chose to spend no more.

    The owner is told, once a goal, where the offline model answered for another reason, and once a
    scope that three quarters of a budget are used. Raises BudgetExceededError when a card was
    opened: the goal waits for it.
    """
    card = None if kernel.calls.offline else await spent_no_more(kernel, state)
    if card is not None:
        reason = f"You chose to spend no more here ({card})."
        return await kernel.calls.fall_back(state.id, request, reason, on_delta)
    called = await _called(kernel, state, request, on_delta)
    if called.fallback and called.fallback not in called.answer.text:
        told = f"{called.fallback} The offline model answers instead."
        await _tell(kernel, state, told, f"F{state.id}")
    if called.tight:
        await tell_tight(kernel, state, called.tight)
    return called


async def _called(
    kernel: Kernel, state: GoalState, request: ModelRequest, on_delta: OnDelta | None
) -> Called:
    try:
        return await kernel.calls.complete(state.id, request, on_delta)
    except BudgetExceededError as error:
        card = await ask_for_budget(kernel, state, error)
        reason = f"{error} Card {card} asks you about it."
    except ModelKeyError as error:
        await _ask_for_key(kernel, state, str(error))
        reason = str(error)
    return await kernel.calls.fall_back(state.id, request, reason, on_delta)


async def ask_for_budget(kernel: Kernel, state: GoalState, error: BudgetExceededError) -> str:
    """Return the card of another goal that asks the same already.

    Where there is none, or it is this goal's own, the goal waits: raises `error` again.
    """
    async with kernel.ledger.asking:
        asked = await kernel.rows.get("cards", question_row(f"budget:{error.scope}"))
        if asked is not None and asked.doc["goal"] != state.id:
            return str(asked.doc["card"])
        if asked is None and (await kernel.goal(state.id)).budget is None:
            await _ask(kernel, state, error)
    raise error


async def _ask_for_key(kernel: Kernel, state: GoalState, error: str) -> None:
    """Open one card about a key that does not work; it stays the only one until it is answered."""
    if await kernel.rows.get("cards", question_row(KEY_QUESTION)) is not None:
        return
    opened = CardOpened(
        card=short_id("C", state.id, KEY_QUESTION),
        kind="notice",
        conversation=state.conversation,
        items=(),
        title=Erasable.of("The model's key does not work"),
        why=Erasable.of(f"{error} Until then the offline model answers. Accept once it is set."),
        route="review",
        questions=(KEY_QUESTION,),
    )
    await kernel.log.append([_event(state, opened, f"card:{opened.card}", f"card:{opened.card}")])


async def tell_tight(kernel: Kernel, state: GoalState, scopes: tuple[str, ...]) -> None:
    """Tell of the scopes that are short also now that the call is settled."""
    for found in await kernel.ledger.standings(state.id):
        if found.scope in scopes and found.tight:
            text = (
                f"Three quarters of the budget of this {found.cap} are used: "
                f"{dollars(found.used)} of {dollars(found.limit)}. Cheaper models answer from here."
            )
            await _tell(kernel, state, text, f"W{found.scope}:{format(found.limit, 'f')}")


async def _tell(kernel: Kernel, state: GoalState, text: str, message: str) -> None:
    """Queue a notice, once; it goes out with what is due next."""
    queued = MessageQueued(
        message=message,
        conversation=state.conversation,
        kind="notice",
        text=Erasable.of(kernel.redactor.text(text)),
    )
    stream = f"conversation:{state.conversation}"
    await kernel.log.append([_event(state, queued, stream, f"queue:{message}")])


async def apply_budget(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """Act on the owner's answer to a budget card."""
    card, answer = state.budget_card or "", state.budget_args
    key = f"budget:{card}"
    if state.budget == "stop":
        stopped = GoalStopped(conversation=state.conversation, by="owner", reason="budget")
        events = [_event(state, stopped, f"goal:{state.id}", f"{state.id}:end")]
        expect: dict[str, int] = {}
        for other in open_cards(state):
            events += await withdrawn(kernel, state, other, stopped_reason(state), expect)
        events += await woken(kernel, state, f"{state.id} was stopped")
        events += replies.message(
            state.conversation, "Stopped: the budget stays as it is.", f"R{state.id}", state=state
        )
        await kernel.log.append(events, expect=expect)
        return
    scope = answer["scope"]
    if state.budget == "cheaper":
        eased = BudgetEased(card=card, scope=scope)
        await kernel.log.append([_event(state, eased, "budget", key)])
        return
    raised = BudgetRaised(card=card, scope=scope, usd=Decimal(answer["raise_usd"]))
    await kernel.log.append([_event(state, raised, "budget", key)])


def check_answer(args: dict[str, Any]) -> dict[str, Any]:
    """Return an edited answer to a budget card. Raises BadInputError for one that is not valid."""
    try:
        return BudgetAnswer.model_validate(args).model_dump(mode="json")
    except ValidationError as error:
        message = f"The answer does not fit: {explain(error)}."
        raise BadInputError(message) from error


async def spent_no_more(kernel: Kernel, state: GoalState) -> str | None:
    """Return the card by which the owner chose to spend no more in a scope of this goal."""
    day = kernel.ledger.today()
    for scope in sorted({*scopes_of(state.id, day, day[:7]), f"operation:{state.id}"}):
        if (row := await kernel.rows.get("spend", f"eased:{scope}")) is not None:
            return str(row.doc["card"])
    return None


async def _ask(kernel: Kernel, state: GoalState, error: BudgetExceededError) -> None:
    more = max(error.asks * 2, LEAST).quantize(CENT, rounding=ROUND_UP)
    answer = BudgetAnswer(scope=error.scope, raise_usd=more)
    ruling = Ruling(
        route="review",
        rule="budget",
        reasons=(str(error),),
        impact="high",
        confidence=Confidence(claimed=1, earned=1),
    )
    item = CardItem(
        marker=MARKER,
        task="",
        action=MARKER,
        args=Erasable.of(answer.model_dump(mode="json")),
        title=Erasable.of(f"Raise the budget of this {error.cap} by {dollars(more)}"),
        body=Erasable.of("accept: raise · edit then=cheaper: finish cheaper · reject: stop"),
        ruling=ruling,
        editable=("raise_usd", "then"),
    )
    card = short_id("C", state.id, error.scope, format(error.limit, "f"))
    opened = CardOpened(
        card=card,
        kind="budget",
        conversation=state.conversation,
        items=(item,),
        title=item.title,
        why=Erasable.of(f"{error} It is for this: {who_asked(state)}"),
        route="review",
        questions=(f"budget:{error.scope}",),
    )
    await kernel.log.append([_event(state, opened, f"card:{card}", f"card:{card}")])


def _event(
    state: GoalState,
    payload: CardOpened | GoalStopped | BudgetEased | BudgetRaised | MessageQueued,
    stream: str,
    key: str,
) -> NewEvent:
    return NewEvent(stream=stream, payload=payload, goal=state.id, key=key)
