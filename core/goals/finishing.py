"""Finishing: the reply of a goal and the events that end it."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.domain.choices import Choice, stored_choices
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.goals import GoalFinished, GoalOutcome
from core.domain.events.messages import MessageQueued, MessageSending, OutboundKind
from core.domain.sources import Taint, merged
from core.goals.known_addresses import without_unknown
from core.goals.state import GoalState, TaskState
from core.goals.stop import withdrawn
from core.goals.unclear_times import reading_choices, unclear
from core.kernel import Kernel


class Replies:
    """Makes the events of messages to the owner, and knows which sends this process began.

    The send marker is appended with the message itself and names this process as its `worker`: a
    marker that another process left behind means that the message may have been sent.
    """

    def __init__(self, kernel: Kernel) -> None:
        """Take a name that no other process has; `doubted` are own sends without an outcome."""
        self._kernel = kernel
        self.worker = kernel.ids.new()
        self.doubted: set[str] = set()

    def message(
        self,
        conversation: str,
        text: str,
        message: str,
        *,
        kind: OutboundKind = "notice",
        state: GoalState | None = None,
        sources: Taint = (),
        choices: Sequence[Choice] = (),
    ) -> list[NewEvent]:
        """Return the events that queue a message, with its send marker when a surface is there.

        `sources` are those of its text beside what the goal `state` read outside, `choices` may be
        tapped below it.
        """
        queued = self._queued(
            conversation, text, message, kind=kind, state=state, sources=sources, choices=choices
        )
        return self._sent(queued, state.id if state else None)

    def _queued(
        self,
        conversation: str,
        text: str,
        message: str,
        *,
        kind: OutboundKind,
        state: GoalState | None,
        sources: Taint,
        choices: Sequence[Choice] = (),
    ) -> MessageQueued:
        heard = merged(sources, state.touched()) if state else sources
        if state is not None and heard:
            text = without_unknown(self._kernel, state, text)
        return MessageQueued(
            message=message,
            conversation=conversation,
            kind=kind,
            text=Erasable.of(self._kernel.redactor.text(text)),
            reply_to=state.messages[-1] if state and state.messages else None,
            sources=heard,
            choices=Erasable.of(stored_choices(choices)) if choices else None,
        )

    def _sent(self, queued: MessageQueued, goal: str | None) -> list[NewEvent]:
        """Return the events that queue a message, and mark it as being sent."""
        conversation, message = queued.conversation, queued.message
        stream = f"conversation:{conversation}"
        events = [NewEvent(stream=stream, payload=queued, goal=goal, key=f"queue:{message}")]
        if self._kernel.surface(conversation) is not None:
            sending = MessageSending(
                message=message, conversation=conversation, attempt=1, worker=self.worker
            )
            events.append(NewEvent(stream=stream, payload=sending, goal=goal))
        return events

    def finish(
        self,
        state: GoalState,
        text: str,
        outcome: GoalOutcome,
        sources: Taint = (),
        choices: Sequence[Choice] = (),
    ) -> list[NewEvent]:
        """Return the events that end a goal with a reply; `sources`, `choices` as in `message`."""
        kind: OutboundKind = "error" if outcome == "failed" else "reply"
        queued = self._queued(
            state.conversation,
            text,
            f"R{state.id}",
            kind=kind,
            state=state,
            sources=sources,
            choices=choices,
        )
        finished = GoalFinished(
            conversation=state.conversation,
            outcome=outcome,
            reply=queued.text,
            message=queued.message,
        )
        ended = NewEvent(
            stream=f"goal:{state.id}", payload=finished, goal=state.id, key=f"{state.id}:end"
        )
        return [ended, *self._sent(queued, state.id)]


async def finish_goal(
    kernel: Kernel,
    replies: Replies,
    state: GoalState,
    said: str = "",
    before: Sequence[NewEvent] = (),
) -> None:
    """End a goal whose tasks have all ended, with a reply that says what was done.

    `said` are the planner's words to it, `before` events that belong in front.
    """
    questions = await asyncio.to_thread(unclear, kernel, state)
    text, outcome = account(state, {name: str(error) for name, error in questions.items()})
    text = f"{said}\n{text}" if said else text
    expect = {f"goal:{state.id}": state.version}
    moot: list[NewEvent] = []
    for card in dict.fromkeys(task.card for task in state.tasks.values() if task.card):
        moot += await withdrawn(kernel, state, card, "it was settled meanwhile", expect)
    ended = replies.finish(state, text, outcome, choices=reading_choices(kernel, state, questions))
    await kernel.log.append([*before, *ended, *moot], expect=expect)


def account(
    state: GoalState, questions: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, GoalOutcome]:
    """Return the reply and the outcome: the last assistant's text, or a plain account.

    `questions` are what tasks ended with that wait for a word of the owner's, by their names.
    """
    tasks = [task for task in state.tasks.values() if not task.superseded]
    done = [task for task in tasks if task.status == "finished"]
    outcome: GoalOutcome = "done" if len(done) == len(tasks) else "partly" if done else "failed"
    if not done and tasks and all(t.failure in {"rejected", "skipped"} for t in tasks):
        outcome = "rejected"
    if not done and tasks and all(task.planned.id in questions for task in tasks):
        outcome = "answered"
    last = tasks[-1]
    if last.planned.agent == "assistant" and last.status == "finished":
        lines = [last.said or ""]
        lines += [
            questions.get(task.planned.id) or _failed(task)
            for task in tasks
            if task.status == "failed"
        ]
    else:
        used = frozenset(need for task in tasks for need in task.planned.all_needs())
        said = (questions.get(task.planned.id) or _line(task, used) for task in tasks)
        lines = [line for line in said if line]
    return "\n".join(lines) or "Done.", outcome


def _line(task: TaskState, used: frozenset[str]) -> str:
    if task.status == "failed":
        return _failed(task)
    if task.planned.agent != "executor" and task.planned.id in used:
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
