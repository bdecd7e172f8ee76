"""Messages and cards of unusual size: long, full of emoji, several questions in one."""

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.model import ModelAnswer, ModelRequest
from tests.scenarios.plans import does, plan
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram.units import units

FAMILY = "👩‍👩‍👧‍👦"
SECTIONS = "\n\n".join(f"## Part {n}\n\n{'Words of it. ' * 40}" for n in range(60))


async def test_several_questions_are_one_card(phone: Phone) -> None:
    """Low impact: one tap accepts all of them, the card says what came of each."""
    notes = [does(f"t{n}", "note.append", {"text": f"thing {n}"}) for n in range(3)]
    async with phone.running(Overrides(model=ScriptedModel([plan(*notes)]))):
        await phone.pair()
        card = await phone.card("note these things")
        assert card.buttons[0][0] == "Accept all"
        assert all(f"thing {n}" in card.text for n in range(3))
        await phone.owner.tap_async(card, "Accept all")
        await phone.chat.wait_async(lambda m: m.text.count("→") == 3, of=card)
        assert len(await phone.events("card.opened.v1")) == 1
    assert phone.place.note().read_text("utf-8").count("thing") == 3


async def test_a_very_long_answer_is_a_file(phone: Phone) -> None:
    """Its beginning is a message, all of it is attached; nothing of Telegram's limits is passed."""
    async with phone.running(Overrides(model=ScriptedModel(lambda _: SECTIONS))):
        await phone.pair()
        last = phone.chat.last_id
        sent = await phone.say("write a lot", "the whole answer")
        await phone.chat.wait_async(lambda m: m.file is not None, after=last)
        file = next(m.file for m in phone.chat.from_bot if m.file is not None)
        assert file.data.decode().count("## Part") == 60
        assert "Part 0" in sent.text
        assert phone.server.violations == []


async def test_as_much_emoji_as_a_message_holds_comes_back_whole(phone: Phone) -> None:
    """Lengths are Telegram's units; no family is parted; what would turn the text stays behind."""
    said = "\u202e" + FAMILY * (4090 // units(FAMILY))

    def echo(request: ModelRequest) -> str | ModelAnswer:
        return request.messages[-1].content * 2

    async with phone.running(Overrides(model=ScriptedModel(echo))):
        await phone.pair()
        last = phone.chat.last_id
        phone.owner.say(phone.chat, said)
        await phone.server.wait_async(
            lambda: (
                sum(m.text.count(FAMILY) for m in phone.chat.from_bot if m.id > last)
                == 2 * said.count(FAMILY)
            ),
            15,
        )
        assert not any("\u202e" in message.text for message in phone.chat.from_bot)
        assert phone.server.violations == []
