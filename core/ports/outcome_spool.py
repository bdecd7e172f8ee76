"""Where the end of an attempt is kept until the event log has it."""

from typing import Literal, Protocol

from core.domain.base import Frozen
from core.ports.action import ActionResult


class Outcome(Frozen):
    """How one attempt of an operation ended; `result` is there when it `finished`.

    `failed` and `refused` mean that nothing happened, for the reason `error`; `plain` says it in
    our own words, `retry_after` is the pause in seconds that the other side asked for. `passing`:
    the machine was at fault (its disk is full, say), not the action.
    """

    marker: str
    attempt: int
    end: Literal["finished", "failed", "refused"]
    result: ActionResult | None = None
    error: str = ""
    plain: str = ""
    retry_after: float | None = None
    passing: bool = False


class OutcomeSpool(Protocol):
    """Keeps outcomes by marker beside the event log, in a place that survives the process."""

    async def reserve(self, marker: str) -> None:
        """Make room for an outcome before the effect begins, durable on return.

        Raises StorageError where there is none: then the effect must not begin.
        """
        ...

    async def write(self, outcome: Outcome) -> None:
        """Keep an outcome, durable on return; one that needs no more room than was reserved fits.

        Raises StorageError.
        """
        ...

    async def read(self, marker: str) -> Outcome | None:
        """Return what is kept; None for nothing, for bare room, and for what cannot be read."""
        ...

    async def drop(self, marker: str) -> None:
        """Let go of what is kept, and of the room for it; never raises."""
        ...
