"""An index of memory that cannot be used: replies go on without it, and nothing untrue is said."""

import json
import sqlite3
from pathlib import Path

import pytest

from adapters.fts import schema
from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.disk import places_of
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting
from tests.scenarios.test_doctor import damaged

SCOPES = ("facts", "talk")


def files(place: Place) -> list[Path]:
    """Return the two index files."""
    return [place.data / "memory" / f"{scope}.db" for scope in SCOPES]


def folders(place: Place) -> None:
    """Put a folder in the place of each index."""
    for file in files(place):
        if file.exists():
            file.rename(file.with_suffix(".aside"))
        for more in ("-wal", "-shm"):
            file.with_name(file.name + more).unlink(missing_ok=True)
        file.mkdir()


def files_again(place: Place) -> None:
    """Put the indexes back."""
    for file in files(place):
        file.rmdir()
        file.with_suffix(".aside").rename(file)


def test_a_folder_in_its_place(program: Program) -> None:
    """Everything but a search is done; a search says that it cannot be made, and doctor why."""
    program.chat("remember that I like tea")
    folders(program.place)
    said = program.chat(
        "note: one",
        "what do I like?",
        "/memory tea",
        "/memory list",
        "/status",
        "/remember It rains",
    )
    assert "Added to notes.md: one" in said
    assert "cannot be searched now" in said
    assert "nothing on that" not in said
    assert "a folder is in its place" in said
    assert "I like tea" in said.partition("> /memory list")[2]
    assert "All well" not in said
    assert "Storage" not in said
    assert "Remembered as" in said
    done = program.run("memory", "search", "tea")
    assert (done.code, done.out) == (1, "")
    assert "a folder is in its place" in done.err
    batch = program.run("memory", "search", "--batch", "-", stdin='{"query":"tea"}\n' * 2)
    answers = [json.loads(line) for line in batch.out.splitlines()]
    assert ["cannot be used" in one["error"] for one in answers] == [True, True]
    found = {o["part"]: o for o in json.loads(program.run("doctor", "--json").out)}
    assert found["memory.facts"]["level"] == "fail"
    assert "move the folder away" in found["memory.facts"]["todo"]
    files_again(program.place)
    assert "like tea" in program.ok("memory", "search", "tea")
    assert "rains" in program.ok("memory", "search", "rain")


def test_a_damaged_page_is_mended_by_itself(program: Program) -> None:
    """Every line is handled, and after it all is found again and well."""
    program.chat("note: zero", "remember that I like tea")
    for file in files(program.place):
        damaged(file)
    said = program.chat("what do I like?", "note: one")
    assert "nothing on that" not in said
    assert "Added to notes.md: one" in said
    said = program.chat("what do I like?", "/memory tea", "/status")
    assert said.count("like tea") >= 2
    assert "All well" in said


def test_doctor_has_a_damaged_index_made_anew(program: Program) -> None:
    """Doctor reads every page; what it finds is mended, and is well when it looks again."""
    program.chat("note: zero", "remember that I like tea")
    damaged(files(program.place)[0])
    looked = [json.loads(program.run("doctor", "--json").out) for _ in range(2)]
    levels = [{one["part"]: one for one in found}["memory.facts"] for found in looked]
    assert levels[0]["level"] == "fail"
    assert "made again from the log" in levels[0]["todo"]
    assert "backup" not in levels[0]["said"]
    assert levels[1]["said"].startswith("1 entries")


async def test_forgetting_waits_for_an_index_and_says_so(place: Place) -> None:
    """What cannot be erased yet is not said to be; it is erased as soon as it can be."""
    async with sitting(place) as talk:
        await talk.say("remember that the zylophant sleeps in Bergquast")
        (one,) = await talk.events("fact.learned.v1")
        for indexer in talk.app.kernel.recall.knowledge.scopes.values():
            await indexer.catch_up()
    folders(place)
    async with sitting(place) as talk:
        said = await talk.say(f"/forget {one.payload['fact']}")
        assert "The search index still holds them" in said
        assert "a folder is in its place" in said
        assert "Bergquast" not in await talk.say("/memory list")
    left = {Path(name).name.partition(".")[0] for name in places_of("Bergquast", place.data)}
    assert left == {"facts", "talk"}
    async with sitting(place) as talk:  # a start is not held up by it
        assert "Added" in await talk.say("note: one")
    files_again(place)
    async with sitting(place) as talk:
        assert await talk.app.kernel.recall.knowledge.search("zylophant", 5) == []
        await talk.app.kernel.recall.knowledge.talk.catch_up()
    assert places_of("Bergquast", place.data) == []


async def _asked(place: Place) -> tuple[str, str]:
    """Ask after Bob; return the prompt, and what was answered."""
    model = ScriptedModel(lambda _: "Good.")
    async with sitting(place, Overrides(model=model)) as talk:
        said = await talk.say("What does Bob like best of all offers?")
    return "\n".join(message.content for message in model.requests[-1].messages), said


async def test_the_planner_is_told_that_memory_is_away(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program keeps a lock the turn is answered; the prompt says what it lacks."""
    monkeypatch.setattr(schema, "BUSY_S", 0.05)
    async with sitting(place) as talk:
        await talk.say("/remember Bob likes the blue offer")
    locks: list[sqlite3.Connection] = []
    for file in files(place):
        locks.append(sqlite3.connect(file, isolation_level=None))
        locks[-1].execute("PRAGMA locking_mode=EXCLUSIVE")
        locks[-1].execute("BEGIN EXCLUSIVE")
    prompt, said = await _asked(place)
    for one in locks:
        one.close()
    assert said == "Good."
    assert "Recall: what is remembered cannot be searched now" in prompt
    assert "blue offer" not in prompt
    prompt, _ = await _asked(place)
    assert "Recall:" not in prompt
    assert "blue offer" in prompt


async def test_what_is_known_is_not_learned_twice_by_the_log_alone(place: Place) -> None:
    """Without an index the same fact is known, and a newer value replaces the older one."""
    async with sitting(place) as talk:
        await talk.say("/remember I live in Bonn")
    folders(place)
    async with sitting(place) as talk:
        assert "says so already" in await talk.say("/remember i live in  Bonn.")
        assert "It replaces F" in await talk.say("/remember I live in Berlin")
