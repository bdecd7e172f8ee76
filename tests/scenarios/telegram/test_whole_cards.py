"""A card that is longer than a message: a file and several messages, the buttons below the last."""

from bot.app import Overrides
from tests.scenarios.hiding import BODY, PEOPLE, mail_model, with_mail
from tests.scenarios.telegram.phone import Phone
from tests.servers.smtp import SmtpServer


async def test_a_phone_gets_the_whole_mail_before_it_can_accept_it(
    phone: Phone, smtp_server: SmtpServer
) -> None:
    """The file is first, then every recipient, then the buttons; what was shown is what is sent."""
    with_mail(phone.place, smtp_server)
    async with phone.running(Overrides(model=mail_model())):
        await phone.pair()
        card = await phone.card("send everybody the offer")
        (file,) = [message for message in phone.chat.from_bot if message.file is not None]
        assert file.id < card.id
        assert file.file is not None
        whole = file.file.data.decode()
        assert all(f"| {line}\n" in whole for line in BODY.split("\n"))
        shown = "\n".join(m.text for m in phone.chat.from_bot if file.id < m.id <= card.id)
        assert "to: attacker@evil.example (“Bob Smith" in shown
        assert all(f"to: {person}\n" in shown for person in PEOPLE[1:])
        assert "of 100 lines" in shown
        await phone.owner.tap_async(card, "Why")
        told = await phone.chat.wait_async(lambda m: m.file is not None, after=card.id)
        assert told.file is not None
        story = told.file.data.decode()
        assert all(f"to: {person}\n" in story for person in PEOPLE[1:])
        assert all(line in story for line in BODY.split("\n"))
        await phone.owner.tap_async(card, "Accept")
        await phone.chat.wait_async("Accepted by you", of=card)
        await phone.chat.wait_async("→", of=card)
        assert phone.server.violations == []
    (mail,) = smtp_server.mails
    assert set(mail.recipients) == {"attacker@evil.example", *PEOPLE[1:]}


async def test_without_its_file_a_card_has_no_buttons(
    phone: Phone, smtp_server: SmtpServer
) -> None:
    """Where the file cannot be sent nothing can be tapped; the card waits in the inbox."""
    with_mail(phone.place, smtp_server)
    async with phone.running(Overrides(model=mail_model())):
        await phone.pair()
        phone.server.faults.fail(
            "sendDocument", status=400, description="Bad Request: wrong file", times=9
        )
        phone.owner.say(phone.chat, "send everybody the offer")
        await phone.appended("card.undeliverable.v1")
        assert not any(message.rows for message in phone.chat.from_bot)
        assert smtp_server.mails == []
