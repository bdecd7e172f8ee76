"""The front: which line goes to a command, a card, or intake."""

import pytest

from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.sitting import Sitting, sitting


@pytest.mark.parametrize(
    "talk_line",
    ["why is the sky blue", "why goals matter", "accept my thanks", "rejection hurts", "editor?"],
)
async def test_talk_that_only_looks_like_an_answer_is_a_message(
    place: Place, talk_line: str
) -> None:
    """Only a whole line in the grammar of answers is one; the open card stays open."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say(talk_line)
        received = await talk.events("message.received.v1")
        assert received[-1].payload["text"]["value"] == talk_line
        assert not await talk.events("card.decided.v1")


@pytest.mark.parametrize("line", ["why", "Why?", "why {card}", "why {goal}", "/why {card}"])
async def test_why_in_words_tells_of_the_open_card(place: Place, line: str) -> None:
    """As the foot of a card says: bare it means the newest open card, or a given card or goal."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        card = talk.card
        await talk.say("hello")
        said = await talk.say(line.format(card=card.card, goal=card.goal))
        assert said.startswith(f"Why {card.goal}:")


async def test_a_bare_answer_means_the_newest_card_of_its_conversation(place: Place) -> None:
    """Not the newest anywhere: another conversation's card is not touched."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        other = Sitting(talk.app, "phone:7")
        await talk.say("note: one")
        await talk.say("note: two")
        await other.say("note: three")
        await talk.say("accept")
        assert place.note().read_text("utf-8") == "two\n"
        await talk.say("accept")
        assert "No card is open here" in await talk.say("accept")
        await other.say("ACCEPT")
    assert place.note().read_text("utf-8") == "two\none\nthree\n"


async def test_an_edit_that_is_begun_ends_with_a_command(place: Place) -> None:
    """After `edit`, a slash command is a command; the text that follows it is a message again."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        await talk.say("note: one")
        await talk.say("edit")
        assert "1 cards wait" in await talk.say("/status")
        await talk.say("hello")
        assert not await talk.events("card.decided.v1")


async def test_reject_with_words_and_no_card_is_talk(place: Place) -> None:
    """`reject the offer` without an open card is a wish of the owner."""
    async with sitting(place) as talk:
        await talk.say("reject the offer of Acme")
        assert len(await talk.events("message.received.v1")) == 1
