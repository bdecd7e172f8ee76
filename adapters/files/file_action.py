"""What the actions that write the owner's files have in common: the same journal behind them."""

from abc import abstractmethod
from typing import Any, ClassVar, TypeVar

from adapters.files.safe_files import SafeFiles, Written
from core.domain.cards import Impact
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Found, Trace

ArgsT = TypeVar("ArgsT", bound=ActionArgs)


class FileAction(Action[ArgsT]):
    """Changes one file; it is looked up and undone by the marker in the journal."""

    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "restore"
    can_look_up: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False

    def __init__(self, files: SafeFiles) -> None:
        """Work on the files of one folder."""
        self._files = files

    @abstractmethod
    def told(self, args: ArgsT, written: Written) -> str:
        """Return what was done, in words."""

    async def look_up(self, args: ArgsT, context: ActionContext) -> Found:
        """Say whether the file was changed, or was before later changes."""
        trace, written = await self._files.look_up(context.marker)
        if trace is Trace.APPLIED and written is not None:
            return Found(trace, self._result(args, context, written))
        return Found(trace)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Take the change back. Raises RefusedError when the file is not as it was left."""
        written = await self._files.undo(str(undo.get("marker", "")), context.marker)
        if written.removed:
            said = f"Removed {written.path}, as it was not there before."
        else:
            said = f"Restored {written.path}."
        output = {**_output(written), "removed": written.removed}
        return ActionResult(output=output, said=said, written=written.change)

    def _result(self, args: ArgsT, context: ActionContext, written: Written) -> ActionResult:
        return ActionResult(
            output=_output(written),
            said=self.told(args, written),
            undo={"marker": context.marker},
            sources=context.sources,
            written=written.change,
        )


def _output(written: Written) -> dict[str, Any]:
    return {"file": written.path, "path": written.place, "bytes": written.size}
