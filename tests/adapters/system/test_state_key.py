"""The user's key: where it lies, who may read it, and what is said where it cannot lie there."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.system.state_key import StateKey, state_folder
from core.domain.errors import StorageError


def test_the_state_folder_is_the_users() -> None:
    """`XDG_STATE_HOME` where it is absolute, else below HOME; without both a sentence."""
    assert state_folder({"XDG_STATE_HOME": "/s", "HOME": "/h"}) == Path("/s/equerry")
    assert state_folder({"XDG_STATE_HOME": "s", "HOME": "/h"}) == Path("/h/.local/state/equerry")
    with pytest.raises(StorageError, match="There is no state folder for the key: set HOME or"):
        state_folder({})


def test_a_key_is_drawn_once_and_is_private(tmp_path: Path) -> None:
    """32 bytes in a file of 0600 in a folder of 0700, the same ones ever after."""
    folder = tmp_path / "home" / "equerry"
    one = StateKey.load(folder)
    path = folder / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(path.read_bytes()) == 32
    assert [path.name for path in folder.iterdir()] == ["key"]
    path.chmod(0o644)
    assert StateKey.load(folder).fits("p", "t", one.sign("p", "t"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_begin_at_once_get_one_key(tmp_path: Path) -> None:
    """Whoever comes second signs with the key of the first."""
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: StateKey.load(tmp_path / "state"), range(16)))
    assert len({key.sign("p", "t") for key in keys}) == 1


@pytest.mark.parametrize("data", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_said(tmp_path: Path, data: bytes) -> None:
    """It is neither used nor replaced."""
    (tmp_path / "key").write_bytes(data)
    with pytest.raises(StorageError, match="is damaged; remove it, and another is made"):
        StateKey.load(tmp_path)
    assert (tmp_path / "key").read_bytes() == data


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """In one sentence with the path."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be used: Not a directory; check its rights"):
        StateKey.load(tmp_path / "file" / "equerry")
