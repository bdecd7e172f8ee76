"""The process dies at every step, and at random moments; each change is there once."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from adapters.files.safe_files import SafeFiles
from core.ports.action import Trace
from tests.adapters.files.conftest import names

ROOT = Path(__file__).parents[3]
Fresh = Callable[[], SafeFiles]
Work = Callable[[], Awaitable[None]]

CHILD = """
import asyncio, sys
from pathlib import Path
from adapters.files.safe_files import SafeFiles

async def main(folder: Path) -> None:
    files = SafeFiles(folder / "files", folder / "journal")
    for number in range(int(sys.argv[2]), 10_000):
        print(number, flush=True)
        await files.append("n.md", f"line {number}", f"m{number}")
        if number % 3 == 2:
            print(-number, flush=True)
            await files.undo(f"m{number - 1}", f"u{number - 1}")

asyncio.run(main(Path(sys.argv[1])))
"""


class DeadError(BaseException):
    """The process died here: nothing after it runs, not even a clean-up for OSError."""


async def _dies_at(step: int, patch: pytest.MonkeyPatch, work: Work) -> bool:
    """Do the work; die right before (odd) or right after (even) a call that changes the disk."""
    calls = 0

    def deadly(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == step:
                raise DeadError
            result = real(*args, **kwargs)
            calls += 1
            if calls == step:
                raise DeadError
            return result

        return call

    with patch.context() as patched:
        patched.setattr(os, "fsync", deadly(os.fsync))
        patched.setattr(Path, "replace", deadly(Path.replace))
        patched.setattr(Path, "unlink", deadly(Path.unlink))
        try:
            await work()
        except DeadError:
            return True
    return False


async def test_dying_at_any_step_of_an_append(
    fresh: Fresh, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each step of the way a restart finds out the truth and ends with the line there once."""
    expected = ""
    for step in range(1, 100):
        marker = f"m{step}"

        async def work(text: str = marker) -> None:
            await fresh().append("n.md", text, text)

        died = await _dies_at(step, monkeypatch, work)
        found, _ = await fresh().look_up(marker)
        there = (root / "n.md").exists() and marker in (root / "n.md").read_text().splitlines()
        assert found is (Trace.APPLIED if there else Trace.ABSENT)
        await fresh().append("n.md", marker, marker)
        expected += f"{marker}\n"
        assert (root / "n.md").read_text() == expected
        if not died:
            break
    assert step > 10
    assert not died
    assert names(root) == ["n.md"]


@pytest.mark.parametrize("new", [True, False])
async def test_dying_at_any_step_of_an_undo(
    fresh: Fresh, root: Path, monkeypatch: pytest.MonkeyPatch, *, new: bool
) -> None:
    """A restart in the middle of an undo ends with the change undone once."""
    if not new:
        (root / "n.md").write_text("mine\n")
    for step in range(1, 100):
        await fresh().append("n.md", "same", f"m{step}")

        async def work(number: int = step) -> None:
            await fresh().undo(f"m{number}", f"u{number}")

        died = await _dies_at(step, monkeypatch, work)
        await fresh().undo(f"m{step}", f"u{step}")
        assert (root / "n.md").exists() is not new
        assert new or (root / "n.md").read_text() == "mine\n"
        assert (await fresh().look_up(f"m{step}"))[0] is Trace.APPLIED
        if not died:
            break
    assert step > 8
    assert not died


def _killed_child(folder: Path, start: int, seconds: float) -> list[int]:
    """Run the child from a number on, kill it some time after its first line; return its lines."""
    command = [sys.executable, "-c", CHILD, str(folder), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        return [int(line) for line in [first, *child.stdout.read().splitlines()]]


async def test_kill_at_random_moments(fresh: Fresh, root: Path, tmp_path: Path) -> None:
    """After `kill -9` in a loop of appends and undos every line that should be there is, once."""
    moments = random.Random(7)
    start, found = 0, {Trace.APPLIED: 0, Trace.ABSENT: 0}
    for _ in range(12):
        last = _killed_child(tmp_path, start, moments.uniform(0, 0.15))[-1]
        number = abs(last)
        trace, _ = await fresh().look_up(f"m{number}" if last >= 0 else f"u{number - 1}")
        found[trace] += 1
        await fresh().append("n.md", f"line {number}", f"m{number}")
        if number % 3 == 2:
            await fresh().undo(f"m{number - 1}", f"u{number - 1}")
        start = number + 1
    expected = [f"line {n}" for n in range(start) if n % 3 != 1 or n == start - 1]
    assert (root / "n.md").read_text().splitlines() == expected
    assert names(root) == ["n.md"]
    assert sum(found.values()) == 12
