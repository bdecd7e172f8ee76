"""Where the owner's files and their journals are, and how a change is told."""

from pathlib import Path
from typing import Any

from adapters.files.safe_files import SafeFiles, Written
from core.ports.action import ActionResult


def note_files(data_dir: Path) -> SafeFiles:
    """Return the files of `note.append`: `data_dir/notes`."""
    return SafeFiles(data_dir / "notes", data_dir / "journal" / "notes")


def owner_files(data_dir: Path, root: Path | None = None) -> SafeFiles:
    """Return the files of `file.write`: `root`, by default `data_dir/files`.

    A root that contains data_dir opens nothing in it.
    """
    journal = data_dir / "journal" / "files"
    if root is None:
        return SafeFiles(data_dir / "files", journal)
    below = (
        root.resolve().is_relative_to(data_dir.resolve()) and root.resolve() != data_dir.resolve()
    )
    return SafeFiles(root, journal, closed=() if below else (data_dir,))


def written_output(written: Written) -> dict[str, Any]:
    """Return the output of an action that wrote a file."""
    return {"file": written.path, "path": written.place, "bytes": written.size}


def undone(written: Written) -> ActionResult:
    """Return the result of an undo."""
    if written.removed:
        said = f"Removed {written.path}, as it was not there before."
    else:
        said = f"Restored {written.path}."
    return ActionResult(output={**written_output(written), "removed": written.removed}, said=said)
