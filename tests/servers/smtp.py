"""A private SMTP server that keeps the mails it was given, and can be made to misbehave."""

from asyncio import WriteTransport
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers.process import LOOPBACK, free_port

ACCEPTED = "250 OK"


class Mail(NamedTuple):
    """One mail as it came over the wire; `message` is `raw` parsed."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The headers and body."""
        return message_from_bytes(self.raw, policy=policy.default)


class SmtpServer:
    """Accepts mail on loopback while the `with` block lasts; `mails` has them in order.

    `answer("451 later")` refuses the next mail with that reply, which is then not kept.
    `hang_up()` keeps the next mail and breaks the connection instead of replying, so that its
    sender cannot know. With `login` it asks for a user and a password, and takes any.
    """

    def __init__(self, *, login: bool = False) -> None:
        self.mails: list[Mail] = []
        self._next: deque[str | None] = deque()
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname=LOOPBACK,
            port=self.port,
            authenticator=_anybody if login else None,
            auth_require_tls=not login,
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def answer(self, reply: str) -> None:
        """Queue a reply for one mail to come."""
        self._next.append(reply)

    def hang_up(self) -> None:
        """Queue a broken connection for one mail to come."""
        self._next.append(None)

    async def handle_DATA(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take one mail, as aiosmtpd asks its handler to."""
        reply = self._next.popleft() if self._next else ACCEPTED
        if reply is None or reply.startswith("2"):
            self.mails.append(_mail(envelope))
        if reply is None and isinstance(server.transport, WriteTransport):
            server.transport.abort()
        return reply or ACCEPTED


def _anybody(*_: object) -> AuthResult:
    return AuthResult(success=True)


def _mail(envelope: Envelope) -> Mail:
    raw = envelope.content
    if not isinstance(raw, bytes) or envelope.mail_from is None:
        message = "aiosmtpd gives DATA as bytes, after MAIL FROM"
        raise TypeError(message)
    return Mail(envelope.mail_from, tuple(envelope.rcpt_tos), raw)
