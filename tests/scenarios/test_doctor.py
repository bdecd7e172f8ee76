"""`doctor` says what is wrong with the files, and looks at all of them."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.chosen import Unconfined
from bot import doctor
from bot.wiring.caches import build_sandbox
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting
from tests.waiting import PATIENCE_S


def found(program: Program) -> dict[str, Any]:
    """Return what doctor says, by part."""
    return {one["part"]: one for one in json.loads(program.run("doctor", "--json").out)}


def damaged(file: Path) -> None:
    """Overwrite the page in the middle of a file that nothing holds open."""
    whole = file.read_bytes()
    half = len(whole) // 4096 // 2 * 4096
    file.write_bytes(whole[:half] + b"\xff" * 4096 + whole[half + 4096 :])


def test_how_files_of_strangers_are_read_is_told(program: Program) -> None:
    """Doctor says what confines the reader here; without anything, what to install."""
    said = found(program)["sandbox"]
    if not build_sandbox().name:
        assert said["level"] == "warn"
    else:
        assert said["level"] == "ok"
        assert "by bubblewrap (" in said["said"] or "by Landlock and seccomp" in said["said"]


async def test_a_machine_without_a_sandbox_is_told_what_to_install(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read all the same: a warning, no failure."""
    monkeypatch.setattr(doctor, "build_sandbox", Unconfined)
    async with sitting(place) as talk:
        (one,) = [it async for it in doctor.examine(talk.app) if it.part == "sandbox"]
    assert one.level == "warn"
    assert "apt install bubblewrap" in one.todo


def test_every_page_is_read(program: Program) -> None:
    """A damaged page of the log or of an index is a failure that names the file."""
    program.chat("note: one", "remember that I like tea")
    before = found(program)
    assert before["database"]["level"] == "ok"
    assert "MB whole" in before["database"]["said"]
    assert before["sqlite"]["said"].startswith("version 3.")
    damaged(program.place.data / "memory" / "facts.db")
    after = found(program)
    assert after["memory.facts"]["level"] == "fail"
    assert "is damaged" in after["memory.facts"]["said"]
    damaged(program.place.data / "equerry.db")
    done = program.run("doctor")
    assert done.code == 1
    assert "is damaged" in done.out + done.err


async def test_a_long_check_says_how_far_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line a second, and the findings before it are there already."""
    said: list[str] = []
    told = threading.Event()

    def tell(line: str) -> None:
        said.append(line)
        told.set()

    monkeypatch.setattr(doctor, "check_pages", lambda _file: told.wait(PATIENCE_S))
    async with sitting(place) as talk:
        async for one in doctor.examine(talk.app, tell):
            if one.part == "database":
                break
    assert "equerry.db: every page is read" in said[0]
