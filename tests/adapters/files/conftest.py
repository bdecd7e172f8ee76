"""Files of an owner in a temporary folder, and the context of an operation."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.files.safe_files import SafeFiles
from core.domain.events import Payload
from core.ports.action import ActionContext


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give the folder of the owner's files."""
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def fresh(root: Path, tmp_path: Path) -> Callable[[], SafeFiles]:
    """Give a way to open the files anew, as after a restart."""
    return lambda: SafeFiles(root, tmp_path / "journal")


@pytest.fixture
def files(fresh: Callable[[], SafeFiles]) -> SafeFiles:
    """Give the owner's files."""
    return fresh()


def names(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def context(marker: str) -> ActionContext:
    """Make the context of an operation that neither emits nor commits."""
    return ActionContext(
        marker=marker,
        goal="G1",
        conversation="terminal",
        now=datetime(2026, 11, 23, tzinfo=UTC),
        timezone=UTC,
        attempt=1,
        emit=_emit,
        commit_point=_commit,
    )


async def _emit(stream: str, payloads: Sequence[Payload]) -> None:
    message = "a file action has no events of its own"
    raise AssertionError(message)


async def _commit() -> None:
    message = "a file action can be looked up"
    raise AssertionError(message)
