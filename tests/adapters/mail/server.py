"""An SMTP server whose every answer can be scripted, for what a kind server never does."""

import asyncio
import ssl
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.process import LOOPBACK, free_port
from tests.waiting import PATIENCE_S

USER, PASSWORD = "me", "correct horse"


class ScriptedSmtp:
    """Answers `replies[verb]` (`RCPT someone@x.y` for one recipient), else as a server does.

    `DATA: drop` and `TEXT: drop` break the connection instead of an answer, `DATA: break` in the
    middle of the text, `DATA: full` says 552 there. `hang_s` holds back the answer to the text;
    `tls` is offered with STARTTLS, `implicit` from the first byte. `texts` has what was taken,
    `verbs` the mail commands that came.
    """

    def __init__(
        self,
        replies: dict[str, str] | None = None,
        *,
        hang_s: float = 0,
        tls: ssl.SSLContext | None = None,
        implicit: ssl.SSLContext | None = None,
        utf8: bool = True,
    ) -> None:
        self.replies = replies or {}
        self.hang_s = hang_s
        self.texts: list[bytes] = []
        self.recipients: list[str] = []
        self.verbs: list[str] = []
        self.options: list[str] = []
        self.logins: list[bytes] = []
        self.open: set[SMTP] = set()
        self.port = free_port()
        self._controller = _Controller(
            self,
            hostname=LOOPBACK,
            port=self.port,
            ssl_context=implicit,
            tls_context=tls,
            enable_SMTPUTF8=utf8,
            authenticator=self._login,
            auth_require_tls=False,
        )

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        # A loop that stops under a connection leaves its socket open.
        async with asyncio.timeout(PATIENCE_S):
            while self.open:  # noqa: ASYNC110 - it is emptied in the thread of the server
                await asyncio.sleep(0.005)
        self._controller.stop()

    def _login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        self.logins.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender or say what was scripted."""
        self.verbs.append("MAIL")
        self.options = options
        if "MAIL" not in self.replies:
            envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient or say what was scripted for it."""
        self.verbs.append("RCPT")
        reply = self.replies.get(f"RCPT {address}", "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_RSET(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Note that the mail was called off."""
        self.verbs.append("RSET")
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep the text, late if so scripted."""
        self.verbs.append("DATA")
        if isinstance(envelope.content, bytes):
            self.texts.append(envelope.content)
        self.recipients = envelope.rcpt_tos
        await asyncio.sleep(self.hang_s)
        if self.replies.get("TEXT") == "drop":
            abort(server)
        return self.replies.get("TEXT", "250 OK")


class _Server(SMTP):
    """Scripts the answer to DATA itself, which aiosmtpd gives no hook for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.event_handler.open.discard(self)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - as above
        scripted = self.event_handler.replies.get("DATA")
        if scripted == "drop":
            abort(self)
        elif scripted in {"break", "full"}:
            await self.push("354 go on")
            await self._reader.readline()
            if scripted == "full":
                await self.push("552 5.3.4 too much")
                await self._reader.read()
            abort(self)
        elif scripted:
            await self.push(scripted)
        else:
            await super().smtp_DATA(arg)


def abort(server: SMTP) -> None:
    """Break a connection."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)
