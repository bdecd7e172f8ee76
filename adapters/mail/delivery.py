"""One delivery over SMTP, cut where it can no longer be taken back.

A server has a mail only once it was told that the text ends (RFC 5321 4.1.1.4): whatever fails
before that line was certainly not sent, and only silence after it leaves the outcome open.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from core.domain.errors import (
    EquerryError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)

if TYPE_CHECKING:
    import aiosmtplib
    import aiosmtplib.protocol

Tls = Literal["none", "starttls", "implicit"]

# A name of its own would cost a slow look-up and tell the server what this machine is called.
_EHLO_NAME = "[127.0.0.1]"
_QUIT_S = 5.0
_START_INPUT, _COMPLETED = 354, 250
_END_OF_TEXT = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LINE_WITH_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    """The owner's mail server; `sender` is the address (with or without a name) in From."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls = "starttls"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the server is told, and the bytes it is handed; `utf8` asks for SMTPUTF8."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    utf8: bool = False


class _Text:
    """The text of one mail on its way: written, ended and answered, each a step of its own."""

    def __init__(self, client: "aiosmtplib.SMTP", timeout_s: float, data_timeout_s: float) -> None:
        self._client = client
        self._timeout_s, self._data_timeout_s = timeout_s, data_timeout_s
        self._answer: asyncio.Task[aiosmtplib.SMTPResponse] | None = None
        self._stream: asyncio.StreamWriter | None = None  # one that is let go closes its transport

    async def write(self, content: bytes) -> None:
        """Write all but the line that ends the text; raise what the server says meanwhile."""
        import aiosmtplib

        protocol = self._connected()
        start = await protocol.execute_command(b"DATA", timeout=self._timeout_s)
        if start.code != _START_INPUT:
            raise aiosmtplib.SMTPDataError(start.code, start.message)
        self._answer = answer = asyncio.create_task(protocol.read_response())
        protocol.write(_as_lines(content))
        transport = cast("asyncio.WriteTransport", protocol.transport)
        loop = asyncio.get_running_loop()
        self._stream = asyncio.StreamWriter(transport, protocol, None, loop)
        written = asyncio.ensure_future(self._stream.drain())
        try:
            async with asyncio.timeout(self._data_timeout_s):
                await asyncio.wait({written, answer}, return_when=asyncio.FIRST_COMPLETED)
            self._check_silent()
            await written
        finally:
            written.cancel()

    def end(self) -> None:
        """Write the line that ends the text: from here on the server may have the mail."""
        self._check_silent()
        self._connected().write(_END_OF_TEXT)

    async def taken(self) -> None:
        """Return when the server says that it has the mail; raise what else it says."""
        import aiosmtplib

        if self._answer is None:
            message = "nothing was written"
            raise aiosmtplib.SMTPServerDisconnected(message)
        async with asyncio.timeout(self._data_timeout_s):
            said = await self._answer
        if said.code != _COMPLETED:
            raise aiosmtplib.SMTPDataError(said.code, said.message)

    async def close(self) -> None:
        """Wait no longer for an answer."""
        if self._answer is not None:
            self._answer.cancel()
            await asyncio.gather(self._answer, return_exceptions=True)

    def _connected(self) -> "aiosmtplib.protocol.SMTPProtocol":
        import aiosmtplib

        protocol = self._client.protocol
        if protocol is None or not protocol.is_connected:
            message = "Connection lost"
            raise aiosmtplib.SMTPServerDisconnected(message)
        return protocol

    def _check_silent(self) -> None:
        """Raise what the server said before the text had ended: it has not taken the mail."""
        import aiosmtplib

        if self._answer is not None and self._answer.done():
            said = self._answer.result()
            raise aiosmtplib.SMTPDataError(said.code, said.message)


