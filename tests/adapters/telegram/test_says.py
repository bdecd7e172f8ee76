from datetime import UTC, datetime, timedelta

import pytest

from adapters.telegram.says import late_label, progress_text
from core.ports.chat_surface import Step, StepState

NOW = datetime(2026, 11, 23, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "label"),
    [
        (-3, ""),
        (0, ""),
        (4.9, ""),
        (5, "sent 5 min ago"),
        (89, "sent 89 min ago"),
        (90, "sent 2 h ago"),
        (180, "sent 3 h ago"),
        (47 * 60, "sent 47 h ago"),
        (48 * 60, "sent 2 days ago"),
        (10 * 24 * 60, "sent 10 days ago"),
    ],
)
def test_late_messages_say_how_late(minutes: float, label: str) -> None:
    """From five minutes on a message says when it was sent, in the unit that fits."""
    assert late_label(NOW - timedelta(minutes=minutes), NOW) == label


def steps(done: int, running: int, waiting: int) -> list[Step]:
    """Return steps in the order in which they are done."""
    parts: list[tuple[StepState, int]] = [
        ("done", done),
        ("running", running),
        ("waiting", waiting),
    ]
    states = [state for state, number in parts for _ in range(number)]
    return [Step(f"step {number}", state) for number, state in enumerate(states, 1)]


def test_progress_marks_each_step() -> None:
    """Done, running, waiting and failed steps have their own sign, a line each."""
    found = [*steps(1, 1, 1), Step("send\nit", "failed"), Step("ask", "waiting", "waits for you")]
    assert progress_text(found) == (
        "✓ step 1\n▸ step 2\n· step 3\n✗ send it\n· ask (waits for you)"
    )
    assert progress_text([]) == ""


@pytest.mark.parametrize(("done", "running", "waiting"), [(8, 1, 20), (0, 1, 30), (30, 0, 0)])
def test_progress_is_short(done: int, running: int, waiting: int) -> None:
    """Of many steps at most ten lines are shown, the running one among them; others are counted."""
    text = progress_text(steps(done, running, waiting))
    lines = text.split("\n")
    assert len(lines) <= 10
    assert ("▸" in text) == bool(running)
    hidden = sum(
        int(part.split()[0]) for line in lines if "…" in line for part in line[2:].split(", ")
    )
    assert hidden + sum("…" not in line for line in lines) == done + running + waiting
