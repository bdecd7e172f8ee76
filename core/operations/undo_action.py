"""Undo as an action: always asked, run like any other, exactly once."""

from typing import Any, ClassVar

from pydantic import Field

from core.domain.cards import Impact
from core.domain.errors import RefusedError
from core.domain.events import decode
from core.domain.events.operations import OperationFinished, OperationUndone
from core.kernel import Kernel
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Found, Preview, Trace
from core.ports.event_log import EventQuery


class UndoArgs(ActionArgs):
    """Which operation to take back, and how its card says so."""

    marker: str = Field(min_length=8)
    action: str
    said: str


class UndoAction(Action[UndoArgs]):
    """Takes back a finished operation through the `undo` of its own action."""

    name: ClassVar[str] = "operation.undo"
    summary: ClassVar[str] = "take an operation back"
    Args = UndoArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"marker", "action", "said"})
    idempotent: ClassVar[bool] = True
    internal: ClassVar[bool] = True
    always_ask: ClassVar[str | None] = "undo: the owner confirms what is undone"
    public_sink: ClassVar[bool] = False

    def __init__(self) -> None:
        """Wait to be bound: the action needs the kernel it is part of."""
        self._kernel: Kernel | None = None

    def bind(self, kernel: Kernel) -> None:
        """Give the action the kernel whose log and registry it reads."""
        self._kernel = kernel

    def preview(self, args: UndoArgs) -> Preview:
        """Name the action; what it had done is an argument, and stands below whole."""
        return Preview(title=f"Undo {args.action}")

    async def run(self, args: UndoArgs, context: ActionContext) -> ActionResult:
        """Undo it, under this operation's marker. Raises RefusedError where it cannot be."""
        kernel = self._bound()
        finished = await self._finished(kernel, args.marker)
        row = await kernel.rows.get("operations", args.marker)
        if finished is None or finished.undo is None or row is None:
            message = f"{args.action} cannot be undone."
            raise RefusedError(message)
        if row.state == "undone":
            return ActionResult(output={"undone": args.marker}, said="It was already undone.")
        result = await kernel.actions.get(args.action).undo(finished.undo.fields, context)
        undone = OperationUndone(marker=args.marker, by_marker=context.marker)
        await context.emit(f"undo:{args.marker}", [undone])
        return result.model_copy(update={"undo": None})

    async def look_up(self, args: UndoArgs, context: ActionContext) -> Found:
        """Leave it to the undo of the action, which is idempotent under the marker."""
        return Found(Trace.UNCLEAR)

    def _bound(self) -> Kernel:
        if self._kernel is None:
            message = "The undo action is not bound to a kernel."
            raise RefusedError(message)
        return self._kernel

    async def _finished(self, kernel: Kernel, marker: str) -> OperationFinished | None:
        row = await kernel.rows.get("operations", marker)
        if row is None:
            return None
        query = EventQuery(goal=row.group, type=OperationFinished.wire)
        for event in await kernel.events(query):
            payload: Any = decode(event)
            if payload.marker == marker and isinstance(payload, OperationFinished):
                return payload
        return None
