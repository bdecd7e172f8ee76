"""Read-only actions for agents that loop over outside text; every other action is refused."""

import asyncio
from typing import Any

from core.domain.errors import RefusedError, TransientError
from core.domain.events.models import CallOutcome
from core.domain.money import ZERO
from core.gates.budget import Spender
from core.goals.budgeting import spent_no_more
from core.goals.state import GoalState
from core.kernel import Kernel
from core.operations.cleaning import without_secrets
from core.ports.action import Action, ActionContext, ActionResult


def readable(kernel: Kernel) -> tuple[Action[Any], ...]:
    """Return the actions that never do more than read, whatever their arguments."""
    return tuple(action for action in kernel.actions.offered() if action.declared == "none")


async def read_only(
    kernel: Kernel,
    state: GoalState,
    name: str,
    args: dict[str, Any],
    hosts: frozenset[str] | None = None,
    agent: str = "",
) -> ActionResult:
    """Run an action that reads; `hosts` are the only ones it may lead to, None: any.

    Raises RefusedError for one whose impact is not none, BadInputError for its arguments, and
    BudgetExceededError for one that costs money where a cap would be passed.
    """
    action = kernel.actions.get(name)
    typed = kernel.actions.validate(name, args)
    if action not in readable(kernel) or action.impact(typed) != "none":
        message = f"{name} has an effect: an agent that reads outside text may not use it."
        raise RefusedError(message)
    most = action.cost(typed)
    if most and (card := await spent_no_more(kernel, state)) is not None:
        message = f"{name} costs money, and the owner chose to spend no more here ({card})."
        raise RefusedError(message)
    spender = Spender(agent, "action", name)
    hold = await kernel.ledger.reserve(state.id, most, spender)
    outcome: CallOutcome = "unknown"
    usd = most
    try:
        async with asyncio.timeout(action.timeout_s):
            result = await action.run(typed, _context(kernel, state, hosts))
        outcome, usd = "ok", result.usd
    except RefusedError as error:
        outcome, usd = "refused", error.usd or ZERO  # whoever says no does not charge for it
        raise
    except TransientError as error:
        outcome, usd = "unreachable", most if error.usd is None else error.usd
        raise
    finally:
        if most or usd:
            await kernel.ledger.record(kernel.ledger.counted(hold, spender, outcome, usd))
    return without_secrets(result, kernel.redactor)


def _context(kernel: Kernel, state: GoalState, hosts: frozenset[str] | None) -> ActionContext:
    async def emit(_stream: str, _payloads: Any) -> None:  # noqa: ANN401 - never called
        message = "An action that only reads appends nothing."
        raise RefusedError(message)

    async def commit_point() -> None:
        return

    return ActionContext(
        marker="",
        goal=state.id,
        conversation=state.conversation,
        now=kernel.clock.now(),
        timezone=kernel.zone,
        attempt=1,
        emit=emit,
        commit_point=commit_point,
        hosts=hosts,
    )
