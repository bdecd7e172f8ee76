"""Working summaries of a program that is killed while it talks and compacts."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from core.memory.summaries.bullets import parse
from tests.chaos.program import Moment, Program
from tests.conftest import Chaos
from tests.scenarios.chain import check_chain

TURNS, EVERY = 150, 5
NARROW = {"memory": {"window": {"tokens": 200}}}
"""A window of few turns, so that there is much to compact."""


def _decision(number: int) -> str:
    return f"We decided to use tool{number:03} for job{number:03}."


def _script(folder: Path) -> Path:
    """Write a talk in which every fifth turn decides something."""
    lines = [
        _decision(number) if number % EVERY == 0 else f"small talk number {number} and so on"
        for number in range(TURNS)
    ]
    file = folder / "talk.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _payloads(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event["payload"] for event in events if event["type"] == kind]


@pytest.mark.timeout(900)
def test_killed_while_it_compacts_nothing_is_left_out_or_told_twice(
    tmp_path: Path, chaos: Chaos
) -> None:
    """Versions follow each other without a gap; each decision is in the summary once, or later."""
    chance = random.Random(chaos.seed)
    program = Program(tmp_path / "place", 9, NARROW)
    script = _script(tmp_path)
    kills = 0
    for _ in range(max(chaos.kills // 2, 4)):
        moment = Moment(chance.uniform(0, 0.03), writes=chance.randint(5, 60))
        kills += program.killed(script, "talk", moment)
    program.finish(script, "talk")
    assert kills >= 3
    events = program.events()
    check_chain(events)
    versions = _payloads(events, "summary.updated.v1")
    assert len(versions) >= 3
    assert [one["version"] for one in versions] == list(range(1, len(versions) + 1))
    assert [one["after"] for one in versions] == [0, *(one["until"] for one in versions[:-1])]
    _check_told_once(events, versions)
    _check_decisions(program, events, versions[-1])


def _check_told_once(events: list[dict[str, Any]], versions: list[dict[str, Any]]) -> None:
    """Check that each message up to the last version is told of by exactly one."""
    told = [name for one in versions for name in one["events"]]
    assert len(told) == len(set(told))
    heard = {
        event["id"]
        for event in events
        if event["type"] == "message.received.v1" and event["position"] <= versions[-1]["until"]
    }
    assert heard <= set(told)


def _check_decisions(program: Program, events: list[dict[str, Any]], last: dict[str, Any]) -> None:
    """Check that the summary holds each decision it tells of, once, with the message it is in."""
    received = [event for event in events if event["type"] == "message.received.v1"]
    wanted = {
        event["payload"]["message"]: _decision(number)
        for number, event in enumerate(received)
        if number % EVERY == 0 and event["position"] <= last["until"]
    }
    out = program.folder / "export"
    program.ask("export", str(out))
    lines = (out / "summaries.jsonl").read_text(encoding="utf-8").splitlines()
    bullets = parse(json.loads(lines[-1])["text"])
    decided = [(one.ref, one.text) for one in bullets if one.section == "Decisions"]
    assert dict(decided) == wanted
    assert len(decided) == len(wanted) >= 10
