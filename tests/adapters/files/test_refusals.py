"""What is refused, in one sentence, with nothing half written."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.files.disk import locked
from adapters.files.journal import Journal
from adapters.files.safe_files import SafeFiles
from core.domain.errors import (
    BadInputError,
    BugError,
    OutcomeUnknownError,
    RefusedError,
    StorageError,
    TransientError,
)
from core.ports.action import Trace
from tests.adapters.files.conftest import names


@contextmanager
def failing_fsync(monkeypatch: pytest.MonkeyPatch, step: int, number: int) -> Iterator[None]:
    """Let the disk refuse one write to it, the `step`-th, with an error number."""
    real, calls = os.fsync, 0

    def fsync(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == step:
            raise OSError(number, os.strerror(number))
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        yield


@pytest.mark.parametrize(
    "path",
    [
        "", "  ", "/etc/passwd", "~/x", "..", "../x", "a/../../x", "a//b", "./a", "a/", ".ssh/x",
        "a/.git/hooks/x", "a\\b", "C:/x", "a\nb", "a\x00b", "a\u202eb", "nul", "aux.txt", "COM1.md",
        "x. ", " x", "x.", "y" * 300, "z/" * 600 + "z", "\ud800",
    ],
)  # fmt: skip
async def test_a_bad_path_is_refused(files: SafeFiles, root: Path, path: str) -> None:
    """Paths out of the folder, unreadable and reserved names are one sentence each."""
    with pytest.raises(BadInputError) as refused:
        await files.write(path, b"x", "m1")
    assert "\n" not in str(refused.value)
    assert names(root) == []


async def test_a_link_out_of_the_folder_is_refused(
    files: SafeFiles, root: Path, tmp_path: Path
) -> None:
    """Neither a linked file nor a linked folder leads outside."""
    (tmp_path / "secret.txt").write_text("secret")
    (root / "file.txt").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    for path in ("file.txt", "folder/secret.txt", "folder/new.txt"):
        with pytest.raises(BadInputError, match="leads out"):
            await files.write(path, b"x", "m1")
    with pytest.raises(BadInputError):
        await files.write("loop", b"x", "m1")
    assert (tmp_path / "secret.txt").read_text() == "secret"


async def test_the_data_of_equerry_is_closed(tmp_path: Path) -> None:
    """A root around data_dir lets nothing in data_dir be written; the usual roots are open."""
    data = tmp_path / "data"

    def under(root: Path) -> SafeFiles:
        return SafeFiles(root, data / "journal", closed=(data,))

    await under(data / "files").write("a.txt", b"x", "m1")
    await under(tmp_path).write("elsewhere.txt", b"x", "m2")
    for root, path in ((tmp_path, "data/equerry.db"), (data, "equerry.db")):
        with pytest.raises(BadInputError, match="belongs to Equerry"):
            await under(root).write(path, b"x", "m3")
    assert names(data / "files") == ["a.txt"]
    assert names(data) == ["files", "journal"]


async def test_a_folder_is_no_file(files: SafeFiles, root: Path) -> None:
    """A path that is a folder, or goes through a file, is refused by name."""
    (root / "folder").mkdir()
    (root / "file").write_text("x")
    with pytest.raises(RefusedError, match="'folder' is a folder; name a file in it"):
        await files.write("folder", b"x", "m1")
    with pytest.raises(RefusedError, match="is a file, not a folder"):
        await files.write("file/below", b"x", "m2")
    os.mkfifo(root / "pipe")
    with pytest.raises(RefusedError, match="no ordinary file"):
        await files.write("pipe", b"x", "m3")


async def test_nothing_is_added_to_what_is_no_text(files: SafeFiles, root: Path) -> None:
    """A file that is not UTF-8 stays as it is."""
    (root / "n.md").write_bytes(b"caf\xe9\n")
    with pytest.raises(RefusedError, match="not UTF-8"):
        await files.append("n.md", "one", "m1")
    assert (root / "n.md").read_bytes() == b"caf\xe9\n"
    assert await files.look_up("m1") == (Trace.ABSENT, None)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full: 'n.md' was not changed; free some space."),
        (errno.EACCES, "There is no right to change 'n.md'; check its rights."),
        (errno.EROFS, "There is no right to change 'n.md'; check its rights."),
        (errno.EIO, "'n.md' was not changed: input/output error."),
    ],
)
@pytest.mark.parametrize("step", range(1, 4))
async def test_a_disk_that_refuses_changes_nothing(
    files: SafeFiles,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    sentence: str,
    step: int,
) -> None:
    """Whichever write the disk refuses, the file stays as it was and a retry works."""
    (root / "n.md").write_text("mine\n")
    await files.append("n.md", "first", "m0")
    with failing_fsync(monkeypatch, step, number), pytest.raises(StorageError) as refused:
        await files.append("n.md", "one", "m1")
    assert str(refused.value) == sentence
    assert names(root) == ["n.md"]
    assert (root / "n.md").read_text() == "mine\nfirst\n"
    assert await files.look_up("m1") == (Trace.ABSENT, None)
    await files.append("n.md", "one", "m1")
    assert (root / "n.md").read_text() == "mine\nfirst\none\n"


async def test_a_failure_after_the_change_is_unknown(
    files: SafeFiles, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    """When the disk refuses after the rename, it is not said that nothing was done."""
    await files.append("n.md", "first", "m0")
    with failing_fsync(monkeypatch, 4, errno.EIO), pytest.raises(OutcomeUnknownError):
        await files.append("n.md", "one", "m1")
    assert (await files.look_up("m1"))[0] is Trace.APPLIED
    assert (root / "n.md").read_text() == "first\none\n"


async def test_a_change_that_cannot_be_noted_as_done_is_done(
    files: SafeFiles, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    """The file has the new bytes: nobody is told that it was not changed."""

    def refused(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", refused)
        assert (await files.append("n.md", "one", "m1")).size == len("one\n")
    assert (await files.look_up("m1"))[0] is Trace.APPLIED
    await files.append("n.md", "one", "m1")
    assert (root / "n.md").read_text() == "one\n"


async def test_a_file_held_by_another_is_tried_later(
    files: SafeFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When another process (one that is frozen, say) holds the file, nothing happens for now."""
    monkeypatch.setattr("adapters.files.disk.LOCK_TRIES", 3)
    await files.append("n.md", "one", "m1")
    lock = next((tmp_path / "journal").glob("*.lock"))
    with locked(lock, "n.md"), pytest.raises(TransientError, match="held by another process"):
        await files.append("n.md", "two", "m2")
    await files.append("n.md", "two", "m2")


async def test_a_file_too_large_is_refused(
    files: SafeFiles, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not to be held in memory is left alone."""
    monkeypatch.setattr("adapters.files.disk.MOST_BYTES", 3)
    (root / "n.md").write_text("four")
    with pytest.raises(RefusedError, match="choose another"):
        await files.append("n.md", "one", "m1")


async def test_a_marker_is_a_plain_name(files: SafeFiles) -> None:
    """A marker that could be a path is a fault of the caller."""
    with pytest.raises(BugError):
        await files.append("n.md", "one", "../m1")
