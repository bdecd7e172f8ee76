"""A group that becomes a supergroup: another id, the same conversation."""

import pytest

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Chat

OLD, NEW = -1005, -1_000_000_001_005


async def _ask(phone: Phone, group: Chat, text: str) -> None:
    phone.owner.say(group, f"@{phone.server.bot.username} {text}")


@pytest.mark.parametrize("told", [True, False])
async def test_the_conversation_goes_on_in_the_new_chat(phone: Phone, told: bool) -> None:  # noqa: FBT001 - a parameter
    """Its open card is shown there and decides; what is done is said there; it stays let in."""
    async with phone.running():
        await phone.pair()
        group = await phone.let_in(OLD)
        await _ask(phone, group, "note: buy milk")
        card = await group.wait_async(lambda message: message.rows)
        after = phone.server.upgrade(group, NEW, phone.owner, tell=told)
        if not told:
            await phone.owner.tap_async(card, "Why")
        again = await after.wait_async(lambda message: message.rows)
        assert "buy milk" in again.text
        await phone.owner.tap_async(again, "Accept")
        await after.wait_async("Accepted by you", of=again)
        await after.wait_async("Added to notes.md", after=again.id)
        await _ask(phone, after, "note: buy bread")
        second = await after.wait_async(lambda m: "buy bread" in m.text and m.rows)
        conversations = {e.payload["conversation"] for e in await phone.events("card.opened.v1")}
        assert f"telegram:{OLD}" in conversations
        assert f"telegram:{NEW}" not in conversations
        assert len(await phone.events("access.moved.v1")) == 1
    async with phone.running():
        await phone.owner.tap_async(second, "Accept")
        await after.wait_async("Added to notes.md", after=second.id)
    assert phone.place.note().read_text("utf-8").count("buy") == 2


async def test_an_answer_follows_a_group_that_moved_meanwhile(phone: Phone) -> None:
    """What is refused in the old chat is said in the new one, once and without a label."""
    model = ScriptedModel(lambda request: f"Re: {request.messages[-1].content}")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        group = await phone.let_in(OLD)
        phone.server.faults.delay("sendMessage", 0.5)
        await _ask(phone, group, "hello")
        await phone.server.wait_async(lambda: phone.server.calls_of("sendChatAction"))
        after = phone.server.upgrade(group, NEW, phone.owner, tell=False)
        answer = await after.wait_async("Re: ")
        assert not answer.text.startswith("🔁")
        assert [m.text for m in after.from_bot] == [answer.text]


async def test_a_group_that_was_shut_out_stays_so(phone: Phone) -> None:
    """The owner's undo of the yes holds in the new chat too."""
    async with phone.running():
        await phone.pair()
        group = await phone.let_in(OLD)
        after = phone.server.upgrade(group, NEW, phone.owner)
        await phone.appended("access.moved.v1")
        question = await phone.card("/undo")
        await phone.owner.tap_async(question, "Accept")
        await phone.appended("access.revoked.v1")
        await _ask(phone, after, "hello")
        await after.wait_async("listen here once my owner has said yes")
