"""Answers, drafts and edits of cards on a phone: what is shown is what an accept means."""

import asyncio

import pytest

from core.gates.drafts import draft_edit
from core.gates.views import card_view
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.smtp import SmtpServer
from tests.servers.telegram import Message
from tests.waiting import PATIENCE_S


@pytest.fixture
def mailing(phone: Phone, smtp_server: SmtpServer) -> Phone:
    """Give a phone whose application sends mail."""
    with_mail(phone.place, smtp_server)
    return phone


async def _drafted(phone: Phone, card: Message, words: str) -> Message:
    """Reply to a card with a new text, and return the message that shows what it changes."""
    phone.owner.say(phone.chat, f"edit {words}", reply_to=card)
    draft = await phone.chat.wait_async(
        lambda m: m.text.startswith("Edit of C") and words in m.text, after=card.id
    )
    await phone.chat.wait_async(words, of=card)
    return draft


async def _sent(phone: Phone, server: SmtpServer) -> str:
    """Wait for the one mail and return its body."""
    await phone.appended("operation.finished.v1")
    (mail,) = server.mails
    return str(mail.message.get_content()).strip()


@pytest.mark.parametrize("where", ["card", "draft", "word on card", "word on draft", "bare word"])
async def test_wherever_accept_is_said_it_means_the_draft(
    mailing: Phone, smtp_server: SmtpServer, where: str
) -> None:
    """The card itself shows the new text as soon as it is made, and sends nothing else."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        draft = await _drafted(phone, card, "see you at one")
        assert "Edited: accepting this card means the new text." in card.text
        assert smtp_server.mails == []
        if where in {"card", "draft"}:
            await phone.owner.tap_async(card if where == "card" else draft, "Accept")
        else:
            to = {"word on card": card, "word on draft": draft}.get(where)
            phone.owner.say(phone.chat, "Accept.", reply_to=to)
        assert await _sent(phone, smtp_server) == "see you at one"
        (decided,) = await phone.events("card.decided.v1")
        assert decided.payload["verdict"] == "edit"
        assert phone.server.violations == []


async def test_the_button_of_an_older_draft_decides_nothing(
    mailing: Phone, smtp_server: SmtpServer
) -> None:
    """It says that there is a newer one and shows it; so does a word that replies to it."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        first = await _drafted(phone, card, "see you at one")
        second = await _drafted(phone, card, "see you at two")
        phone.owner.say(phone.chat, "accept", reply_to=first)
        await phone.chat.wait_async("not the newest edit", after=second.id)
        await phone.owner.tap_async(first, "Accept")
        await phone.chat.wait_async("another edit has replaced it", after=second.id)
        shown = await phone.chat.wait_async(
            lambda m: m.rows and "see you at two" in m.text, after=second.id
        )
        assert not await phone.events("card.decided.v1")
        await phone.owner.tap_async(shown, "Accept")
        assert await _sent(phone, smtp_server) == "see you at two"


async def test_a_card_goes_back_to_what_was_proposed(
    mailing: Phone, smtp_server: SmtpServer
) -> None:
    """The draft's own button takes it back; the card shows the old text, and sends that."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        draft = await _drafted(phone, card, "never mind")
        await phone.owner.tap_async(draft, "Back to the old one")
        await phone.chat.wait_async(lambda m: "never mind" not in m.text, of=card)
        tap = await phone.owner.tap_async(draft, "Accept", stale=True)
        assert tap is not None
        await phone.chat.wait_async("it was taken back", after=draft.id)
        assert not await phone.events("card.decided.v1")
        await phone.owner.tap_async(card, "Accept")
        assert "see you at noon" in await _sent(phone, smtp_server)


async def test_a_draft_outlives_the_program(mailing: Phone, smtp_server: SmtpServer) -> None:
    """After a restart the card shows it, and its old button means it; twice is once."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        await _drafted(phone, card, "see you at one")
    async with phone.running():
        await asyncio.gather(
            phone.owner.tap_async(card, "Accept"), phone.owner.tap_async(card, "Accept")
        )
        assert await _sent(phone, smtp_server) == "see you at one"
        assert len(await phone.events("card.decided.v1")) == 1


