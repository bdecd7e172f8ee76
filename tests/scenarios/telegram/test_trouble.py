"""What goes wrong between a phone and a program: nothing is lost, nothing is done twice."""

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from adapters.inmemory.model import ScriptedModel
from adapters.telegram import polling
from bot.app import Overrides, build_app
from bot.commands.answer import Block
from bot.front import Front, Line
from bot.telegram.running import TelegramRunner
from core.domain.errors import RefusedError
from core.goals.starting import TOGETHER
from core.ports.event_log import EventQuery
from core.ports.model import ModelAnswer, ModelRequest, OnDelta
from tests.scenarios.telegram.phone import EVE, Phone
from tests.waiting import PATIENCE_S


class SlowModel(ScriptedModel):
    """Streams pieces for a while before it answers."""

    def __init__(self, seconds: float) -> None:
        super().__init__(lambda _: "the answer")
        self._seconds = seconds

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Answer after so many seconds."""
        for number in range(int(self._seconds / 0.25)):
            if on_delta is not None:
                on_delta(f"piece {number} ")
            await asyncio.sleep(0.25)
        return await super().complete(request)


def _echo() -> Overrides:
    return Overrides(model=ScriptedModel(lambda request: f"Re: {request.messages[-1].content}"))


def _answers(phone: Phone, text: str) -> int:
    return sum(text in message.text for message in phone.chat.from_bot)


async def test_what_was_written_meanwhile_is_answered(phone: Phone) -> None:
    """Messages and a tap from the time that the program was down are handled at the start."""
    async with phone.running():
        await phone.pair()
        card = await phone.card("note: buy milk")
    phone.owner.say(phone.chat, "/status")
    phone.owner.tap(card, "Accept", wait_s=0)
    async with phone.running():
        await phone.chat.wait_async("cards wait for you")
        await phone.chat.wait_async("→", of=card)
    assert phone.place.note().read_text("utf-8").count("buy milk") == 1


async def test_what_was_written_long_ago_is_labelled(phone: Phone) -> None:
    """The answer says when it was asked, and is a reply to it."""
    async with phone.running(_echo()):
        await phone.pair()
    asked = phone.owner.say(phone.chat, "are you there?")
    asked.date = int(time.time()) - 3 * 3600
    phone.server.updates.pending[-1]["message"]["date"] = asked.date
    async with phone.running(_echo()):
        answer = await phone.chat.wait_async("Re: are you there?")
        assert "3 h ago" in answer.text
        assert answer.reply_to is asked


async def test_a_repeated_update_does_nothing_twice(phone: Phone) -> None:
    """A message and a tap that are delivered again: one answer, one effect."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.delay("getUpdates", 0.3)
        phone.owner.say(phone.chat, "hello there")
        update = phone.server.updates.pending[-1]
        await phone.chat.wait_async("Re: hello there")
        phone.server.repeat_update(update)
        phone.server.repeat_update(update)
        await phone.say("/status", "cards wait")
        assert _answers(phone, "Re: hello there") == 1
        assert len(await phone.events("message.received.v1")) == 1


async def test_floods_are_waited_out(phone: Phone) -> None:
    """A 429 is obeyed to the second, order is kept, nothing is left out."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.flood("sendMessage", 1)
        for number in range(3):  # apart from each other, or they would be one turn
            phone.owner.say(phone.chat, f"line {number}")
            await asyncio.sleep(TOGETHER.total_seconds() + 0.1)
        await phone.chat.wait_async("Re: line 2")
        said = [m.text for m in phone.chat.from_bot if "Re: line" in m.text]
        assert said == [f"Re: line {number}" for number in range(3)]
        assert phone.server.violations == []


async def test_a_lost_answer_is_said_again_with_a_label(phone: Phone) -> None:
    """Telegram took the message and the connection broke: the second one says so."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.lose_answer("sendMessage")
        phone.owner.say(phone.chat, "hello")
        again = await phone.chat.wait_async("may be a repeat")
        assert "Re: hello" in again.text
        assert _answers(phone, "Re: hello") == 2


async def test_a_card_whose_answer_is_lost_is_shown_again_with_a_word(phone: Phone) -> None:
    """Either of the two decides, once; the word is gone when it is decided."""
    async with phone.running():
        await phone.pair()
        phone.server.faults.lose_answer("sendMessage")
        phone.owner.say(phone.chat, "note: buy milk")
        again = await phone.chat.wait_async("may be here twice")
        first = next(m for m in phone.chat.from_bot if m.rows and m is not again)
        assert "twice" not in first.text
        await phone.owner.tap_async(first, "Accept")
        await phone.chat.wait_async("→", of=again)
        assert "twice" not in again.text
    assert phone.place.note().read_text("utf-8").count("buy milk") == 1


