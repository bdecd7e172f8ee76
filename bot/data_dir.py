"""The folder that everything lives in, readable by its owner alone."""

from pathlib import Path

from core.domain.errors import StorageError

PRIVATE = 0o700


def make_data_dir(path: Path) -> None:
    """Create `data_dir` with rights for its owner only; one that is there keeps its rights.

    Raises StorageError when it cannot be made or is no folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=PRIVATE, exist_ok=True)
    except OSError as error:
        reason = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
        message = f"data_dir {str(path)!r} cannot be made: {reason}; name a folder you may write."
        raise StorageError(message) from error