class Delivery:
    """Hands envelopes to the server of `config`, one connection each.

    Times are in seconds: `timeout_s` for every step, `data_timeout_s` for the server to take the
    text, which may take it long (RFC 5321 4.5.3.2.6 allows ten minutes).
    """

    def __init__(
        self,
        config: SmtpConfig,
        *,
        tls_context: ssl.SSLContext | None = None,
        timeout_s: float = 20.0,
        data_timeout_s: float = 120.0,
    ) -> None:
        self._config = config
        self._tls_context = tls_context
        self._timeout_s = timeout_s
        self._data_timeout_s = data_timeout_s

    async def send(self, envelope: Envelope, commit_point: Callable[[], Awaitable[None]]) -> None:
        """Deliver to all recipients or to none.

        `commit_point` is awaited when the server has every byte but the line that ends the text.
        Raises TransientError and RefusedError when the mail was not taken, OutcomeUnknownError when
        that was never said.
        """
        client = self._client()
        text = _Text(client, self._timeout_s, self._data_timeout_s)
        try:
            try:
                await client.connect()
                await self._offer(client, envelope)
                await text.write(envelope.content)
            except (OSError, _smtp_error()) as error:
                raise self._before(error) from error
            await commit_point()
            try:
                text.end()
            except (OSError, _smtp_error()) as error:
                raise self._before(error) from error
            try:
                await text.taken()
            except (OSError, _smtp_error()) as error:
                raise self._after(error) from error
            with suppress(OSError, _smtp_error()):
                await client.quit(timeout=_QUIT_S)
        finally:
            await text.close()
            client.close()

    def _client(self) -> "aiosmtplib.SMTP":
        import aiosmtplib

        config = self._config
        return aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            username=config.user,
            password=config.password,
            use_tls=config.tls == "implicit",
            start_tls=config.tls == "starttls",
            tls_context=None if config.tls == "none" else self._tls_context,
            timeout=self._timeout_s,
            local_hostname=_EHLO_NAME,
        )

    async def _offer(self, client: "aiosmtplib.SMTP", envelope: Envelope) -> None:
        """Name the sender and every recipient; all must be taken."""
        import aiosmtplib

        await client.ehlo()
        options = [f"SIZE={len(envelope.content)}"] if client.supports_extension("size") else []
        if envelope.utf8:
            if not client.supports_extension("smtputf8"):
                message = (
                    f"The mail server {self._at} takes no addresses outside ASCII; "
                    "use an address in plain letters."
                )
                raise RefusedError(message)
            options.append("SMTPUTF8")
        encoding = "utf-8" if envelope.utf8 else "ascii"
        await client.mail(envelope.sender, options=options, encoding=encoding)
        refused = []
        for recipient in envelope.recipients:
            try:
                await client.rcpt(recipient, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused.append(error)
        if refused:
            with suppress(OSError, aiosmtplib.SMTPException):
                await client.rset()
                await client.quit(timeout=_QUIT_S)
            raise self._nobody(refused)

    @property
    def _at(self) -> str:
        return f"{self._config.host}:{self._config.port}"

    def _nobody(self, refused: "Sequence[aiosmtplib.SMTPRecipientRefused]") -> EquerryError:
        """Tell which recipients the server refused; nobody gets a mail that not all can get."""
        names = ", ".join(error.recipient for error in refused)
        worst = max(refused, key=lambda error: error.code)
        message = (
            f"The mail server {self._at} refused {names} ({self._said(worst)}); "
            "the mail was sent to nobody."
        )
        return RefusedError(message) if _lasting(worst.code) else TransientError(message)

    def _before(self, error: Exception) -> EquerryError:
        """Translate a failure before the end of the text was written: nothing was sent."""
        import aiosmtplib

        cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
        broke_off = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        if isinstance(cause, ssl.SSLError) and not broke_off:
            message = (
                f"The mail server {self._at} cannot be trusted or speaks no TLS there "
                f"({self._line(cause.reason or str(cause))}); check actions.mail.smtp.tls."
            )
            return RefusedError(message)
        if isinstance(error, aiosmtplib.SMTPResponseException):
            message = f"The mail server {self._at} refused the mail ({self._said(error)})."
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                message = (
                    f"The mail server {self._at} refused the login ({self._said(error)}); "
                    "check actions.mail.smtp.user and password."
                )
            return RefusedError(message) if _lasting(error.code) else TransientError(message)
        if isinstance(error, OSError):
            message = (
                f"The mail server {self._at} cannot be reached ({self._line(str(error))}); "
                "nothing was sent."
            )
            return TransientError(message)
        return RefusedError(
            f"The mail server {self._at} cannot be used ({self._line(str(error))}); "
            "check actions.mail.smtp."
        )

    def _after(self, error: Exception) -> EquerryError:
        """Translate a failure after it: only a clear no means that nothing was sent."""
        import aiosmtplib

        if isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 400:  # noqa: PLR2004 - 4yz and 5yz are the negative replies
            message = f"The mail server {self._at} did not take the mail ({self._said(error)})."
            return RefusedError(message) if _lasting(error.code) else TransientError(message)
        message = (
            f"The connection to {self._at} ended after the mail was handed over "
            f"({self._line(str(error))}); it may have been sent."
        )
        return OutcomeUnknownError(message)

    def _said(self, error: "aiosmtplib.SMTPResponseException") -> str:
        return self._line(f"{error.code} {error.message}")

    def _line(self, text: str) -> str:
        """Return a server's words as one short line without the password."""
        if self._config.password:
            text = text.replace(self._config.password, "…")
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _as_lines(content: bytes) -> bytes:
    """Return a text as it goes over the wire: whole lines, a dot at the start of one doubled."""
    lines = _LINE_END.sub(b"\r\n", content)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _LINE_WITH_DOT.sub(b"..", lines)


def _smtp_error() -> type[Exception]:
    import aiosmtplib

    return aiosmtplib.SMTPException


def _lasting(code: int) -> bool:
    return code >= 500  # noqa: PLR2004 - 5yz is "permanent negative completion", RFC 5321 4.2.1