async def test_a_draft_that_was_not_shown_before_a_crash_is_shown_after_it(mailing: Phone) -> None:
    """The event is what counts: a restart brings the messages of the card up to date."""
    phone = mailing
    async with phone.running() as app:
        await phone.pair()
        card = await phone.card(WISH)
        shown = await phone.appended("card.shown.v1")
        name = shown.payload["card"]
        (item,) = (await card_view(app.kernel, name)).items
        await app.engine.idle()
        await draft_edit(app.kernel, name, {item.marker: {"body": "from afar"}}, "owner", "x")
    async with phone.running():
        await phone.chat.wait_async("from afar", of=card)
        assert "Accept" in card.buttons[0]


async def test_a_long_draft_is_one_message_that_says_what_it_leaves_out(
    mailing: Phone, smtp_server: SmtpServer
) -> None:
    """What does not fit is counted, /why has it, and what is sent is all of it."""
    phone = mailing
    words = "\n".join(f"line {number} of the new text" for number in range(140))
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        phone.owner.say(phone.chat, f"edit {words}", reply_to=card)
        draft = await phone.chat.wait_async("changed lines no more fit here", after=card.id)
        await phone.owner.tap_async(draft, "Accept")
        assert (await _sent(phone, smtp_server)).splitlines() == words.splitlines()
        assert phone.server.violations == []


async def test_what_follows_the_verb_in_a_reply_is_reason_or_text(mailing: Phone) -> None:
    """`reject words` rejects in a reply to the card, and is talk anywhere else."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        last = phone.chat.last_id
        phone.owner.say(phone.chat, "reject Kim's proposal politely, please")
        talk = await phone.chat.wait_async(lambda m: m.from_bot, after=last)
        phone.owner.say(phone.chat, "yes", reply_to=talk)
        await phone.chat.wait_async(lambda m: m.from_bot, after=talk.id)
        phone.owner.say(phone.chat, "looks good to me", reply_to=card)
        await phone.appended("message.received.v1")
        assert not await phone.events("card.decided.v1")
        phone.owner.say(phone.chat, "reject not this week", reply_to=card)
        await phone.chat.wait_async("Rejected by you", of=card)
        assert "not this week" in card.text
        phone.owner.say(phone.chat, "accept", reply_to=card)
        await phone.chat.wait_async("was already rejected", after=card.id)


@pytest.mark.parametrize("edit", ["accept", "edit body=evil", "edit evil", "reject"])
async def test_a_message_that_is_changed_decides_no_card(
    mailing: Phone, smtp_server: SmtpServer, edit: str
) -> None:
    """Neither one that was talk nor one that replied to the card, or was a draft of it."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        talk = phone.owner.say(phone.chat, "hello there", reply_to=card)
        await phone.chat.wait_async(lambda m: m.from_bot, after=talk.id)
        before = len(await phone.events("message.received.v1"))
        phone.owner.edit(talk, edit)
        async with asyncio.timeout(PATIENCE_S):
            while len(await phone.events("message.received.v1")) == before:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.05)
        words = phone.owner.say(phone.chat, "edit see you at one", reply_to=card)
        await phone.chat.wait_async("see you at one", of=card)
        phone.owner.edit(words, "edit see you never")
        await phone.chat.wait_async("An edited message changes no card", after=words.id)
        assert len(await phone.events("card.drafted.v1")) == 1
        assert not await phone.events("card.decided.v1")
    assert smtp_server.mails == []


async def test_the_number_of_an_old_message_is_no_card(mailing: Phone) -> None:
    """A server that numbers its messages anew: a reply to one of these answers no old card."""
    phone = mailing
    async with phone.running():
        await phone.pair()
        card = await phone.card(WISH)
        await phone.appended("card.shown.v1")
        card.date += 3600
        phone.owner.say(phone.chat, "accept", reply_to=card)
        await phone.chat.wait_async("Which card do you mean?", after=card.id)
        assert not await phone.events("card.decided.v1")
