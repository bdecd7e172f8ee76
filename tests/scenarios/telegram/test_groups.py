"""Groups: what happens to them, and who may be in them."""

import asyncio

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.telegram.phone import EVE, Phone

GROUP = -1011


def _echo() -> Overrides:
    return Overrides(model=ScriptedModel(lambda request: f"Re: {request.messages[-1].content}"))


async def test_a_group_that_threw_the_bot_out_is_left_alone(phone: Phone) -> None:
    """The answer is undeliverable, once; taken in again, it is the same group."""
    async with phone.running(_echo()):
        await phone.pair()
        group = await phone.let_in(GROUP)
        name = phone.server.bot.username
        phone.server.faults.delay("sendMessage", 0.5)
        phone.owner.say(group, f"@{name} hello")
        group.kick_bot(phone.owner)
        await phone.appended("message.undeliverable.v1")
        tried = len(phone.server.calls_of("sendMessage"))
        await asyncio.sleep(1)
        assert len(phone.server.calls_of("sendMessage")) == tried
        group.add_bot(phone.server.user(EVE, "Eve"))
        phone.owner.say(group, f"@{name} again")
        await group.wait_async("Re: again")
        asked = [m for m in phone.chat.from_bot if "Let this group in" in m.text]
        assert len(asked) == 2  # the two cards of the first time


async def test_a_topic_that_is_gone_is_answered_in_the_group(phone: Phone) -> None:
    """The answer is not lost, and holds nothing up."""
    async with phone.running(_echo()):
        await phone.pair()
        group = await phone.let_in(GROUP, is_forum=True)
        topic = group.topic("Sails")
        phone.server.faults.delay("sendMessage", 0.5)
        phone.owner.say(group, f"@{phone.server.bot.username} hello", thread=topic)
        group.topics.clear()
        answer = await group.wait_async("Re: hello")
        assert answer.thread is None


async def test_a_message_that_telegram_refuses_holds_nothing_up(phone: Phone) -> None:
    """It is undeliverable, and the next one is sent."""
    async with phone.running(_echo()):
        await phone.pair()
        phone.server.faults.fail(
            "sendMessage", status=400, description="Bad Request: PEER_FLOOD_SOMETHING"
        )
        phone.owner.say(phone.chat, "hello")
        undelivered = await phone.appended("message.undeliverable.v1")
        assert "peer_flood" in str(undelivered.payload["error"]).lower()
        await phone.say("again", "Re: again")
