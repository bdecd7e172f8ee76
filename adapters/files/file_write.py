"""The action `file.write`: a text file of the owner, written whole."""

from typing import ClassVar

from pydantic import Field, field_validator

from adapters.files.file_action import FileAction
from adapters.files.safe_files import Written
from adapters.files.texts import plain_text
from core.domain.errors import RefusedError
from core.domain.files import Pin
from core.domain.line_changes import line_changes
from core.ports.action import ActionArgs, ActionContext, ActionResult, Preview

MOST_COMPARED_BYTES = 200_000


class FileArgs(ActionArgs):
    """Which file below the folder of files, and its whole new text."""

    path: str = Field(min_length=1)
    text: str = Field(max_length=10_000_000)

    _text = field_validator("text")(plain_text)


class FileWrite(FileAction[FileArgs]):
    """Writes a file as it was given; undo brings back what was there, or removes a new file."""

    name: ClassVar[str] = "file.write"
    summary: ClassVar[str] = "write a text file in the owner's folder"
    Args = FileArgs
    control: ClassVar[frozenset[str]] = frozenset({"path"})
    gives_private: ClassVar[bool] = False
    public_sink: ClassVar[bool] = False

    def check(self, args: FileArgs, context: ActionContext) -> None:
        """Raise BadInputError for a path that cannot be used."""
        self._files.place(args.path)

    async def pins(self, args: FileArgs) -> tuple[Pin, ...]:
        """Return the file that is replaced: the card shows what of it changes."""
        return (await self._files.pin(args.path),)

    def preview(self, args: FileArgs) -> Preview:
        """Return what changes in a file that is there, or the text of a new one."""
        try:
            there = self._files.peek(args.path)
        except RefusedError as error:
            return Preview(title=f"Write {args.path}", body=str(error))
        if there is None:
            return Preview(title=f"Write {args.path} (new)", body=args.text)
        return Preview(title=f"Change {args.path}", body=_difference(there, args.text))

    async def run(self, args: FileArgs, context: ActionContext) -> ActionResult:
        """Write the file. Raises FileChangedError where it is not the one that was shown."""
        data = args.text.encode()
        written = await self._files.write(args.path, data, context.marker, context.pins)
        return self._result(args, context, written)

    def told(self, args: FileArgs, written: Written) -> str:
        """Return what was written, and whether it was new."""
        kind = "new" if written.created else "replaced"
        return f"Wrote {written.path} ({written.size:,} bytes, {kind})."


def _difference(there: bytes, text: str) -> str:
    """Return the unified difference, or the whole new text and why there is none to show."""
    if len(there) > MOST_COMPARED_BYTES or len(text) > MOST_COMPARED_BYTES:
        return f"Replaces {len(there):,} bytes. The new text:\n{text}"
    try:
        before = there.decode("utf-8")
    except UnicodeDecodeError:
        return f"Replaces {len(there):,} bytes that are no text. The new text:\n{text}"
    lines = list(line_changes(before, text, context=1))
    return "\n".join(lines) if lines else "The same text is there already."
