"""Mail through a real SMTP server: asked always, sent once, with what the card says."""

import pytest

from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import sitting
from tests.servers.smtp import SmtpServer

WISH = "send a mail to bob@acme.com about lunch: see you at noon"


def with_mail(place: Place, server: SmtpServer) -> Place:
    """Configure the server that sends."""
    smtp = {"host": "127.0.0.1", "port": server.port, "tls": "none", "from": "me@home.example"}
    place.configure(actions={"mail": {"smtp": smtp}})
    return place


async def test_an_accepted_mail_is_sent_once(stored_place: Place, smtp_server: SmtpServer) -> None:
    """Nothing leaves before the owner accepts; then one mail, as the card showed it."""
    async with sitting(with_mail(stored_place, smtp_server)) as talk:
        await talk.say(WISH)
        item = talk.card.items[0]
        assert (item.action, item.ruling.impact, item.undo) == ("mail.send", "high", None)
        assert smtp_server.mails == []
        assert "Sent" in await talk.say("accept")
    (mail,) = smtp_server.mails
    assert mail.recipients == ("bob@acme.com",)
    assert "see you at noon" in mail.message.get_content()
    async with sitting(stored_place) as talk:
        assert await talk.say("/undo") == "There is nothing that can be undone."
    assert len(smtp_server.mails) == 1


async def test_an_edited_mail_is_sent_as_edited(place: Place, smtp_server: SmtpServer) -> None:
    """A new subject is checked, shown as a difference, and is what arrives."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        said = await talk.say("edit subject=Lunch on Friday")
        assert "+ subject: Lunch on Friday" in said
        assert smtp_server.mails == []
        await talk.say("accept")
        view, _ = talk.surface.updated[-1]
        assert (view.verdict, view.state) == ("edit", "decided")
        assert "+ subject: Lunch on Friday" in view.difference
        assert any(line.startswith("- subject: ") for line in view.difference)
    (mail,) = smtp_server.mails
    assert mail.message["Subject"] == "Lunch on Friday"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("edit to=nobody", "'nobody'"),
        ("edit to=[]", "to"),
        ("edit colour=red", "mail.send has no 'colour'; it takes: to, cc, subject, body"),
        ('edit subject="one\ntwo"', "subject"),
    ],
)
async def test_an_edit_that_is_not_valid_changes_nothing(
    place: Place, smtp_server: SmtpServer, edit: str, said: str
) -> None:
    """The card stays open and nothing is sent; the sentence names the field."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        assert said in await talk.say(edit)
        assert not await talk.events("card.decided.v1")
        assert smtp_server.mails == []
        await talk.say("accept")
    assert len(smtp_server.mails) == 1


async def test_a_rejected_mail_is_not_sent(place: Place, smtp_server: SmtpServer) -> None:
    """A no with a reason ends the goal; the reason is in the log and in `/why`."""
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        said = await talk.say("reject: not this week")
        assert "you rejected it: not this week" in said
        assert "not this week" in await talk.say("/why")
        (finished,) = await talk.events("goal.finished.v1")
        assert finished.payload["outcome"] == "rejected"
    assert smtp_server.mails == []


async def test_a_mail_of_unknown_outcome_is_asked_about(
    place: Place, smtp_server: SmtpServer
) -> None:
    """A connection that breaks after the text was handed over is never tried again blindly."""
    smtp_server.hang_up()
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        await talk.say("accept")
        assert talk.card.kind == "unknown"
        assert len(smtp_server.mails) == 1
        said = await talk.say("/status")
        assert f"Whether it was done is not known: card {talk.card.card} asks." in said
        assert "All well" not in said
        await talk.say("reject: it arrived")
        assert "All well." in await talk.say("/status")
    assert len(smtp_server.mails) == 1


def test_a_mail_through_the_real_program(program: Program, smtp_server: SmtpServer) -> None:
    """From the command line: drafted, sent with a word, decided by another process."""
    with_mail(program.place, smtp_server)
    shown = program.chat("draft a mail to bob@acme.com about lunch: see you at noon", "send it")
    assert "│ high · cannot be undone · $0.00" in shown
    (card,) = [line["payload"]["card"] for line in program.events("--type", "card.opened.v1")]
    said = program.ok("decide", card, "edit", "--args", '{"subject": "Noon?"}')
    assert "+ subject: Noon?" in said
    (mail,) = smtp_server.mails
    assert mail.message["Subject"] == "Noon?"
