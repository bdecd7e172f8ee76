import smtplib
from email.message import EmailMessage

import pytest

from tests.servers.process import LOOPBACK
from tests.servers.smtp import SmtpServer


def send(server: SmtpServer) -> None:
    """Send one mail over a connection of its own."""
    message = EmailMessage()
    message["From"], message["To"] = "me@example.com", "you@example.com"
    message["Subject"] = "Grüße"
    message.set_content("Hello\n")
    with smtplib.SMTP(LOOPBACK, server.port, timeout=5) as client:
        client.send_message(message)


def test_a_mail_is_kept_as_it_came(smtp_server: SmtpServer) -> None:
    """A mail that was accepted can be read back with envelope, headers and body."""
    send(smtp_server)
    (mail,) = smtp_server.mails
    assert (mail.sender, mail.recipients) == ("me@example.com", ("you@example.com",))
    assert mail.message["Subject"] == "Grüße"
    assert mail.message.get_content() == "Hello\r\n"


def test_a_refused_mail_is_not_kept(smtp_server: SmtpServer) -> None:
    """The sender of a refused mail hears why, and the next mail passes."""
    smtp_server.answer("451 try later")
    with pytest.raises(smtplib.SMTPDataError, match="try later"):
        send(smtp_server)
    send(smtp_server)
    assert len(smtp_server.mails) == 1


def test_a_hung_up_connection_leaves_the_sender_in_doubt(smtp_server: SmtpServer) -> None:
    """A mail can be taken without its sender ever hearing so."""
    smtp_server.hang_up()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp_server)
    assert len(smtp_server.mails) == 1
