import asyncio
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files.root import FileRoot
from adapters.files.safe_files import SafeFiles
from core.domain.errors import OutcomeUnknownError, RefusedError
from core.ports.action import Trace
from tests.adapters.files.conftest import names
from tests.waiting import PATIENCE_S

Fresh = Callable[[], SafeFiles]


async def trace(files: SafeFiles, marker: str) -> Trace:
    """Return what a look-up finds."""
    return (await files.look_up(marker))[0]


async def test_an_append_is_a_line_of_its_own(files: SafeFiles, root: Path) -> None:
    """Each text ends with a newline; one after a file without one begins on a new line."""
    (root / "n.md").write_text("mine")
    await files.append("n.md", "one", "m1")
    await files.append("n.md", "two\nlines\n", "m2")
    assert (root / "n.md").read_bytes() == b"mine\none\ntwo\nlines\n"


async def test_line_ends_of_the_file_are_kept(files: SafeFiles, root: Path) -> None:
    """In a file with Windows line ends the new lines have them too."""
    (root / "n.md").write_bytes(b"mine\r\n")
    await files.append("n.md", "two\nlines", "m1")
    assert (root / "n.md").read_bytes() == b"mine\r\ntwo\r\nlines\r\n"


async def test_the_same_marker_is_applied_once(fresh: Fresh, root: Path) -> None:
    """A change that is asked for again, also after a restart, is only told again."""
    first = await fresh().append("n.md", "one", "m1")
    assert await fresh().append("n.md", "one", "m1") == first
    assert (root / "n.md").read_text() == "one\n"
    assert first.created
    assert first.size == 4


async def test_look_up_of_nothing_is_absent(files: SafeFiles) -> None:
    """A marker that was never begun is absent."""
    assert await files.look_up("m1") == (Trace.ABSENT, None)


async def test_many_at_once_lose_nothing(files: SafeFiles, root: Path) -> None:
    """Appends at the same time to one file are all there, each once."""
    await asyncio.gather(*(files.append("n.md", f"line {n}", f"m{n}") for n in range(30)))
    assert sorted((root / "n.md").read_text().splitlines()) == sorted(
        f"line {n}" for n in range(30)
    )


async def test_two_instances_share_a_file(fresh: Fresh, root: Path) -> None:
    """Two instances, as in two processes, take turns by the lock file."""
    a, b = fresh(), fresh()
    await asyncio.gather(
        *((a if n % 2 else b).append("n.md", f"line {n}", f"m{n}") for n in range(20))
    )
    assert len((root / "n.md").read_text().splitlines()) == 20


