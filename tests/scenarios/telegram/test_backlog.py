"""What the owner wrote while Equerry was away: commands and taps first, then one question."""

import time
from datetime import datetime, timedelta

import pytest

from adapters.system.clock import SystemClock
from bot.app import Overrides
from tests.scenarios.telegram.phone import EVE, Phone
from tests.servers.telegram import Chat, Message, User

QUESTION = "messages while I was away"


def write_earlier(
    phone: Phone,
    patch: pytest.MonkeyPatch,
    *texts: str,
    chat: Chat | None = None,
    who: User | None = None,
) -> None:
    """Let somebody, the owner by default, have written an hour ago; Telegram keeps it."""
    now = time.time()
    with patch.context() as hour_ago:
        hour_ago.setattr(time, "time", lambda: now - 3600)
        for text in texts:
            (who or phone.owner).say(chat or phone.chat, text)


def answers(phone: Phone, after: Message) -> list[str]:
    """Return what the bot said after a message."""
    return [message.text for message in phone.chat.from_bot if message.id > after.id]


async def test_a_backlog_is_one_question_and_commands_come_first(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card is accepted, the pause holds, 25 messages are one question over a restart."""
    async with phone.running():
        await phone.pair()
        eve = phone.server.user(EVE, "Eve")
        group = await phone.let_in(-500, eve)
        card = await phone.card("note: buy milk")
    texts = [f"question {number}" for number in range(60)]
    write_earlier(phone, monkeypatch, *texts, "accept", "/pause", *[f"more {n}" for n in range(50)])
    mine = f"@{phone.server.bot.username} and what now?"
    write_earlier(phone, monkeypatch, mine, chat=group)
    write_earlier(phone, monkeypatch, mine, chat=group, who=eve)
    async with phone.running():
        question = await phone.chat.wait_async(QUESTION, after=card.id)
        assert [QUESTION in message.text for message in group.from_bot].count(True) == 0
        assert await phone.events("autonomy.paused.v1")
        assert [e.payload["verdict"] for e in await phone.events("card.decided.v1")][-1] == "accept"
        begun = [event.payload["origin"] for event in await phone.events("goal.started.v1")]
        assert begun.count("message") == 1
        await phone.say("/status", "111 messages from while I was away wait for your word")
    async with phone.running():
        await phone.say("hello there", "")
        label = next(one for row in question.buttons for one in row if "newest" in one)
        tap = await phone.owner.tap_async(question, label)
        await phone.chat.wait_async("I answer the newest now", after=question.id)
        phone.server.repeat_update(tap.update)
        await phone.say("/backlog all", "No messages from a time of absence wait")
        assert sum(QUESTION in text for text in answers(phone, card)) == 1
        assert sum("I answer the newest" in text for text in answers(phone, card)) == 1
        received = await phone.events("message.received.v1")
        assert len({event.key for event in received}) == len(received)


class WrongClock(SystemClock):
    """The machine's clock, ahead of Telegram's."""

    def __init__(self, ahead: timedelta) -> None:
        """Be so far ahead."""
        self._ahead = ahead

    def now(self) -> datetime:
        """Return a time that is wrong."""
        return super().now() + self._ahead


@pytest.mark.parametrize("minutes", [6, 59, 180])
async def test_what_came_at_once_is_not_late_by_a_clock_that_is_ahead(
    phone: Phone, minutes: int
) -> None:
    """How long a message waited is told by one clock: no question, and no word of its age."""
    async with phone.running(Overrides(clock=WrongClock(timedelta(minutes=minutes)))):
        await phone.pair()
        for number in range(25):
            phone.owner.say(phone.chat, f"question {number}")
        await phone.chat.wait_async(
            lambda message: "No model" in message.text or QUESTION in message.text
        )
        assert not await phone.events("backlog.held.v1")
        assert not [text for text in answers(phone, phone.chat.from_bot[0]) if " ago" in text]


async def test_a_backlog_is_one_by_a_clock_that_is_ahead(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written an hour ago waited an hour, and the question says so by the own clock."""
    ahead = Overrides(clock=WrongClock(timedelta(minutes=30)))
    async with phone.running(ahead):
        await phone.pair()
    write_earlier(phone, monkeypatch, *[f"question {number}" for number in range(25)])
    async with phone.running(ahead) as app:
        question = await phone.chat.wait_async(QUESTION)
        sent = app.kernel.clock.now().astimezone(app.kernel.zone) - timedelta(hours=1)
        told = {f"{sent - timedelta(minutes=back):%a %H:%M}" for back in range(5)}
        assert any(f"from {one}" in question.text for one in told)
