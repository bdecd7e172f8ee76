"""An event that fails whenever it is worked on, as the owner meets it."""

from typing import ClassVar

import pytest

from core.domain.events import PAYLOADS, NewEvent, Payload
from core.domain.events.aside import EventSetAside
from core.domain.events.goals import ContextRecalled, GoalWoken
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting

WIRE = ContextRecalled.wire


@pytest.fixture
def harmed(monkeypatch: pytest.MonkeyPatch) -> Payload:
    """Give an event of a known type that has none of its fields when it is read."""
    monkeypatch.delitem(PAYLOADS, WIRE)

    class Harmed(Payload):
        wire: ClassVar[str] = WIRE

    monkeypatch.undo()
    return Harmed()


async def test_a_conversation_goes_on_past_what_it_cannot_read(
    stored_place: Place, harmed: Payload
) -> None:
    """The owner is told once in one sentence, /status names it, and the talk goes on."""
    stored_place.configure(**ASK_FOR_NOTES)
    async with sitting(stored_place) as talk:
        await talk.say("note: buy milk")
        goal = (await talk.events("goal.started.v1"))[0].goal or ""
        woken = GoalWoken(conversation=talk.conversation, reason="a test")
        await talk.app.kernel.log.append([_of(goal, harmed), _of(goal, woken)])
        said = await talk.say("hello")
        assert (await talk.app.engine.health()).problem is None
    assert "I set the work on “note: buy milk” aside, because it failed twice (Event " in said
    assert f"({WIRE}) cannot be read, so {goal} goes no further" in said
    assert said.count("aside") == 1
    async with sitting(stored_place) as talk:
        assert "aside" not in await talk.say("hello again")
        status = await talk.say("/status")
        assert len(await talk.events(EventSetAside.wire)) == 1
        assert await talk.say("accept") == "No card is open here: there is nothing to answer."
    assert "Set aside: the work on “note: buy milk” (Event " in status
    assert "All well" not in status
    program = Program(stored_place)
    assert "Set aside: " in program.ok("status")
    assert "the same bytes" in program.ok("rebuild")


async def test_what_waits_and_cannot_be_read_is_stopped(place: Place, harmed: Payload) -> None:
    """It holds up no other talk, says what is wrong when it is decided, and /stop ends it."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: buy milk")
        goal = (await talk.events("goal.started.v1"))[0].goal or ""
        await talk.app.kernel.log.append([_of(goal, harmed)])
        assert "cannot be read" not in await talk.say("hello")
        assert f"({WIRE}) cannot be read, so {goal} goes no further" in await talk.say("accept")
        assert f"Stopped {goal}" in await talk.say(f"/stop {goal}")
        assert "All well." in await talk.say("/status")


def _of(goal: str, payload: Payload) -> NewEvent:
    return NewEvent(stream=f"goal:{goal}", payload=payload, goal=goal)
