"""The context an action is run in, with a commit point that tells."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.domain.events import Payload
from core.ports.action import ActionContext

MARKER = "0123456789abcdef0123456789abcdef"


async def nothing(*_: object) -> None:
    """Do nothing, where an action must say something to nobody."""


async def emit(stream: str, payloads: Sequence[Payload]) -> None:
    """Refuse: sending a mail appends no events of its own."""
    raise AssertionError(stream)


def context(commit_point: Callable[[], Awaitable[None]] = nothing) -> ActionContext:
    """Make a context at a fixed time in the owner's zone."""
    return ActionContext(
        marker=MARKER,
        goal="G1",
        conversation="terminal",
        now=datetime(2026, 11, 3, 8, 30, tzinfo=UTC),
        timezone=ZoneInfo("Europe/Berlin"),
        attempt=1,
        emit=emit,
        commit_point=commit_point,
    )
