"""Commands that list ids have buttons, and a tap runs the command that it names."""

import asyncio
import signal
from pathlib import Path

from core.ports.read_models import RowQuery
from tests.scenarios.telegram.phone import EVE, Phone
from tests.scenarios.telegram.test_program import pairing_code, program
from tests.servers.telegram import Message
from tests.waiting import PATIENCE_S

LONG_FACT = "The office is in Bonn, in the yard behind the old bakery next to the market"
"""It fits on no label as a whole."""


def _button(message: Message, begins: str) -> str:
    return next(label for row in message.buttons for label in row if label.startswith(begins))


async def _two_goals(phone: Phone) -> tuple[Message, Message]:
    await phone.pair()
    return await phone.card("note: buy milk"), await phone.card("note: buy bread")


async def test_one_of_several_goals_is_stopped_by_its_button(phone: Phone) -> None:
    """/stop asks which; the tap stops that one once, however often it is delivered."""
    async with phone.running():
        first, second = await _two_goals(phone)
        asked = await phone.say("/stop", "2 goals are open here")
        assert asked.buttons[0] == ["Stop all of them"]
        assert len(asked.buttons) == 3
        label = _button(asked, "Stop G")
        assert label.endswith(": note: buy bread")
        tap = await phone.owner.tap_async(asked, label)
        assert tap.answered
        await phone.chat.wait_async("Stopped G", after=asked.id)
        await phone.chat.wait_async("Expired", of=second)
        phone.server.repeat_update(tap.update)
        await phone.say("/status", "1 cards wait for you")
        assert sum("Stopped G" in m.text for m in phone.chat.from_bot) == 1
        assert len(await phone.events("goal.stopped.v1")) == 1
        assert len(first.buttons) == 2
        await phone.owner.tap_async(asked, label)
        said = await phone.chat.wait_async("has ended already", after=asked.id)
        assert said.text.endswith("(stopped): there is nothing to stop.")
        assert "\n" not in said.text


async def test_all_goals_are_stopped_by_one_button(phone: Phone) -> None:
    """Both end, their cards expire."""
    async with phone.running():
        first, second = await _two_goals(phone)
        asked = await phone.say("/stop", "2 goals are open here")
        await phone.owner.tap_async(asked, "Stop all of them")
        said = await phone.chat.wait_async("Stopped G", after=asked.id)
        assert said.text.count("Stopped G") == 2
        for card in (first, second):
            await phone.chat.wait_async("Expired", of=card)


async def test_a_choice_is_the_owners_alone(phone: Phone) -> None:
    """A tap of somebody else, and one with data that no button carries, run nothing."""
    async with phone.running():
        await _two_goals(phone)
        asked = await phone.say("/stop", "2 goals are open here")
        tap = await phone.server.user(EVE, "Eve").tap_async(asked, "Stop all of them")
        assert tap.answer == "Only the owner decides here."
        asked.rows[0][0]["callback_data"] = "x:stop all"
        tap = await phone.owner.tap_async(asked, "Stop all of them")
        assert tap.answer is not None
        assert "another time" in tap.answer
        assert not await phone.events("goal.stopped.v1")


async def test_goals_can_be_asked_about_and_stopped(phone: Phone) -> None:
    """/goals has Why and Stop for each open goal; /why offers the goals before the newest."""
    async with phone.running():
        await _two_goals(phone)
        listed = await phone.say("/goals", "note: buy milk")
        assert [[label.split()[0] for label in row] for row in listed.buttons] == [
            ["Why", "Stop"],
            ["Why", "Stop"],
        ]
        why = _button(listed, "Why")
        await phone.owner.tap_async(listed, why)
        await phone.chat.wait_async(f"Why {why.split()[1]}:", after=listed.id)
        newest = await phone.say("/why", "buy bread")
        older = _button(newest, "Why G")
        assert older.endswith("note: buy milk")
        await phone.owner.tap_async(newest, older)
        await phone.chat.wait_async("buy milk", after=newest.id)


async def test_a_card_is_shown_again_and_all_its_messages_follow(phone: Phone) -> None:
    """The card asked for from /inbox in a group decides, and both its messages say so."""
    async with phone.running():
        await phone.pair()
        group = await phone.let_in(-1009)
        card = await phone.card("note: buy milk")
        name = phone.server.bot.username
        phone.owner.say(group, f"@{name} /inbox")
        listed = await group.wait_async(lambda m: m.rows)
        tap = await phone.owner.tap_async(listed, _button(listed, "C"))
        again = await group.wait_async("buy milk", after=listed.id)
        assert again.buttons == card.buttons
        phone.server.repeat_update(tap.update)
        stranger = await phone.server.user(EVE, "Eve").tap_async(again, "Accept")
        assert stranger.answer == "Only the owner decides here."
        await phone.owner.tap_async(again, "Accept")
        for message in (card, again):
            await phone.chat.wait_async(
                lambda m: "Accepted by you" in m.text and "→" in m.text, of=message
            )
            assert message.buttons == []
        assert phone.place.note().read_text("utf-8").count("buy milk") == 1
        assert len([m for m in group.from_bot if "buy milk" in m.text]) == 1
        await _settled(phone)
        late = await phone.owner.tap_async(listed, _button(listed, "C"))
        assert late.answered
        said = await group.wait_async("was already accepted by owner", after=again.id)
        assert not said.rows


