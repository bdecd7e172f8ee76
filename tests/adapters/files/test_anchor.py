"""The anchor as a file: what is believed, what is left alone, and what is said of the rest."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files.anchor import FileAnchor
from adapters.files.disk import locked
from adapters.system.state_key import StateKey
from core.domain.errors import StorageError
from core.ports.anchor import Anchored, Kept
from tests.contracts.anchor import AnchorContract, mark

KEY = StateKey(b"k" * 32)


def file_anchor(folder: Path, key: StateKey = KEY) -> FileAnchor:
    """Return an anchor beside a state folder."""
    return FileAnchor(folder / "data.anchor", folder / "state", key)


class TestFileAnchor(AnchorContract):
    """In a file, with a copy in the state folder."""

    @pytest.fixture
    def anchor(self, tmp_path: Path) -> FileAnchor:
        """Give one whose file is not there."""
        return file_anchor(tmp_path)


async def written(folder: Path, position: int = 7) -> FileAnchor:
    """Return an anchor that holds a mark."""
    anchor = file_anchor(folder)
    assert await anchor.swap(await anchor.load(), Anchored(mark=mark(position)))
    return anchor


async def test_both_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """The file and its copy have 0600 whatever the umask, and nothing is left beside them."""
    before = os.umask(0)
    try:
        await written(tmp_path)
    finally:
        os.umask(before)
    copies = sorted((tmp_path / "state" / "anchors").iterdir())
    assert [path.suffix for path in copies] == [".json", ".lock"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data.anchor", *copies)}
    assert modes == {0o600}


async def test_a_lock_that_another_keeps_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was stopped in the middle of a write holds up no other one for ever."""
    monkeypatch.setattr("adapters.files.disk.LOCK_TRIES", 3)
    anchor = await written(tmp_path)
    seen = await anchor.load()
    (lock,) = (tmp_path / "state" / "anchors").glob("*.lock")
    with (
        locked(lock, lock.name),
        pytest.raises(StorageError, match=r"data\.anchor.*another process that does not go on"),
    ):
        await anchor.swap(seen, Anchored(mark=mark(8)))
    assert await anchor.swap(seen, Anchored(mark=mark(8)))


async def test_what_cannot_be_read_any_more_is_not_said_to_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock took the last handle of a file: that is said, and not that others write all day."""
    anchor = await written(tmp_path)
    seen = await anchor.load()

    def no_handle(_: object) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr("adapters.files.anchor._read", no_handle)
        with pytest.raises(StorageError, match="cannot be read: Too many open files"):
            await anchor.swap(seen, Anchored(mark=mark(8)))
    assert await anchor.swap(seen, Anchored(mark=mark(8)))


@pytest.mark.parametrize("name", ["log", "position", "hash", "at"])
async def test_a_changed_field_carries_no_signature(tmp_path: Path, name: str) -> None:
    """Whatever field of the mark is changed, the file counts as somebody else's."""
    anchor = await written(tmp_path)
    path = tmp_path / "data.anchor"
    whole = json.loads(path.read_text("utf-8"))
    value = whole["mark"][name]
    whole["mark"][name] = 8 if name == "position" else f"c{value[1:]}"
    path.write_text(json.dumps(whole), encoding="utf-8")
    seen = await anchor.load()
    assert (seen.kept, seen.copy) == (Kept.UNSIGNED, Anchored(mark=mark(7)))


async def test_another_key_does_not_fit(tmp_path: Path) -> None:
    """What was signed with another key is neither believed in the file nor in the copy."""
    await written(tmp_path)
    seen = await file_anchor(tmp_path, StateKey(b"o" * 32)).load()
    assert (seen.kept, seen.copy) == (Kept.UNSIGNED, None)


async def test_a_signature_for_another_purpose_does_not_fit() -> None:
    """What was signed as an answer of a model is no anchor."""
    assert not KEY.fits("anchor", "text", KEY.sign("answer", "text"))
    assert KEY.fits("anchor", "text", KEY.sign("anchor", "text"))


@given(st.binary(max_size=400))
async def test_what_is_no_anchor_is_left_alone(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Bytes that are no anchor stay as they are; the copy goes on, and a sentence says so."""
    folder = tmp_path_factory.mktemp("anchor")
    path = folder / "data.anchor"
    path.write_bytes(data)
    anchor = file_anchor(folder)
    seen = await anchor.load()
    assert seen.kept is Kept.FOREIGN
    with pytest.raises(StorageError, match="is no anchor and is left alone; remove it, or name"):
        await anchor.swap(seen, Anchored(mark=mark(8)))
    assert path.read_bytes() == data
    assert (await anchor.load()).copy == Anchored(mark=mark(8))


async def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """A folder or a pipe in its place, or a file above it: a sentence, and the copy goes on."""
    for kind in ("folder", "pipe"):
        folder = tmp_path / kind
        folder.mkdir()
        path = folder / "data.anchor"
        path.mkdir() if kind == "folder" else os.mkfifo(path)
        anchor = file_anchor(folder)
        seen = await anchor.load()
        assert seen.kept is Kept.UNREADABLE
        with pytest.raises(StorageError, match="cannot be read: "):
            await anchor.swap(seen, Anchored(mark=mark(1)))
        assert (await anchor.load()).copy == Anchored(mark=mark(1))
    (tmp_path / "file").write_text("x", encoding="utf-8")
    anchor = FileAnchor(tmp_path / "file" / "anchor", tmp_path / "state", KEY)
    with pytest.raises(StorageError, match="Not a directory; check its rights and the disk"):
        await anchor.swap(await anchor.load(), Anchored(mark=mark(1)))


async def test_a_state_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The file is written all the same."""
    (tmp_path / "state").write_text("no folder", encoding="utf-8")
    anchor = file_anchor(tmp_path)
    with pytest.raises(StorageError, match="The copy of the anchor"):
        await anchor.swap(await anchor.load(), Anchored(mark=mark(2)))
    assert (await anchor.load()).anchored == Anchored(mark=mark(2))


async def test_a_deleted_file_leaves_its_copy(tmp_path: Path) -> None:
    """A file that is gone, or was replaced by an older one, is noticed by the copy."""
    anchor = await written(tmp_path, 7)
    older = (tmp_path / "data.anchor").read_bytes()
    assert await anchor.swap(await anchor.load(), Anchored(mark=mark(9)))
    (tmp_path / "data.anchor").write_bytes(older)
    seen = await anchor.load()
    assert (seen.anchored, seen.copy) == (Anchored(mark=mark(7)), Anchored(mark=mark(9)))
    (tmp_path / "data.anchor").unlink()
    seen = await anchor.load()
    assert (seen.kept, seen.copy) == (Kept.ABSENT, Anchored(mark=mark(9)))
