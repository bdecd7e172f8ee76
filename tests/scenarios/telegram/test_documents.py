"""Office files and PDFs on a phone, read by a real process apart."""

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.model import ModelRequest
from tests.adapters.documents.hostile import bomb
from tests.adapters.documents.offices import LOCKED, word
from tests.scenarios.telegram.phone import Phone

LETTER = "Dear Ada, the mast is ready on Friday."


async def test_a_word_document_is_read(phone: Phone) -> None:
    """Its text is kept with the event, and stands in no prompt of the planner."""
    model = ScriptedModel(lambda _: "I see.")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        phone.owner.send_document(phone.chat, "offer.docx", word("# Offer", LETTER), "look")
        await phone.chat.wait_async("I see.")
        (read,) = await phone.events("attachment.read.v1")
        assert read.payload["title"]["value"] == "Offer"
        assert read.payload["text"]["value"] == f"# Offer\n\n{LETTER}"
        assert "mast" not in _all(model.requests)


async def test_a_file_that_cannot_be_read_is_one_sentence(phone: Phone) -> None:
    """One with a password, and one that was made to do harm: named, no path, and talk goes on."""
    model = ScriptedModel(lambda _: "I see.")
    async with phone.running(Overrides(model=model)):
        await phone.pair()
        phone.owner.send_document(phone.chat, "offer.docx", LOCKED, "look")
        told = await phone.chat.wait_async("is locked with a password")
        assert "offer.docx is locked" in told.text
        await phone.chat.wait_async("I see.", after=told.id)
        phone.owner.send_document(phone.chat, "small.docx", bomb(70), "and this")
        told = await phone.chat.wait_async("unpacks to more than can be read")
        assert "small.docx unpacks" in told.text
        assert "/" not in told.text


def _all(requests: list[ModelRequest]) -> str:
    return "\n".join(message.content for one in requests for message in one.messages)
