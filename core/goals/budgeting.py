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
from core.domain.events.models import BudgetEased, BudgetRaised
from core.domain.explain import explain
from core.domain.ids import short_id
from core.domain.money import Usd, dollars
from core.goals.finishing import Replies
from core.goals.state import GoalState
from core.kernel import Kernel
from core.ports.model import ModelRequest, OnDelta
from core.projections.cards import question_row

LEAST = Decimal("0.50")
CENT = Decimal("0.01")
MARKER = "budget"
KEY_QUESTION = "model-key"


class BudgetAnswer(Frozen):
    """What the owner may answer: raise the cap by some dollars, or finish without spending more."""

    scope: str
    raise_usd: Usd = Field(gt=0, le=1000)
    then: Literal["raise", "cheaper"] = "raise"


async def call_model(
    kernel: Kernel, state: GoalState, request: ModelRequest, on_delta: OnDelta | None = None
) -> Called:
    """Make a call for a goal, offline where the owner chose to spend no more.

    Raises BudgetExceededError when a card was opened: the goal waits for it.
    """
    eased = await _eased(kernel, state)
    if eased:
        return await kernel.calls.fall_back(state.id, request, f"you chose to save ({eased})")
    try:
        return await kernel.calls.complete(state.id, request, on_delta)
    except BudgetExceededError as error:
        asked = await kernel.rows.get("cards", question_row(f"budget:{error.scope}"))
        if asked is None:
            await _ask(kernel, state, error)
            raise
        reason = f"{error} Card {asked.doc['card']} asks you about it."
    except ModelKeyError as error:
        await _ask_for_key(kernel, state, str(error))
        reason = str(error)
    return await kernel.calls.fall_back(state.id, request, reason, on_delta)


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


async def warn(kernel: Kernel, replies: Replies, state: GoalState, scopes: tuple[str, ...]) -> None:
    """Tell the owner, once per scope, that three quarters of a cap are used."""
    for found in await kernel.ledger.standings(state.id):
        if found.scope in scopes:
            text = (
                f"Three quarters of the budget of this {found.cap} are used: "
                f"{dollars(found.used)} of {dollars(found.limit)}. Cheaper models answer from here."
            )
            message = f"W{found.scope}:{format(found.limit, 'f')}"
            await kernel.log.append(replies.message(state.conversation, text, message))


async def apply_budget(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """Act on the owner's answer to a budget card."""
    card, answer = state.budget_card or "", state.budget_args
    key = f"budget:{card}"
    if state.budget == "stop":
        stopped = GoalStopped(conversation=state.conversation, by="owner", reason="budget")
        event = _event(state, stopped, f"goal:{state.id}", f"{state.id}:end")
        told = replies.message(
            state.conversation, "Stopped: the budget stays as it is.", f"R{state.id}", state=state
        )
        await kernel.log.append([event, *told])
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


async def _eased(kernel: Kernel, state: GoalState) -> str | None:
    scopes = [f"operation:{state.id}"]
    scopes += [found.scope for found in await kernel.ledger.standings(state.id)]
    for scope in scopes if not kernel.calls.offline else ():
        row = await kernel.rows.get("spend", f"eased:{scope}")
        if row is not None:
            return str(row.doc["card"])
    return None


async def _ask(kernel: Kernel, state: GoalState, error: BudgetExceededError) -> None:
    more = max(Decimal(error.asks) * 2, LEAST).quantize(CENT, rounding=ROUND_UP)
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
    card = short_id("C", state.id, error.scope, str(state.last))
    opened = CardOpened(
        card=card,
        kind="budget",
        conversation=state.conversation,
        items=(item,),
        title=item.title,
        why=Erasable.of(f"{error} It was asked for “{state.title}” ({state.id})."),
        route="review",
        questions=(f"budget:{error.scope}",),
    )
    await kernel.log.append([_event(state, opened, f"card:{card}", f"card:{card}")])


def _event(
    state: GoalState,
    payload: CardOpened | GoalStopped | BudgetEased | BudgetRaised,
    stream: str,
    key: str,
) -> NewEvent:
    return NewEvent(stream=stream, payload=payload, goal=state.id, key=key)
