"""Outcomes in files: what happened is kept on a full disk too."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.files.outcome_spool import ROOM, FileOutcomeSpool
from core.domain.errors import DiskError
from core.ports.action import ActionResult
from core.ports.outcome_spool import Outcome

MARKER = "0123456789abcdef0123456789abcdef"


def sent(text: str = "x") -> Outcome:
    """Make the outcome of an effect that gave a text back."""
    result = ActionResult(output={"text": text}, said=f"Sent {text[:9]}.")
    return Outcome(marker=MARKER, attempt=3, end="finished", result=result)


@contextmanager
def files_no_larger_than(most: int) -> Iterator[None]:
    """Let no file of this process grow, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_an_outcome_is_kept_until_it_is_dropped(tmp_path: Path) -> None:
    """Room alone is nothing; what is written is read by another process, until it is let go."""
    spool, other = (FileOutcomeSpool(tmp_path / "outcomes") for _ in range(2))
    assert await other.read(MARKER) is None
    await spool.reserve(MARKER)
    assert await other.read(MARKER) is None
    await spool.write(sent())
    assert await other.read(MARKER) == sent()
    (file,) = (tmp_path / "outcomes").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    await other.drop(MARKER)
    await spool.drop(MARKER)
    assert await spool.read(MARKER) is None


async def test_a_full_disk_takes_the_outcome_of_what_was_begun(tmp_path: Path) -> None:
    """The room was there before; one that needs more than it is kept without its output."""
    spool = FileOutcomeSpool(tmp_path)
    await spool.reserve(MARKER)
    with files_no_larger_than(ROOM):
        await spool.write(sent("x" * ROOM))
    kept = await spool.read(MARKER)
    assert kept is not None
    assert kept.result is not None
    assert (kept.attempt, kept.end, kept.result.output) == (3, "finished", {})
    await spool.write(sent("x" * ROOM))
    assert await spool.read(MARKER) == sent("x" * ROOM)
    await spool.write(sent())
    assert await spool.read(MARKER) == sent()


async def test_a_full_disk_is_said_before_the_effect(tmp_path: Path) -> None:
    """Without room nothing may begin; of what was, only that its end cannot be written down."""
    spool = FileOutcomeSpool(tmp_path)
    with files_no_larger_than(ROOM // 2):
        with pytest.raises(DiskError, match=r"cannot be written down.*nothing was begun"):
            await spool.reserve(MARKER)
        with pytest.raises(DiskError, match=r"cannot be written down.*check its rights\.$"):
            await spool.write(sent())


@pytest.mark.parametrize("data", [b"", b"{", sent().model_dump_json().encode()[:-5] + b"   "])
async def test_what_cannot_be_read_is_nothing(tmp_path: Path, data: bytes) -> None:
    """A file that a power cut left half written says nothing of what happened."""
    (tmp_path / f"{MARKER}.json").write_bytes(data)
    assert await FileOutcomeSpool(tmp_path).read(MARKER) is None