async def test_a_disk_that_hangs_holds_up_nothing_else(
    fresh: Fresh, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network disk that is away: other threads go on, names and other folders are read."""
    away, real = threading.Event(), FileRoot.real

    def hang(self: FileRoot, name: str) -> Path:
        if self is files._root:
            away.wait()
        return real(self, name)

    monkeypatch.setattr(FileRoot, "real", hang)
    files, other = fresh(), SafeFiles(tmp_path / "other", tmp_path / "journal-of-other")
    waiting = [asyncio.create_task(files.append(f"{n}.md", "one", f"m{n}")) for n in range(40)]
    try:
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.to_thread(int) == 0
            await other.append("n.md", "one", "m")
        assert not any(task.done() for task in waiting)
    finally:
        away.set()
    await asyncio.gather(*waiting)
    assert len(names(root)) == len(waiting)


async def test_undo_of_a_write_restores_the_bytes(files: SafeFiles, root: Path) -> None:
    """What was there comes back byte for byte, with its rights."""
    (root / "a.bin").write_bytes(b"\xff\x00old")
    (root / "a.bin").chmod(0o640)
    await files.write("a.bin", b"new", "m1")
    assert (root / "a.bin").stat().st_mode & 0o777 == 0o640
    await files.undo("m1", "u1")
    assert (root / "a.bin").read_bytes() == b"\xff\x00old"


async def test_undo_removes_a_file_that_was_new(files: SafeFiles, root: Path) -> None:
    """A file that did not exist before is gone after the undo."""
    await files.write("deep/down/a.txt", b"new", "m1")
    written = await files.undo("m1", "u1")
    assert written.removed
    assert not (root / "deep/down/a.txt").exists()


async def test_undo_of_an_append_keeps_what_came_after(files: SafeFiles, root: Path) -> None:
    """Only the text of that append goes; the owner's later lines and other notes stay."""
    await files.append("n.md", "one", "m1")
    await files.append("n.md", "two", "m2")
    with (root / "n.md").open("a") as file:
        file.write("by hand\n")
    await files.undo("m1", "u1")
    assert (root / "n.md").read_text() == "two\nby hand\n"
    await files.undo("m2", "u2")
    assert (root / "n.md").read_text() == "by hand\n"


async def test_undo_finds_a_note_that_moved(files: SafeFiles, root: Path) -> None:
    """A note that is there once, further down than it was left, is removed from there."""
    await files.append("n.md", "one", "m1")
    (root / "n.md").write_text("# Heading\n\none\nmore\n")
    await files.undo("m1", "u1")
    assert (root / "n.md").read_text() == "# Heading\n\nmore\n"


@pytest.mark.parametrize("now", ["# Top\none\none\n", "# Top\none more\n", "not one\n", ""])
async def test_undo_refuses_where_the_place_is_not_sure(
    files: SafeFiles, root: Path, now: str
) -> None:
    """A note that is there twice, edited, only as part of a line or gone is left to the owner."""
    await files.append("n.md", "one", "m1")
    (root / "n.md").write_text(now)
    with pytest.raises(RefusedError, match=r"'n\.md' changed since"):
        await files.undo("m1", "u1")
    assert (root / "n.md").read_text() == now


async def test_undo_of_a_write_refuses_a_changed_file(files: SafeFiles, root: Path) -> None:
    """A file that was edited after it was written is not thrown away."""
    await files.write("a.txt", b"new", "m1")
    (root / "a.txt").write_text("edited")
    with pytest.raises(RefusedError, match="changed since"):
        await files.undo("m1", "u1")
    assert (root / "a.txt").read_text() == "edited"


async def test_undo_happens_once(fresh: Fresh, root: Path) -> None:
    """The same undo again is only told; another undo of the same change is refused."""
    await fresh().append("n.md", "same", "m1")
    await fresh().append("n.md", "same", "m2")
    first = await fresh().undo("m1", "u1")
    assert await fresh().undo("m1", "u1") == first
    with pytest.raises(RefusedError, match="undone already"):
        await fresh().undo("m1", "u2")
    assert (root / "n.md").read_text() == "same\n"


async def test_an_undone_change_still_counts_as_applied(files: SafeFiles) -> None:
    """After an undo the file is as it was, yet the change did happen: it must not be repeated."""
    await files.append("n.md", "one", "m1")
    await files.undo("m1", "u1")
    assert await trace(files, "m1") is Trace.APPLIED
    assert await trace(files, "u1") is Trace.APPLIED


async def test_undo_of_the_unknown_is_refused(files: SafeFiles) -> None:
    """What the journal does not know (any more) cannot be undone."""
    with pytest.raises(RefusedError, match="too long ago"):
        await files.undo("m1", "u1")


def unfinished(journal: Path) -> None:
    """Take the `.done` off every intent, as if the process had died just before noting it."""
    for path in journal.glob("*.done"):
        path.rename(path.with_suffix(".intent"))


async def test_later_changes_tell_of_earlier_ones(fresh: Fresh, root: Path, tmp_path: Path) -> None:
    """Without the note that it is done, the next intent says what it found."""
    await fresh().append("n.md", "one", "m1")
    await fresh().append("n.md", "two", "m2")
    unfinished(tmp_path / "journal")
    assert await trace(fresh(), "m1") is Trace.APPLIED
    assert await trace(fresh(), "m2") is Trace.APPLIED
    (root / "n.md").write_text("one\n")
    assert await trace(fresh(), "m2") is Trace.ABSENT
    await fresh().append("n.md", "three", "m3")
    assert await trace(fresh(), "m2") is Trace.ABSENT
    await fresh().append("n.md", "two", "m2")
    assert (root / "n.md").read_text() == "one\nthree\ntwo\n"


async def test_an_edit_right_after_a_crash_is_unclear(
    fresh: Fresh, root: Path, tmp_path: Path
) -> None:
    """Where the owner changed the file before it could be told, nothing is claimed or repeated."""
    await fresh().append("n.md", "one", "m1")
    unfinished(tmp_path / "journal")
    (root / "n.md").write_text("something else\n")
    assert await fresh().look_up("m1") == (Trace.UNCLEAR, None)
    with pytest.raises(OutcomeUnknownError):
        await fresh().append("n.md", "one", "m1")
    assert (root / "n.md").read_text() == "something else\n"


async def test_links_inside_are_one_file(files: SafeFiles, root: Path) -> None:
    """A link to a file in the folder is followed and stays a link; both names share their order."""
    (root / "real.md").write_text("real\n")
    (root / "link.md").symlink_to("real.md")
    written = await files.append("link.md", "one", "m1")
    await files.append("real.md", "two", "m2")
    assert written.path == "real.md"
    assert (root / "link.md").is_symlink()
    assert (root / "real.md").read_text() == "real\none\ntwo\n"


async def test_only_the_newest_thousand_are_kept(
    files: SafeFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old intents are pruned, so that the journal does not grow without end."""
    monkeypatch.setattr("adapters.files.journal.KEPT", 20)
    monkeypatch.setattr("adapters.files.journal.PRUNE_EVERY", 10)
    for number in range(60):
        await files.append("n.md", f"{number}", f"m{number}")
        os.utime(next((tmp_path / "journal").glob(f"*.m{number}.done")), (number, number))
    assert 20 <= len(list((tmp_path / "journal").glob("*.done"))) <= 30
    assert await trace(files, "m59") is Trace.APPLIED
    await files.undo("m59", "u1")


async def test_damaged_bytes_are_not_restored(files: SafeFiles, root: Path, tmp_path: Path) -> None:
    """What the journal kept is what comes back, or the file stays as it is."""
    (root / "a.txt").write_bytes(b"old")
    await files.write("a.txt", b"new", "m1")
    (kept,) = (tmp_path / "journal").glob("*.m1.done")
    header = kept.read_bytes().partition(b"\n")[0]
    for damaged in (zlib.compress(b"evil"), b"no zlib"):
        kept.write_bytes(header + b"\n" + damaged)
        with pytest.raises(RefusedError, match="is damaged"):
            await files.undo("m1", "u1")
    assert (root / "a.txt").read_bytes() == b"new"
