"""The short fixed sentences of the Telegram surface."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.chat.safe_text import safe_line
from core.ports.chat_surface import Step

REPEAT = "🔁 This may be a repeat after a restart."
LATE = timedelta(minutes=5)
"""An answer to a message that is older than this says how old it is."""
MOST_LINES = 10
_MOST_CHARACTERS = 80
_MARKS = {"done": "✓", "running": "▸", "waiting": "·", "failed": "✗"}


def late_label(sent_at: datetime, now: datetime) -> str:
    """Return `sent 3 h ago` for a message that waited, nothing for one that hardly did."""
    ago = now - sent_at
    if ago < LATE:
        return ""
    minutes = int(ago / timedelta(minutes=1))
    hours, days = round(minutes / 60), round(minutes / 60 / 24)
    if minutes < 90:  # noqa: PLR2004 - until then hours would hide too much
        return f"sent {minutes} min ago"
    return f"sent {hours} h ago" if hours < 48 else f"sent {days} days ago"  # noqa: PLR2004


def progress_text(steps: Sequence[Step]) -> str:
    """Return the steps of a goal on at most ten lines: the running ones and what is next to them.

    Steps that do not fit are counted, done ones first.
    """
    if len(steps) <= MOST_LINES:
        return "\n".join(_line(step) for step in steps)
    room = MOST_LINES - 2
    now = next((n for n, step in enumerate(steps) if step.state == "running"), _done(steps))
    first = min(max(0, now - 2), len(steps) - room)
    shown, before, after = steps[first : first + room], steps[:first], steps[first + room :]
    lines = [_count(before), *(_line(step) for step in shown), _count(after)]
    return "\n".join(line for line in lines if line)


def _done(steps: Sequence[Step]) -> int:
    return sum(step.state == "done" for step in steps)


def _line(step: Step) -> str:
    note = f" ({step.note})" if step.note else ""
    return f"{_MARKS[step.state]} {safe_line(step.title, _MOST_CHARACTERS)}{note}"


def _count(steps: Sequence[Step]) -> str:
    """Return how many steps are not shown, by state."""
    counts = {state: sum(step.state == state for step in steps) for state in _MARKS}
    parts = [f"{number} {state}" for state, number in counts.items() if number]
    return f"… {', '.join(parts)}" if parts else ""
