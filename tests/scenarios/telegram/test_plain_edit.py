"""The new text of a card as a message that replies to nothing: some apps know no replies."""

import pytest

from bot.telegram import editing
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Message


async def _edit_pressed(phone: Phone, text: str) -> Message:
    """Ask for a note, press Edit on its card, and return the card."""
    card = await phone.card(f"note: {text}")
    await phone.owner.tap_async(card, "Edit")
    await phone.chat.wait_async("reply with the new text, or with field=value", after=card.id)
    return card


async def test_what_is_written_after_edit_is_the_new_text_once(phone: Phone) -> None:
    """Nothing is decided by it, and the next message is a message again."""
    async with phone.running():
        await phone.pair()
        card = await _edit_pressed(phone, "buy milk")
        draft = await phone.say("buy oat milk", "took this as the new text")
        assert "buy oat milk" in draft.text
        assert not await phone.events("card.decided.v1")
        await phone.card("note: buy bread")
        assert len(card.buttons) == 2
        assert not phone.place.note().exists()


async def test_commands_and_answers_stay_what_they_are(phone: Phone) -> None:
    """A command waits for no edit; an answer in words decides; the edit is over then."""
    async with phone.running():
        await phone.pair()
        card = await _edit_pressed(phone, "buy milk")
        await phone.say("/status", "cards wait for you")
        await phone.say("why?", "Why G")
        phone.owner.say(phone.chat, "reject")
        await phone.chat.wait_async("Rejected by you", of=card)
        await phone.card("note: buy bread")
        assert not await phone.events("card.drafted.v1")


async def test_an_edit_that_is_wrong_is_asked_for_anew(phone: Phone) -> None:
    """The sentence names what is wrong; what is written then is a message."""
    async with phone.running():
        await phone.pair()
        card = await _edit_pressed(phone, "buy milk")
        await phone.say("colour=red", "has no 'colour'")
        await phone.card("note: buy bread")
        assert not await phone.events("card.drafted.v1")
        await phone.owner.tap_async(card, "Edit")
        await phone.chat.wait_async("reply with the new text", after=phone.chat.last_id - 1)
        await phone.say("text=buy oat milk", "took this as the new text")


async def test_it_is_waited_for_some_minutes_only(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After that a message is a message."""
    monkeypatch.setattr(editing, "PATIENCE", editing.PATIENCE * 0)
    async with phone.running():
        await phone.pair()
        await _edit_pressed(phone, "buy milk")
        second = await phone.card("note: buy bread")
        assert "buy bread" in second.text
        assert not await phone.events("card.drafted.v1")


async def test_told_again_after_a_restart_it_is_the_same_edit(phone: Phone) -> None:
    """The program that took it is gone, and so is what it expected: no second meaning."""
    async with phone.running():
        await phone.pair()
        await _edit_pressed(phone, "buy milk")
        phone.server.faults.delay("getUpdates", 0.3)
        phone.owner.say(phone.chat, "buy oat milk")
        update = phone.server.updates.pending[-1]
        await phone.chat.wait_async("took this as the new text")
    phone.server.repeat_update(update)
    async with phone.running():
        await phone.say("/status", "cards wait for you")
        assert len(await phone.events("card.drafted.v1")) == 1
        assert len(await phone.events("goal.started.v1")) == 1
