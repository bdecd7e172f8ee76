"""How a change of a file is told."""

from typing import Any

from adapters.files.safe_files import Written
from core.ports.action import ActionResult


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
