import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.engine.lock import DataDirLock
from core.domain.errors import RefusedError, StorageError

HOLD = """
import sys, time
from pathlib import Path
from adapters.engine.lock import DataDirLock
DataDirLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_equerry_is_refused_by_name(tmp_path: Path) -> None:
    """While one holds the data directory another is told which process it is."""
    with DataDirLock(tmp_path), pytest.raises(RefusedError) as refused:
        DataDirLock(tmp_path).acquire()
    assert str(refused.value) == (
        f"Another Equerry (process {os.getpid()}) is running on {tmp_path}; "
        "stop it or use another data_dir."
    )


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    """After a release the next one gets the directory, and acquiring twice is harmless."""
    first = DataDirLock(tmp_path)
    first.acquire()
    first.acquire()
    first.release()
    first.release()
    with DataDirLock(tmp_path):
        pass


def test_kill_frees_the_lock(tmp_path: Path) -> None:
    """The lock of a process that was killed is free at once, whatever the file says."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == b"held\n"
        with pytest.raises(RefusedError, match=f"process {held.pid}"):
            DataDirLock(tmp_path).acquire()
        held.kill()
        held.wait()
        start = time.monotonic()
        with DataDirLock(tmp_path):
            assert time.monotonic() - start < 10
            assert (tmp_path / "engine.lock").read_text() == f"{os.getpid()}\n"


def test_a_removed_lock_file_keeps_others_out(tmp_path: Path) -> None:
    """The folder itself is locked, so that it helps nobody to remove the file."""
    with DataDirLock(tmp_path):
        (tmp_path / "engine.lock").unlink()
        for _ in range(2):
            with pytest.raises(RefusedError, match="is running on"):
                DataDirLock(tmp_path).acquire()


def test_a_missing_directory_is_made(tmp_path: Path) -> None:
    """On a fresh machine the data directory is made, for the owner only."""
    with DataDirLock(tmp_path / "some/where"):
        assert (tmp_path / "some/where").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    """A data directory that cannot be used is named, with the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="Not a directory; check data_dir"):
        DataDirLock(tmp_path / "file" / "below").acquire()


def test_a_copied_machine_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its disk and its host name are the same, and what leads there is no process of ours."""
    names = []
    for number in range(2):
        boot = tmp_path / f"boot{number}"
        boot.write_text(f"{number}\n", "ascii")
        monkeypatch.setattr("adapters.engine.lock.BOOT", boot)
        for _ in range(2):
            with DataDirLock(tmp_path) as lock:
                names.append(lock.name)
    assert names[0] == names[1] != names[2] == names[3]
    monkeypatch.setattr("adapters.engine.lock.BOOT", tmp_path / "none")
    with DataDirLock(tmp_path) as lock:
        assert lock.name
