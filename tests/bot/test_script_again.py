"""A script that is run again after a crash: a line that was handled does nothing, whatever it says.

By then another card may be the newest, or none may be open.
"""

import pytest

from bot.app import App
from bot.front import Front, Line
from core.domain.errors import EquerryError
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import sitting


async def run(app: App, *lines: str) -> None:
    """Write the lines of a script, each under its number, as a process that was just started."""
    front = Front(app)
    for number, text in enumerate(lines, 1):
        try:
            await front.take(Line("terminal", "terminal", "owner", text, f"script:s:{number}"))
        except EquerryError:
            continue
        finally:
            await app.engine.idle()


@pytest.mark.parametrize(
    "answer",
    [
        ["accept"],
        ["always"],
        ["reject"],
        ["reject: not today"],
        ["edit text=two"],
        ["edit", "two, please"],
    ],
)
async def test_an_answer_that_was_taken_answers_nothing_again(
    place: Place, answer: list[str]
) -> None:
    """Neither a card that is open by now nor, with none open, as a message."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await run(talk.app, "note: one", *answer)
        before = [event.type for event in await talk.events()]
        note = place.note().read_text("utf-8") if place.note().exists() else ""
        await run(talk.app, "note: one", *answer)
        assert [event.type for event in await talk.events()] == before
        await talk.say("note in other.md: three")
        await run(talk.app, "note: one", *answer)
        assert len(await talk.events("card.decided.v1")) == 1
        assert len(await talk.events("message.received.v1")) == 2
        assert (place.note().read_text("utf-8") if place.note().exists() else "") == note


async def test_a_message_that_looks_like_an_answer_stays_a_message(place: Place) -> None:
    """What was talk when nothing was open answers no card that was opened after it."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        lines = "edit the pricing page", "note: one"
        await run(talk.app, *lines)
        await run(talk.app, *lines)
        assert len(await talk.events("message.received.v1")) == 2
        assert not await talk.events("card.decided.v1")


@pytest.mark.parametrize("command", ["/undo", "/pause", "/resume"])
async def test_a_command_with_an_effect_is_obeyed_once(place: Place, command: str) -> None:
    """An undo does not go on to the operation before, a pause or its end is noted once."""
    async with sitting(place) as talk:
        lines = "note: one", "note: two", command
        await run(talk.app, *lines)
        before = len(await talk.events())
        await run(talk.app, *lines)
        assert len(await talk.events()) == before
