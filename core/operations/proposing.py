"""A goal of one task that the owner is asked about, begun by Equerry and not by a message."""

from dataclasses import dataclass
from typing import Any

from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.goals import GoalOrigin, GoalStarted, PlanProposed
from core.domain.plan import Plan, PlannedTask
from core.domain.sources import Taint
from core.kernel import Kernel
from core.telemetry.restored import name_goal


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: an action with arguments, under a title; `mark` ends the goal's id."""

    origin: GoalOrigin
    title: str
    action: str
    args: dict[str, Any]
    mark: str
    sources: Taint = ()


async def propose(
    kernel: Kernel, conversation: str, proposal: Proposal, by: str, key: str | None = None
) -> str:
    """Start the goal and return its id; asking again under the same `key` starts nothing."""
    task = PlannedTask(
        id="t1",
        agent="executor",
        input={"action": proposal.action, "args": proposal.args},
        confidence=1,
    )
    plan = Plan(title=proposal.title, tasks=(task,))
    position, _ = await kernel.log.head()
    goal = f"{await name_goal(kernel.rows, position + 1)}{proposal.mark}"
    stream = f"goal:{goal}"
    started = GoalStarted(
        conversation=conversation,
        origin=proposal.origin,
        title=Erasable.of(proposal.title),
        sources=proposal.sources,
        by=by,
    )
    proposed = PlanProposed(
        revision=1,
        plan=Erasable.of(plan.model_dump(mode="json")),
        agent="owner",
        sources=proposal.sources,
    )
    events = [
        NewEvent(stream=stream, payload=started, goal=goal, actor=by, key=key),
        NewEvent(stream=stream, payload=proposed, goal=goal, actor=by),
    ]
    await kernel.log.append(events, expect={stream: 0})
    return goal
