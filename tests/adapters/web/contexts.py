"""The context an action is run in, with a commit point that tells."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from core.domain.events import Payload
from core.ports.action import ActionContext

MARKER = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


class Commit:
    """Counts how often the point of no return was reached."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        """Count."""
        self.times += 1


async def emit(stream: str, payloads: Sequence[Payload]) -> None:
    """Refuse: the web's actions append no events of their own."""
    raise AssertionError(stream)


def context(
    commit: Callable[[], Awaitable[None]] | None = None, later_s: float = 0
) -> ActionContext:
    """Make a context at a fixed time, or `later_s` after it."""
    return ActionContext(
        marker=MARKER,
        goal="G1",
        conversation="terminal",
        now=NOW + timedelta(seconds=later_s),
        timezone=UTC,
        attempt=1,
        emit=emit,
        commit_point=commit or Commit(),
    )
