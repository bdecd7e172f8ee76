"""What an action is handed: its marker, the time, and ways to leave a trace."""

from collections.abc import Sequence

from core.domain.events import NewEvent, Payload
from core.domain.events.operations import OperationCommitting
from core.domain.sources import Taint, merged
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.ports.action import ActionContext


def action_context(
    kernel: Kernel, state: GoalState, task: TaskState, attempt: int = 0
) -> ActionContext:
    """Return the context of one attempt; attempt 0 is for checks and previews."""
    marker = task.marker

    async def emit(stream: str, payloads: Sequence[Payload]) -> None:
        events = [
            NewEvent(
                stream=stream,
                payload=payload,
                goal=state.id,
                actor="executor",
                key=f"emit:{marker}:{stream}:{number}",
            )
            for number, payload in enumerate(payloads)
        ]
        await kernel.log.append(events)

    async def commit_point() -> None:
        payload = OperationCommitting(marker=marker, attempt=attempt)
        event = NewEvent(
            stream=f"goal:{state.id}",
            payload=payload,
            goal=state.id,
            actor="executor",
            key=f"commit:{marker}:{attempt}",
        )
        await kernel.log.append([event])

    return ActionContext(
        marker=marker,
        goal=state.id,
        conversation=state.conversation,
        now=kernel.clock.now(),
        timezone=kernel.zone,
        attempt=attempt,
        emit=emit,
        commit_point=commit_point,
        sources=content_taint(state, task),
    )


def content_taint(state: GoalState, task: TaskState) -> Taint:
    """Return the outside sources that the operation's arguments are derived from."""
    return task.ruling.sources if task.ruling else merged(state.plan_sources)
