"""One delivery over SMTP, cut where it can no longer be taken back."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.domain.errors import (
    EquerryError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)

if TYPE_CHECKING:
    import aiosmtplib

Tls = Literal["none", "starttls", "implicit"]

# A name of its own would cost a slow look-up and tell the server what this machine is called.
_EHLO_NAME = "[127.0.0.1]"
_QUIT_S = 5.0


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

        All that the server may refuse early comes before `commit_point`. Raises TransientError and
        RefusedError when the mail was not taken, OutcomeUnknownError when that was never said.
        """
        client = self._client()
        try:
            try:
                await client.connect()
                await self._offer(client, envelope)
            except (OSError, _smtp_error()) as error:
                raise self._before(error) from error
            await commit_point()
            try:
                await client.data(envelope.content, timeout=self._data_timeout_s)
            except (OSError, _smtp_error()) as error:
                raise self._after(error) from error
            with suppress(OSError, _smtp_error()):
                await client.quit(timeout=_QUIT_S)
        finally:
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
        message = (
            f"The mail server {self._at} refused {names} ({self._said(refused[0])}); "
            "the mail was sent to nobody."
        )
        lasting = any(_lasting(error.code) for error in refused)
        return RefusedError(message) if lasting else TransientError(message)

    def _before(self, error: Exception) -> EquerryError:
        """Translate a failure before the text was handed over: nothing was sent."""
        import aiosmtplib

        cause = error.__cause__ if isinstance(error, aiosmtplib.SMTPConnectError) else error
        if isinstance(cause, ssl.SSLError):
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
            f"The connection to {self._at} ended while the mail was handed over "
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


def _smtp_error() -> type[Exception]:
    import aiosmtplib

    return aiosmtplib.SMTPException


def _lasting(code: int) -> bool:
    return code >= 500  # noqa: PLR2004 - 5yz is "permanent negative completion", RFC 5321 4.2.1
