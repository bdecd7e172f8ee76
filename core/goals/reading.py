"""Read-only actions for agents that loop over outside text; every other action is refused."""

import asyncio
from typing import Any

from core.domain.errors import RefusedError
from core.goals.state import GoalState
from core.kernel import Kernel
from core.ports.action import ActionContext, ActionResult


async def read_only(
    kernel: Kernel, state: GoalState, name: str, args: dict[str, Any]
) -> ActionResult:
    """Run an action that reads.

    Raises RefusedError for one whose impact is not none, BadInputError for its arguments.
    """
    action = kernel.actions.get(name)
    typed = kernel.actions.validate(name, args)
    if action.impact(typed) != "none" or action.internal:
        message = f"{name} has an effect: an agent that reads outside text may not use it."
        raise RefusedError(message)
    async with asyncio.timeout(action.timeout_s):
        return await action.run(typed, _context(kernel, state))


def _context(kernel: Kernel, state: GoalState) -> ActionContext:
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
    )
