"""Closing tasks that come to nothing, and those whose question was answered elsewhere."""

from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.goals import TaskFailed, TaskFinished
from core.domain.sources import merged
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.outcome import closing, wakes

UNTOLD = "{goal}, which asked for it, ended before it was known to be done"


async def close_task(kernel: Kernel, state: GoalState, task: TaskState) -> None:
    """End a task that the owner rejected, whose card expired, or whose needs failed."""
    if task.status == "rejected":
        events = closing(state, task, task.reason or "", "rejected")
    elif task.status == "expired":
        events = closing(state, task, task.reason or "", "expired")
    else:
        failed = [need.planned.id for need in state.needs(task) if need.status == "failed"]
        events = closing(state, task, f"{', '.join(failed)} did not succeed", "skipped")
    woken = await wakes(kernel, state, task, events)
    await kernel.log.append([*events, *woken])


async def follow_joined(kernel: Kernel, state: GoalState) -> bool:
    """Give tasks that joined another's question its outcome; return whether any had one."""
    followed = False
    for task in state.tasks.values():
        if task.status != "joined" or task.primary is None:
            continue
        goal, _, name = task.primary.partition("/")
        leading = state if goal == state.id else await kernel.goal(goal)
        leader = leading.tasks.get(name)
        if leader is not None and (leader.ended or leading.ended):
            await kernel.log.append([_copied(state, task, leader, goal)])
            followed = True
    return followed


def _copied(state: GoalState, task: TaskState, leader: TaskState, goal: str) -> NewEvent:
    payload: TaskFinished | TaskFailed
    if leader.output is not None:
        payload = TaskFinished(
            task=task.planned.id,
            agent=task.planned.agent,
            output=Erasable.of(leader.output.value),
            said=Erasable.of(f"{leader.said or 'Done.'} (asked once, with {goal})"),
            sources=merged(leader.output.sources, state.given(task)),
            private=merged(leader.output.private, state.private(task)),
        )
    else:
        payload = TaskFailed(
            task=task.planned.id,
            agent=task.planned.agent,
            error=Erasable.of(leader.error or UNTOLD.format(goal=goal)),
            kind="rejected" if leader.failure == "rejected" else "failed",
            sources=merged(leader.error_sources, state.given(task)),
        )
    return NewEvent(
        stream=f"goal:{state.id}",
        payload=payload,
        goal=state.id,
        actor="executor",
        key=f"{state.id}:{task.planned.id}:end",
    )
