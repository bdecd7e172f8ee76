"""What is written where, and who may read it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE, S_ISDIR

import pytest

from tests.scenarios.program import Program

STORY = """note: buy milk
remember that the code of the vault is 4711
/remember I like tea
add a to-do: call Bob
remind me in 3 hours to call Bob
what is the code of the vault?
note: and bread
/memory vault
"""


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Let this process and its children make files with an umask, open to all in one case."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder: Path) -> dict[str, str]:
    """Return what is not 0700 (folders) or 0600 (everything else), by name."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        mode = path.lstat().st_mode
        wanted = 0o700 if S_ISDIR(mode) else 0o600
        if S_IMODE(mode) != wanted:
            found[str(path.relative_to(folder))] = oct(S_IMODE(mode))
    return found


@pytest.mark.usefixtures("umask")
def test_data_is_for_its_owner_alone(program: Program, tmp_path: Path) -> None:
    """Whatever the umask says: database, notes, blobs, journals, memory, logs, locks, exports."""
    document = tmp_path / "guide.md"
    document.write_text("# Guide\n\nThe boiler is drained with the green key.\n", encoding="utf-8")
    data = program.place.data
    with program.start("chat") as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write(STORY)
        chat.stdin.flush()
        while chat.stdout.readline() != "Added to notes.md: and bread\n":
            pass
        made = {path.name for path in data.rglob("*")}
        assert {"equerry.db", "equerry.db-wal", "equerry.db-shm", "notes.md", "engine.lock"} <= made
        assert open_to_others(data) == {}
        chat.stdin.close()
    program.ok("memory", "ingest", str(document))
    program.ok("memory", "search", "boiler")
    program.ok("export", str(tmp_path / "out"))
    assert open_to_others(data) == {}
    assert open_to_others(tmp_path / "out") == {}


def test_what_is_there_is_tightened_at_the_start(program: Program, tmp_path: Path) -> None:
    """Files of an earlier version, or from a backup, lose the rights of others; links lead on."""
    data, outside = program.place.data, tmp_path / "shared.txt"
    outside.write_text("not ours", encoding="utf-8")
    outside.chmod(0o644)
    program.chat("note: buy milk")
    for path in (data, *data.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o644)
    (data / "files").mkdir(exist_ok=True)
    (data / "files" / "link.txt").symlink_to(outside)
    program.chat("note: buy bread")
    found = open_to_others(data)
    assert found.pop("files/link.txt")
    assert found == {}
    assert S_IMODE(outside.stat().st_mode) == 0o644


def test_libraries_and_children_make_nothing_for_others(tmp_path: Path) -> None:
    """The program sets its umask before anything else, so that no file need be thought of."""
    code = (
        "import os, sys, subprocess; os.umask(0); from bot.cli import main as m; "
        "m.cli.main = lambda **_: (open('made', 'w').close(), "
        "subprocess.run([sys.executable, '-c', \"open('child', 'w')\"])) and 0; m.main()"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=False)
    assert {path.name for path in tmp_path.iterdir()} == {"made", "child"}
    assert open_to_others(tmp_path).keys() <= {"."}
