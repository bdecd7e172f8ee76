"""The action `note.append`: a note for the owner, on lines of its own."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, field_validator

from adapters.files.results import undone, written_output
from adapters.files.safe_files import SafeFiles, Written
from adapters.files.texts import said_text, short
from core.domain.cards import Impact
from core.ports.action import (
    Action,
    ActionArgs,
    ActionContext,
    ActionResult,
    Found,
    Preview,
    Trace,
)

DEFAULT = "notes.md"


class NoteArgs(ActionArgs):
    """What to note, and in which file below the folder of notes; no ending means `.md`."""

    text: str = Field(min_length=1, max_length=1_000_000)
    file: str = DEFAULT

    _text = field_validator("text")(said_text)


class NoteAppend(Action[NoteArgs]):
    """Adds a note exactly as it was worded; undo removes it and keeps what came after it."""

    name: ClassVar[str] = "note.append"
    summary: ClassVar[str] = "add a note to a file of the owner's notes"
    Args = NoteArgs
    declared: ClassVar[Impact] = "low"
    control: ClassVar[frozenset[str]] = frozenset({"file"})
    undo_hint: ClassVar[str | None] = "restore"
    can_look_up: ClassVar[bool] = True
    quotes_others: ClassVar[bool] = False

    def __init__(self, files: SafeFiles) -> None:
        self._files = files

    def check(self, args: NoteArgs, context: ActionContext) -> None:
        """Raise BadInputError for a file that cannot be used."""
        self._files.place(_file(args))

    def preview(self, args: NoteArgs) -> Preview:
        """Return the file as title and the note as body."""
        return Preview(title=f"Add a note to {_file(args)}", body=args.text)

    async def run(self, args: NoteArgs, context: ActionContext) -> ActionResult:
        """Add the note."""
        written = await self._files.append(_file(args), args.text, context.marker)
        return _result(args, context, written)

    async def look_up(self, args: NoteArgs, context: ActionContext) -> Found:
        """Say whether the note is in the file, or was before later changes."""
        trace, written = await self._files.look_up(context.marker)
        if trace is Trace.APPLIED and written is not None:
            return Found(trace, _result(args, context, written))
        return Found(trace)

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Remove the note again. Raises RefusedError when it is not there as it was left."""
        written = await self._files.undo(str(undo.get("marker", "")), context.marker)
        return undone(written)


def _file(args: NoteArgs) -> str:
    return args.file if Path(args.file).suffix or args.file.endswith("/") else f"{args.file}.md"


def _result(args: NoteArgs, context: ActionContext, written: Written) -> ActionResult:
    return ActionResult(
        output=written_output(written),
        said=f"Added to {written.path}: {short(args.text)}",
        undo={"marker": context.marker},
        sources=context.sources,
    )
