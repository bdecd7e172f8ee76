"""A message without words: what came with it is told, and the owner is asked what to do with it."""

from collections.abc import Sequence

from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued
from core.goals.state import GoalState
from core.kernel import Kernel
from core.memory.at_hand import file_source, kind_of
from core.ports.read_models import Row

SENT = "(I sent this without words: see what came with this message.)"
"""Stands for the owner's words in a prompt."""


def told(files: Sequence[Row]) -> str:
    """Return what to say of files that came without a word, where no model is asked."""
    lines = [_line(row) for row in files]
    if any(row.state == "read" for row in files):
        lines.append("Say what I shall do with it." if len(files) == 1 else "Say what to do.")
    return "\n".join(lines)


def _line(row: Row) -> str:
    what, size = kind_of(row), int(row.doc["characters"])
    if row.state != "read":
        return str(row.doc["error"])
    if size:
        return f"I have read {what} of {size:,} characters ({row.key})."
    return f"I keep {what} ({row.key}); there is no text in it that I can read."


def problems(state: GoalState, files: Sequence[Row], kernel: Kernel) -> list[NewEvent]:
    """Return the messages that tell what of the files could not be read, each once."""
    events = []
    for row in files:
        text = row.doc["error"] or row.doc["note"]
        if text:
            message = f"N{row.key}"
            queued = MessageQueued(
                message=message,
                conversation=state.conversation,
                kind="notice",
                text=Erasable.of(kernel.redactor.text(text)),
                sources=(file_source(row),),
            )
            stream = f"conversation:{state.conversation}"
            event = NewEvent(stream=stream, payload=queued, goal=state.id, key=f"queue:{message}")
            events.append(event)
    return events
