"""What the owner says in passing is learned, replaced, found by a question, and never twice."""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting

TURNS = 300
FACT = re.compile(r"- \[(F\w+)\] ")
NAMES = ("Ada", "Boris", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas")
JOBS = ("accountant", "dentist", "lawyer", "plumber", "landlord")
TOWNS = ("Bonn", "Ulm", "Kiel", "Jena", "Graz", "Linz", "Bern", "Lyon", "Pisa", "Oslo")
TOOLS = ("payments", "invoices", "backups", "hosting", "newsletters")
CHAT = (
    "how would you begin a letter to a supplier, version {n}?",
    "thanks, that helps, number {n}",
    "give me a joke about ships and the number {n}",
    "shorten that a little, to about {n} words",
)


class Planted(NamedTuple):
    """What is said, what takes its place later, and the question that needs it."""

    said: str
    later: str | None
    question: str


def _planted() -> list[Planted]:
    """Return forty facts, decisions and changes of mind."""
    jobs = [
        Planted(f"My {job} is {NAMES[n]} Vogel.", f"My {job} is now {NAMES[n + 5]} Sommer.",
                f"who is my {job}?")
        for n, job in enumerate(JOBS)
    ]  # fmt: skip
    people = [
        Planted(f"{name} lives in {TOWNS[n]}.", None, f"where does {name} live?")
        for n, name in enumerate(NAMES)
    ]
    prices = [
        Planted(f"{name}'s email is {name.lower()}@old.example.",
                f"{name}'s email is {name.lower()}@new.example now.", f"what is {name}'s email?")
        for name in NAMES
    ]  # fmt: skip
    tools = [
        Planted(f"We use Tool{n}a for {what}.", f"We switched to Tool{n}b for {what}.",
                f"what do we use for {what}?")
        for n, what in enumerate(TOOLS)
    ]  # fmt: skip
    decided = [
        Planted(f"We decided to open the {town} branch in {month}.", None,
                f"what did we decide on the {town} branch?")
        for town, month in zip(TOWNS, ("May", "June", "July", "August", "October") * 2, strict=True)
    ]  # fmt: skip
    return [*jobs, *people, *prices, *tools, *decided]


def _script(planted: Sequence[Planted]) -> list[str]:
    """Return the turns: said in the first third, changed in the second, small talk all through."""
    lines = [CHAT[n % 4].format(n=n) for n in range(TURNS)]
    for place, one in enumerate(planted):
        lines[place * 2] = one.said
        if one.later:
            lines[110 + place * 3] = one.later
    return lines


def _section(model: ScriptedModel, name: str) -> str:
    """Return the lines of a section of the last prompt."""
    text = "\n".join(message.content for message in model.requests[-1].messages)
    _, _, after = text.partition(f"{name}:\n")
    lines = []
    for line in after.splitlines():
        if not line.startswith("- ["):
            break
        lines.append(line)
    return "\n".join(lines)


async def _asked(talk: Sitting, model: ScriptedModel, one: Planted) -> list[str]:
    """Return what is wrong with the facts in the prompt of a question, and with their source."""
    await talk.say(one.question)
    facts = _section(model, "Facts")
    said = one.later or one.said
    now = said.rstrip(".")
    named = [FACT.match(line) for line in facts.splitlines() if now in line]
    if not named or named[0] is None:
        return [f"{one.question}: {now!r} is missing in:\n{facts}"]
    wrong = []
    if one.later and one.said.rstrip(".") in facts:
        wrong.append(f"{one.question}: {one.said!r} is replaced and still there")
    if one.later and f" {one.said}" in _section(model, "Earlier"):
        wrong.append(f"{one.question}: {one.said!r} is recalled as if it held")
    recalled = (await talk.events("context.recalled.v1"))[-1].payload
    if named[0][1] not in recalled["facts"]:
        wrong.append(f"{one.question}: the event does not name {named[0][1]}")
    if await _source_of(talk, named[0][1]) != said:
        wrong.append(f"{one.question}: the source of {named[0][1]} is not the line that said it")
    history = await talk.say(f"/memory history {named[0][1]}")
    if one.later and f"superseded  {one.said.rstrip('.')}" not in history:
        wrong.append(f"{one.question}: what was replaced is not in {history}")
    return wrong


async def _source_of(talk: Sitting, fact: str) -> str:
    """Return the words of the message that a fact names as its source."""
    rows, log = talk.app.kernel.rows, talk.app.kernel.log
    row = await rows.get("facts", fact)
    message = await rows.get("messages", row.doc["message"]) if row is not None else None
    if message is None:
        return ""
    ref = message.doc["text"]["ref"]
    return str((await log.values([ref]))[ref])


async def test_forty_things_of_three_hundred_turns_are_known_in_their_latest_state(
    place: Place,
) -> None:
    """Long after the window rolled over, each question's prompt holds the fact with its source."""
    # The questions come after a restart: nothing is left but what is on the disk.
    model = ScriptedModel(lambda _: "I see.")
    planted = _planted()
    assert len(planted) == 40
    async with sitting(place, Overrides(model=model, environ={})) as talk:
        for line in _script(planted):
            await talk.say(line)
    async with sitting(place, Overrides(model=model, environ={})) as talk:
        window = await talk.app.kernel.recall.windows.read("terminal", ())
        said = {turn.text for turn in window.turns}
        assert not said & {text for one in planted for text in (one.said, one.later) if text}
        wrong = [what for one in planted for what in await _asked(talk, model, one)]
        listed = await talk.events("fact.learned.v1")
        planned = sum(1 + bool(one.later) for one in planted)
        assert len(listed) <= planned + 6, [event.payload["text"]["value"] for event in listed]
    assert not wrong, f"{len(wrong)} of {len(planted)}:\n" + "\n".join(wrong)


def test_offline_it_learns_once_and_keeps_what_was_replaced(program: Program) -> None:
    """Two tastes both stay; history shows both states; a restart learns nothing again."""
    program.chat("I like tea", "I like coffee", "My dentist is Ada Vogel.")
    program.chat("My dentist is now Hugo Sommer.", "who is my dentist?")
    facts = json.loads(program.ok("memory", "list", "--json"))
    texts = " ".join(one["text"] for one in facts)
    assert "tea" in texts
    assert "coffee" in texts
    assert "Vogel" not in texts
    (new,) = [one for one in facts if "Sommer" in one["text"]]
    told = program.chat(f"/memory history {new['id']}")
    assert "superseded  My dentist is Ada Vogel" in told
    assert "known  My dentist is now Hugo Sommer" in told
    old, now = json.loads(program.ok("memory", "history", new["id"], "--json"))
    assert (old["kind"], now["kind"]) == ("person", "person")
    assert old["replaced_by"] == now["id"]
    assert f"{now['by']}, person)" in told
    before = len(program.events("--type", "fact.learned.v1"))
    assert before == 4
    program.chat("hello", "thanks")
    assert len(program.events("--type", "fact.learned.v1")) == before


def test_undo_of_what_replaced_another_brings_it_back(program: Program) -> None:
    """After undo the old fact counts again, and answers."""
    program.chat("remember that my dentist is Ada Vogel")
    program.chat("remember that my dentist is now Hugo Sommer")
    assert "Vogel" not in program.ok("memory", "list")
    program.ok("undo", "--yes")
    listed = program.ok("memory", "list")
    assert "Ada Vogel" in listed
    assert "Sommer" not in listed
    assert "Vogel" in program.chat("hello", "what is 3+4?", "thanks", "who is my dentist?")
    assert json.loads(program.ok("memory", "search", "dentist", "--json"))[0]["text"].count("Vogel")
    program.ok("verify")
    assert "the same bytes as before" in program.ok("rebuild")


async def test_a_wish_to_forget_is_never_a_new_fact(place: Place) -> None:
    """It asks which fact is meant, with a button; what is not known is not learned by it either."""
    async with sitting(place) as talk:
        await talk.say("remember that the wifi code is 4321")
        said = await talk.say("forget that the wifi code is 4321")
        (learned,) = await talk.events("fact.learned.v1")
        fact = learned.payload["fact"]
        assert said.startswith("Which fact?")
        assert fact in said
        assert "is forgotten" in await talk.say(f"/forget {fact}")
        for line in (
            "forget that the wifi code is 4321",
            "Please forget that my pin is 1234.",
            "stop remembering that the office is in Bonn",
            "/remember forget that the door code is 77",
        ):
            await talk.say(line)
        assert len(await talk.events("fact.learned.v1")) == 1


async def test_a_model_cannot_keep_a_wish_to_forget(place: Place) -> None:
    """The arguments are refused and sent back to it once."""
    wish = plan(does("t1", "memory.remember", {"text": "Forget that the wifi code is 4321"}))
    model = ScriptedModel([wish, "Write /forget wifi code to have it forgotten."])
    async with sitting(place, Overrides(model=model)) as talk:
        await talk.say("forget the wifi code")
        assert not await talk.events("fact.learned.v1")
        assert len(model.requests) == 2
        assert "wish to forget" in model.requests[1].messages[-1].content
