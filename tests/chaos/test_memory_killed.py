"""Memory whose process is killed while it takes lines in or is rebuilt; spoilt vectors."""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.program import Program
from tests.conftest import Chaos
from tests.scenarios.chain import check_chain
from tests.waiting import PATIENCE_S

LINES = 1500
TRIES = 5
THINGS = ("boat", "lamp", "kiln", "drum", "sail")


def _name(number: int) -> str:
    """Return a word that only one line holds."""
    letters = "bdfgklmnprstvz"
    return "".join(letters[number // 14**place % 14] + "aeiou"[place] for place in range(4)) + "x"


def _lines(folder: Path, count: int) -> Path:
    file = folder / "talk.jsonl"
    rows = [
        {
            "id": f"L{number}",
            "text": f"{_name(number)} keeps the {THINGS[number % 5]} number {number} ready",
            "speaker": "me" if number % 2 else "Ana",
            "at": f"2026-01-{number % 28 + 1:02}T10:00:00",
            "source": f"talk-{number % 7}",
        }
        for number in range(count)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Give a program in a folder of its own."""
    return Program(tmp_path / "place", 9)


def _start(program: Program, *words: str) -> "subprocess.Popen[bytes]":
    nothing = subprocess.DEVNULL
    return subprocess.Popen(program.command(*words), stdin=nothing, stdout=nothing, stderr=nothing)


def _kill(process: "subprocess.Popen[bytes]") -> bool:
    """Kill a process; False when it had ended before."""
    process.send_signal(signal.SIGKILL)
    return process.wait(PATIENCE_S) != 0


def _counted(program: Program, table: str) -> int:
    """Return how many rows of the index of facts there are."""
    index = program.data / "memory" / "facts.db"
    if not index.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
    except sqlite3.OperationalError:
        return 0


def _wait_until(reached: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_S
    while not reached() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)


def _check_whole(program: Program, count: int) -> None:
    """Check that each line is there once, in log, words and vectors."""
    events = program.events()
    check_chain(events)
    learned = [event for event in events if event["type"] == "fact.learned.v1"]
    assert sorted(e["payload"]["label"] for e in learned) == sorted(f"L{n}" for n in range(count))
    listed = json.loads(program.ask("memory", "list", "--json", "--most", "10000"))
    assert len({one["id"] for one in listed}) == len(listed) == count
    assert _counted(program, "entries") == _counted(program, "vectors") == count
    assert _counted(program, "words") == count
    asked = "".join(json.dumps({"query": _name(n), "k": 1}) + "\n" for n in range(0, count, 7))
    queries = program.folder / "queries.jsonl"
    queries.write_text(asked, encoding="utf-8")
    answers = program.ask("memory", "search", "--batch", str(queries)).splitlines()
    found = [json.loads(answer)["results"][0]["id"] for answer in answers]
    assert found == [f"L{n}" for n in range(0, count, 7)]


@pytest.mark.timeout(900)
def test_killed_while_it_takes_in_every_line_is_there_once(
    program: Program, tmp_path: Path, chaos: Chaos
) -> None:
    """Killed while it appends and while it makes vectors; the last run ends the work."""
    chance = random.Random(chaos.seed)
    file = _lines(tmp_path, LINES)
    kills = 0
    for table, share in (("log", 0.0), ("entries", 0.5), ("vectors", 0.6)):
        process = _start(program, "memory", "ingest", str(file))
        if table == "log":
            program.watch(process, chance.randint(3, 9))
        else:
            most = int(LINES * share * chance.random()) + 1
            _wait_until(lambda t=table, m=most: _counted(program, t) >= m, process)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.05))
        kills += _kill(process)
    assert kills >= 2
    done = json.loads(program.ask("memory", "ingest", str(file), "--json"))
    assert done["added"] + done["known"] == done["facts"] == LINES
    assert done["problems"] == []
    assert json.loads(program.ask("memory", "ingest", str(file), "--json"))["added"] == 0
    _check_whole(program, LINES)


@pytest.mark.timeout(600)
def test_killed_while_it_rebuilds_nothing_is_lost(
    program: Program, tmp_path: Path, chaos: Chaos
) -> None:
    """Whenever `rebuild` is killed, the next one comes to the same digest, and search answers."""
    # Killed at some time, when the index was emptied, and when it was half filled again.
    chance = random.Random(chaos.seed)
    count = 600
    program.ask("memory", "ingest", str(_lines(tmp_path, count)))
    begun = time.monotonic()
    digest = _digest(program.ask("rebuild"))
    took = time.monotonic() - begun
    process = _start(program, "rebuild")
    time.sleep(took * chance.uniform(0.2, 0.8))
    _kill(process)
    for least in (0, 1):
        assert any(_killed_between(program, least, count) for _ in range(TRIES))
        found = json.loads(program.ask("memory", "search", _name(33), "--json"))
        assert found[0]["id"] == "L33"
        assert _counted(program, "entries") == count
    said = program.ask("rebuild")
    assert _digest(said) == digest, said
    program.ask("memory", "ingest", str(tmp_path / "talk.jsonl"))
    _check_whole(program, count)


def _killed_between(program: Program, least: int, count: int) -> bool:
    """Kill a rebuild when the index was emptied and has `least` entries again; whether it hit."""
    process = _start(program, "rebuild")
    _wait_until(lambda: _counted(program, "entries") < count, process)
    _wait_until(lambda: _counted(program, "entries") >= least, process)
    return _kill(process) and _counted(program, "entries") < count


def _digest(said: str) -> str:
    return said.partition("digest ")[2].split(",")[0]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("harm", ["gone", "garbage", "emptied"])
def test_a_spoilt_store_of_vectors_is_mended(program: Program, tmp_path: Path, harm: str) -> None:
    """Search answers as before, and the process that leads makes the store anew."""
    count = 60
    program.ask("memory", "ingest", str(_lines(tmp_path, count)))
    _lead(program, tmp_path)
    chroma = program.data / "chroma"
    assert _vectors_in(chroma) >= count
    before = program.ask("memory", "search", "who keeps the kiln?", "--json")
    if harm == "gone":
        shutil.rmtree(chroma)
    elif harm == "garbage":
        (chroma / "chroma.sqlite3").write_bytes(b"no database at all " * 400)
    else:
        (chroma / "chroma.sqlite3").write_bytes(b"")
    assert program.ask("memory", "search", "who keeps the kiln?", "--json") == before
    said = _lead(program, tmp_path)
    assert "L33" in said
    assert _vectors_in(chroma) >= count
    assert program.ask("memory", "search", "who keeps the kiln?", "--json") == before


def _lead(program: Program, tmp_path: Path) -> str:
    """Lead with a chat until all vectors are in the store."""
    script = tmp_path / "script.txt"
    script.write_text(f"/memory {_name(33)}\n", encoding="utf-8")
    before = len(program.shown) if (program.folder / "stdout").exists() else 0
    process = program.talk()
    assert process.stdin is not None
    process.stdin.write(script.read_bytes())
    process.stdin.flush()
    chroma = program.data / "chroma"
    index = program.data / "memory" / "facts.db"
    _wait_until(
        lambda: _stored(index) and _vectors_in(chroma) >= _counted(program, "entries"), process
    )
    process.stdin.close()
    assert process.wait(PATIENCE_S) == 0, program.errors
    return "\n".join(program.shown[before:])


def _stored(index: Path) -> bool:
    with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT count(*), sum(stored) FROM vectors").fetchone()
    return bool(found[0]) and found[0] == found[1]


def _vectors_in(chroma: Path) -> int:
    """Return how many vectors Chroma has written down."""
    try:
        with sqlite3.connect(f"file:{chroma / 'chroma.sqlite3'}?mode=ro", uri=True) as connection:
            found = connection.execute("SELECT count(*) FROM embeddings").fetchone()
    except sqlite3.DatabaseError:
        return 0
    return int(found[0])