async def _settled(phone: Phone) -> None:
    """Wait until no card is to be shown or brought up to date."""
    assert phone.app is not None
    due = RowQuery("cards", states=frozenset({"unshown", "closing"}))
    async with asyncio.timeout(PATIENCE_S):
        while await phone.app.kernel.rows.find(due, limit=10):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)


async def test_words_that_reply_to_a_copy_mean_its_card(phone: Phone) -> None:
    """Also where another card is newer; the first message of the card says what was decided."""
    async with phone.running():
        first, second = await _two_goals(phone)
        listed = await phone.say("/inbox", "note")
        await phone.owner.tap_async(listed, listed.buttons[0][0])
        again = await phone.chat.wait_async("buy milk", after=listed.id)
        await _settled(phone)
        phone.owner.say(phone.chat, "reject we have enough", reply_to=again)
        for message in (first, again):
            await phone.chat.wait_async("we have enough", of=message)
        assert len(second.buttons) == 2


async def test_what_else_can_be_undone_has_a_button(phone: Phone) -> None:
    """The card asks about the newest; a button asks about an older one."""
    phone.place.configure(gates={})
    async with phone.running():
        await phone.pair()
        await phone.say("note: buy milk", "Added to notes.md")
        await phone.say("note: buy bread", "Added to notes.md")
        others = await phone.say("/undo", "What else can be undone")
        await phone.owner.tap_async(others, _button(others, "Undo"))
        card = await phone.chat.wait_async(
            lambda m: m.rows and "Undo note" in m.text and "milk" in m.text
        )
        await phone.owner.tap_async(card, "Accept")
        await phone.chat.wait_async("→", of=card)
        assert phone.place.note().read_text("utf-8") == "buy bread\n"


async def test_a_fact_is_forgotten_by_two_taps(phone: Phone) -> None:
    """Words that fit facts offer them; the first tap asks once more, the second erases."""
    async with phone.running():
        await phone.pair()
        for fact in (LONG_FACT, "The office has a blue door"):
            await phone.say(f"/remember {fact}", "Remembered as F")
        which = await phone.say("/forget office", "Which fact?")
        assert len(which.buttons) == 2
        await phone.owner.tap_async(which, next(b for (b,) in which.buttons if "Bonn" in b))
        sure = await phone.chat.wait_async("for good", after=which.id)
        assert "Bonn" in sure.text
        await phone.owner.tap_async(sure, sure.buttons[0][0])
        await phone.chat.wait_async("is forgotten", after=sure.id)
        left = await phone.say("/memory list", "blue door")
        assert "Bonn" not in left.text
        assert [label.split()[0] for label in left.buttons[0]] == ["History", "Forget"]
        assert phone.app is not None
        assert not await phone.app.kernel.log.search_values(lambda value: "Bonn" in str(value))


async def test_a_grant_is_revoked_by_its_button(phone: Phone) -> None:
    """/grants has Revoke for each; a second tap on it is one clear sentence."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
        phone.owner.say(phone.chat, "always, 10 times", reply_to=card)
        await phone.chat.wait_async("/grants lists it")
        listed = await phone.say("/grants", "note.append")
        await phone.owner.tap_async(listed, _button(listed, "Revoke P"))
        await phone.chat.wait_async("is asked again", after=listed.id)
        await phone.owner.tap_async(listed, _button(listed, "Revoke P"))
        await phone.chat.wait_async("There is no active grant", after=listed.id)


async def test_a_mistyped_command_is_a_tap_away(phone: Phone) -> None:
    """The words behind it are kept where they fit; where they do not there is no button."""
    async with phone.running():
        await phone.pair()
        meant = await phone.say("/remembr the office is in Bonn", "did you mean /remember?")
        assert meant.buttons == [["/remember the office is in Bonn"]]
        await phone.owner.tap_async(meant, meant.buttons[0][0])
        await phone.chat.wait_async("Remembered as F", after=meant.id)
        long = await phone.say(f"/remembr {'x' * 80}", "did you mean /remember?")
        assert long.buttons == []


def test_a_choice_works_after_a_restart(phone: Phone, tmp_path: Path) -> None:
    """The button of a program that was killed is answered by the next one."""
    out = tmp_path / "out"
    with program(phone, out) as process:
        phone.owner.say(phone.chat, f"/start {pairing_code(out)}")
        phone.chat.wait("You are paired")
        for what in ("milk", "bread"):
            last = phone.chat.last_id
            phone.owner.say(phone.chat, f"note: buy {what}")
            phone.chat.wait(lambda m: m.rows, after=last)
        phone.owner.say(phone.chat, "/stop")
        asked = phone.chat.wait("2 goals are open here")
        process.send_signal(signal.SIGKILL)
    tap = phone.owner.tap(asked, "Stop all of them", wait_s=0)
    with program(phone, out):
        phone.chat.wait("Stopped G", after=asked.id)
        assert tap.wait(PATIENCE_S).answered
        phone.server.repeat_update(tap.update)
        phone.owner.say(phone.chat, "/goals")
        phone.chat.wait("stopped", after=asked.id)
    assert sum("Stopped G" in m.text for m in phone.chat.from_bot) == 1
