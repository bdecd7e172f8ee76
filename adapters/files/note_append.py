"""The action `note.append`: a note for the owner, on lines of its own."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from adapters.files.file_action import FileAction
from adapters.files.safe_files import Written
from adapters.files.texts import said_text, short
from core.ports.action import ActionArgs, ActionContext, ActionResult, Preview

DEFAULT = "notes.md"


class NoteArgs(ActionArgs):
    """What to note, and in which file below the folder of notes; no ending means `.md`."""

    text: str = Field(min_length=1, max_length=1_000_000)
    file: str = DEFAULT

    _text = field_validator("text")(said_text)


class NoteAppend(FileAction[NoteArgs]):
    """Adds a note exactly as it was worded; undo removes it and keeps what came after it."""

    name: ClassVar[str] = "note.append"
    summary: ClassVar[str] = "add a note to a file of the owner's notes"
    Args = NoteArgs
    control: ClassVar[frozenset[str]] = frozenset({"file"})
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def check(self, args: NoteArgs, context: ActionContext) -> None:
        """Raise BadInputError for a file that cannot be used."""
        self._files.place(_file(args))

    def preview(self, args: NoteArgs) -> Preview:
        """Return the file as title and the note as body."""
        return Preview(title=f"Add a note to {_file(args)}", body=args.text)

    async def run(self, args: NoteArgs, context: ActionContext) -> ActionResult:
        """Add the note."""
        written = await self._files.append(_file(args), args.text, context.marker)
        return self._result(args, context, written)

    def told(self, args: NoteArgs, written: Written) -> str:
        """Return what was added, and where."""
        return f"Added to {written.path}: {short(args.text)}"


def _file(args: NoteArgs) -> str:
    return args.file if Path(args.file).suffix or args.file.endswith("/") else f"{args.file}.md"
