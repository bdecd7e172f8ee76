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
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.test_model_server import with_model
from tests.servers.openai import OpenAiServer, answer, failure
from tests.servers.telegram import TelegramServer
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


async def _findings(talk: Sitting) -> dict[str, doctor.Finding]:
    return {one.part: one async for one in doctor.examine(talk.app)}


async def test_the_model_is_really_called_once_and_that_is_counted(place: Place) -> None:
    """What it answers, how fast, and what that cost."""
    with OpenAiServer() as server:
        server.script(answer("ok"))
        async with sitting(with_model(place, server)) as talk:
            found = (await _findings(talk))["model"]
            (call,) = await talk.events("model.called.v1")
            assert "$0.0002" in await talk.say("/cost")
            assert "doctor" in await talk.say("/cost")
        assert len(server.requests) == 1
    assert found.level == "ok"
    assert "a call just now" in found.said
    assert (call.payload["agent"], call.payload["outcome"]) == ("doctor", "ok")


async def test_a_model_that_refuses_is_a_failure(place: Place) -> None:
    """With what its server says."""
    with OpenAiServer() as server:
        server.script(*[failure(401, "Wrong key")] * 3)
        async with sitting(with_model(place, server)) as talk:
            found = (await _findings(talk))["model"]
    assert found.level == "fail"


async def test_the_bot_is_really_asked_who_it_is(
    place: Place, telegram_server: TelegramServer
) -> None:
    """A getMe, with the token that is configured; a wrong one is a failure that names the key."""
    settings = {"token": telegram_server.token, "api_base": telegram_server.api_base}
    place.configure(telegram=settings)
    async with sitting(place) as talk:
        found = (await _findings(talk))["telegram"]
    assert (found.level, len(telegram_server.calls_of("getMe"))) == ("ok", 1)
    assert "@" in found.said
    place.configure(telegram={**settings, "token": "42:wrong"})
    async with sitting(place) as talk:
        found = (await _findings(talk))["telegram"]
    assert found.level == "fail"
    assert "telegram.token" in found.said


async def test_a_section_that_does_nothing_says_so(place: Place) -> None:
    """At the start and in doctor; what is not configured is not spoken of."""
    async with sitting(place) as talk:
        assert "does nothing" not in talk.app.said
    place.configure(
        slack={"bot_token": "xoxb-1", "app_token": "xapp-1"},
        digest={"at": "08:00"},
        telemetry={"prometheus_port": 9000},
        actions={"mcp": {"servers": {"time": {"command": "mcp-server-time"}}}},
        telegram={"owner_ids": [42]},
        llm={"api_key": "sk-1"},
    )
    async with sitting(place) as talk:
        said = talk.app.said
        found = [one async for one in doctor.examine(talk.app)]
    warned = [one.said for one in found if one.part == "config" and one.level == "warn"]
    for name in ("slack", "digest", "telemetry", "actions.mcp", "telegram", "llm"):
        line = f"{name} is configured and does nothing"
        assert line in said
        assert any(one.startswith(line) for one in warned)
