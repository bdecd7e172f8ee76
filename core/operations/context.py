"""What an action is handed: its marker, the time, and ways to leave a trace."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    trace = _Trace(kernel, state.id, task.marker, attempt)
    return ActionContext(
        marker=task.marker,
        goal=state.id,
        conversation=state.conversation,
        now=kernel.clock.now(),
        timezone=kernel.zone,
        attempt=attempt,
        emit=trace.emit,
        commit_point=trace.commit_point,
        sources=content_taint(state, task),
    )


@dataclass(frozen=True, slots=True)
class _Trace:
    """The events that one attempt leaves, keyed by its marker."""

    kernel: Kernel
    goal: str
    marker: str
    attempt: int

    async def emit(self, stream: str, payloads: Sequence[Payload]) -> None:
        """Append events of the owner's data, once per marker."""
        key = f"emit:{self.marker}:{stream}"
        events = [
            self._event(stream, payload, f"{key}:{number}")
            for number, payload in enumerate(payloads)
        ]
        await self.kernel.log.append(events)

    async def commit_point(self) -> None:
        """Append the point of no return."""
        payload = OperationCommitting(marker=self.marker, attempt=self.attempt)
        key = f"commit:{self.marker}:{self.attempt}"
        await self.kernel.log.append([self._event(f"goal:{self.goal}", payload, key)])

    def _event(self, stream: str, payload: Payload, key: str) -> NewEvent:
        return NewEvent(stream=stream, payload=payload, goal=self.goal, actor="executor", key=key)


def content_taint(state: GoalState, task: TaskState) -> Taint:
    """Return the outside sources that the operation's arguments are derived from."""
    return task.ruling.sources if task.ruling else merged(state.plan_sources)
