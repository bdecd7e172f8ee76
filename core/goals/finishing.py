"""Finishing: the reply of a goal and the events that end it."""

from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.goals import GoalFinished, GoalOutcome
from core.domain.events.messages import MessageQueued, MessageSending, OutboundKind
from core.domain.sources import Taint, merged
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel


class Replies:
    """Makes the events of messages to the owner, and knows which sends this process began.

    The send marker is appended with the message itself: a marker that another process left behind
    means that the message may have been sent.
    """

    def __init__(self, kernel: Kernel) -> None:
        """Remember which sends were begun here."""
        self._kernel = kernel
        self.begun: set[str] = set()

    def message(
        self,
        conversation: str,
        text: str,
        message: str,
        *,
        kind: OutboundKind = "notice",
        state: GoalState | None = None,
    ) -> list[NewEvent]:
        """Return the events that queue a message, with its send marker when a surface is there."""
        stream = f"conversation:{conversation}"
        queued = MessageQueued(
            message=message,
            conversation=conversation,
            kind=kind,
            text=Erasable.of(text),
            reply_to=state.messages[-1] if state and state.messages else None,
            sources=_sources(state),
        )
        goal = state.id if state else None
        events = [NewEvent(stream=stream, payload=queued, goal=goal, key=f"queue:{message}")]
        if self._kernel.surface(conversation) is not None:
            self.begun.add(message)
            sending = MessageSending(message=message, conversation=conversation, attempt=1)
            events.append(NewEvent(stream=stream, payload=sending, goal=goal))
        return events

    def finish(self, state: GoalState, text: str, outcome: GoalOutcome) -> list[NewEvent]:
        """Return the events that end a goal with a reply."""
        message = f"R{state.id}"
        finished = GoalFinished(
            conversation=state.conversation,
            outcome=outcome,
            reply=Erasable.of(text),
            message=message,
        )
        ended = NewEvent(
            stream=f"goal:{state.id}", payload=finished, goal=state.id, key=f"{state.id}:end"
        )
        kind: OutboundKind = "error" if outcome == "failed" else "reply"
        return [
            ended,
            *self.message(state.conversation, text, message, kind=kind, state=state),
        ]


async def finish_goal(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """End a goal whose tasks have all ended, with a reply that says what was done."""
    text, outcome = account(state)
    events = replies.finish(state, text, outcome)
    await kernel.log.append(events, expect={f"goal:{state.id}": state.version})


def account(state: GoalState) -> tuple[str, GoalOutcome]:
    """Return the reply and the outcome: the last assistant's text, or a plain account."""
    tasks = list(state.tasks.values())
    done = [task for task in tasks if task.status == "finished"]
    outcome: GoalOutcome = "done" if len(done) == len(tasks) else "partly" if done else "failed"
    if not done and tasks and all(t.failure in {"rejected", "skipped"} for t in tasks):
        outcome = "rejected"
    last = tasks[-1]
    if last.planned.agent == "assistant" and last.status == "finished":
        lines = [last.said or ""]
        lines += [_failed(task) for task in tasks if task.status == "failed"]
    else:
        lines = [line for task in tasks if (line := _line(task))]
    return "\n".join(lines) or "Done.", outcome


def _line(task: TaskState) -> str:
    if task.status == "failed":
        return _failed(task)
    if task.planned.agent != "executor":
        return ""
    return task.said or ""


def _failed(task: TaskState) -> str:
    what = task.planned.action or task.planned.agent
    words = {
        "rejected": f"Not done ({what}): you rejected it",
        "skipped": f"Not begun ({what})",
        "denied": f"Not allowed ({what})",
        "expired": f"Not done ({what}): the card expired",
    }
    start = words.get(task.failure or "", f"Failed ({what})")
    return f"{start}: {task.error}" if task.error else f"{start}."


def _sources(state: GoalState | None) -> Taint:
    return merged(*(t.output.sources for t in state.tasks.values() if t.output)) if state else ()
