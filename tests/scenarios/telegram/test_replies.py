"""Replies: threads of them keep a conversation of their own, and what is answered is known."""

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.model import ModelRequest
from tests.scenarios.telegram.phone import EVE, Phone


class Talker:
    """Answers with a number, and keeps what it was told."""

    def __init__(self) -> None:
        self.contexts: list[str] = []

    def __call__(self, request: ModelRequest) -> str:
        """Answer."""
        self.contexts.append(request.messages[1].content)
        return f"Answer {len(self.contexts)}: {request.messages[-1].content}."


async def test_threads_of_replies_are_conversations_of_their_own(phone: Phone) -> None:
    """Each is answered where it is, and knows what was said in it, not in the other."""
    talker = Talker()
    async with phone.running(Overrides(model=ScriptedModel(talker))):
        await phone.pair()
        group = await phone.let_in(-1_000_000_000_008, phone.server.user(EVE, "Eve"))
        name = phone.server.bot.username
        sails = phone.owner.say(group, f"@{name} the sails are red")
        first = await group.wait_async("Answer 1")
        assert first.reply_to is sails
        engine = phone.owner.say(group, f"@{name} the engine is old")
        second = await group.wait_async("Answer 2")
        phone.owner.say(group, "what colour?", reply_to=first)
        third = await group.wait_async("Answer 3")
        phone.owner.say(group, "how old?", reply_to=second)
        fourth = await group.wait_async("Answer 4")
        assert (third.root, fourth.root) == (sails.id, engine.id)
        assert "equerry: Answer 1: the sails are red." in talker.contexts[2]
        assert "sails" not in talker.contexts[3]
        phone.owner.say(group, "and how long?", reply_to=third)
        fifth = await group.wait_async("Answer 5")
        assert fifth.root == sails.id
        assert "owner: what colour?" in talker.contexts[4]
        assert "how old?" not in talker.contexts[4]
        conversations = {
            event.payload["conversation"] for event in await phone.events("message.received.v1")
        }
        assert conversations == {
            f"telegram:{group.id}",
            f"telegram:{group.id}:r{sails.id}",
            f"telegram:{group.id}:r{engine.id}",
        }
        assert phone.server.violations == []


async def test_a_card_in_a_thread_of_replies_is_asked_and_answered_there(phone: Phone) -> None:
    """It is a reply like the others, and the tap on it works."""
    async with phone.running():
        await phone.pair()
        group = await phone.let_in(-1_000_000_000_009)
        name = phone.server.bot.username
        root = phone.owner.say(group, f"@{name} hello")
        answer = await group.wait_async(lambda m: m.from_bot)
        phone.owner.say(group, "note: buy milk", reply_to=answer)
        card = await group.wait_async(lambda m: m.rows)
        assert card.root == root.id
        await phone.owner.tap_async(card, "Accept")
        await group.wait_async("→", of=card)
        done = await group.wait_async("Added to notes.md", after=card.id)
        assert done.root == root.id
        assert phone.place.note().read_text("utf-8").count("milk") == 1


async def test_an_answer_that_is_replied_to_is_known(phone: Phone) -> None:
    """However much was said since: `make it shorter` means that one."""
    talker = Talker()
    async with phone.running(Overrides(model=ScriptedModel(talker))):
        await phone.pair()
        first = await phone.say("the poem of the mast", "Answer 1")
        for number in range(2, 30):
            await phone.say(f"and line {number}", f"Answer {number}:")
        phone.owner.say(phone.chat, "make it shorter", reply_to=first)
        await phone.chat.wait_async("Answer 30")
        answers = talker.contexts[-1].partition("Answers:")[2]
        assert "equerry: Answer 1: the poem of the mast." in answers


async def test_an_answer_from_outside_text_is_answered_by_handle(phone: Phone) -> None:
    """What was derived from outside text stands in no prompt because somebody replied to it."""
    talker = Talker()
    async with phone.running(Overrides(model=ScriptedModel(talker))):
        await phone.pair()
        listed = await phone.say("/remember the secret of the mast", "emember")
        await phone.say("/status", "cards wait")  # by now it is written down where that was sent
        phone.owner.say(phone.chat, "tell me more", reply_to=listed)
        await phone.chat.wait_async("Answer 1")
        assert "a reply of yours; the owner answers it" in talker.contexts[0]
        assert "emembered" not in talker.contexts[0]