async def test_a_connection_that_is_refused_is_tried_again_without_a_label(phone: Phone) -> None:
    """Nothing was written to Telegram, so nothing is a repeat."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.stop()
        await asyncio.sleep(0.3)
        phone.owner.say(phone.chat, "hello")
        phone.server.start()
        await phone.chat.wait_async("Re: hello")
        assert not _answers(phone, "may be a repeat")


async def test_a_chat_that_blocked_the_bot_is_left_alone(phone: Phone) -> None:
    """The message is undeliverable, once; after that the chat works again when it is opened."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.delay("sendMessage", 0.5)
        phone.owner.say(phone.chat, "hello")
        phone.owner.block()
        await phone.server.wait_async(lambda: phone.server.calls_of("sendMessage"))
        await phone.appended("message.undeliverable.v1")
        tried = len(phone.server.calls_of("sendMessage"))
        await asyncio.sleep(1)
        assert len(phone.server.calls_of("sendMessage")) == tried
        phone.owner.unblock()
        again = await phone.say("again", "Re: again")
        named = await phone.chat.wait_async("could not be delivered here", after=again.id)
        assert "“Re: hello” (G" in named.text


async def test_a_second_program_is_explained(phone: Phone) -> None:
    """On the screen and in /status; when the other one stops, all is well again."""
    async with phone.running():
        await phone.pair()
        phone.server.faults.fail(
            "getUpdates",
            status=409,
            description=(
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running"
            ),
        )
        await phone.say("/start", "")
        await phone.server.wait_async(lambda: any("Another program" in t for t in phone.told))
        assert "All well" in (await phone.say("/status", "All well")).text


async def test_a_wrong_token_is_explained(phone: Phone) -> None:
    """The program ends with one sentence that names the setting and never the token."""
    phone.server.revoke_token()
    async with build_app(phone.place.config()) as app:
        with pytest.raises(RefusedError, match=r"telegram\.token: it is wrong") as caught:
            await asyncio.wait_for(TelegramRunner(app, phone.told.append).run(), PATIENCE_S)
    assert phone.server.token not in str(caught.value)


async def test_a_token_that_is_revoked_meanwhile_ends_the_program(phone: Phone) -> None:
    """With the same sentence; /status will say it too."""
    async with build_app(phone.place.config()) as app:
        serving = asyncio.create_task(TelegramRunner(app, phone.told.append).run())
        await phone.pair()
        phone.server.revoke_token()
        phone.owner.say(phone.chat, "hello")
        with pytest.raises(RefusedError, match=r"telegram\.token: it is wrong"):
            await asyncio.wait_for(serving, PATIENCE_S)
        assert any("was revoked" in line for line in phone.told)
        assert await app.kernel.events(EventQuery(type="health.changed.v1"))


async def test_a_poll_that_hangs_is_begun_again(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watchdog ends it; what was written meanwhile is answered."""
    monkeypatch.setattr(polling, "WATCHDOG_S", 0.5)
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.delay("getUpdates", 3)
        await asyncio.sleep(0.6)
        answer = await phone.say("hello", "Re: hello")
        assert answer.text == "Re: hello"


async def test_an_update_that_breaks_the_code_holds_nothing_up(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried a few times and left out, with a line in the log; the next one is answered."""
    take = Front.take

    async def broken(self: Front, line: Line) -> Sequence[Block]:
        if "cursed" in line.text:
            raise ZeroDivisionError
        return await take(self, line)

    monkeypatch.setattr(Front, "take", broken)
    monkeypatch.setattr(polling, "PAUSES_S", (0.01,))
    async with phone.running(_echo()):
        await phone.pair()
        phone.owner.say(phone.chat, "a cursed message")
        assert (await phone.say("hello", "Re: hello")).text == "Re: hello"


async def test_long_work_is_seen(phone: Phone) -> None:
    """Typing at once, a quiet message after a while, edited, and gone when the answer is there."""
    model = SlowModel(5.0)
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        last = phone.chat.last_id
        phone.owner.say(phone.chat, "think hard")
        working = await phone.chat.wait_async("piece", after=last)
        assert working.silent
        assert "typing" in str(phone.chat.actions)
        answer = await phone.chat.wait_async("the answer", after=last)
        assert not answer.silent
        await phone.server.wait_async(lambda: working.deleted)
        gaps = [b - a for a, b in pairwise(working.edited_at)]
        assert all(gap >= 1 for gap in gaps)


async def test_what_cannot_be_taken_holds_nothing_up(phone: Phone) -> None:
    """Nothing but the bot's name, a photo without words, a draft that is none: all goes on."""
    async with phone.running():
        await phone.pair()
        eve = phone.server.user(EVE, "Eve")
        group = await phone.let_in(-1007, eve)
        name = phone.server.bot.username
        eve.say(group, f"@{name}")
        phone.owner.say(group, f"@{name}")
        card = await phone.card("note: buy milk")
        drafted = f"d:{card.rows[0][0]['callback_data'].split(':')[1]}:99"
        (card.now.markup or {})["inline_keyboard"].append([{"text": "x", "callback_data": drafted}])
        await phone.owner.tap_async(card, "x")
        await phone.chat.wait_async("is not the newest")
        assert "cards wait for you" in (await phone.say("/status", "cards wait")).text
