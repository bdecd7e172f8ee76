"""`mail.send`: a mail to people; once it is out nobody can take it back."""

import asyncio
import ssl
from typing import ClassVar

from pydantic import Field

from adapters.mail.addresses import parse_address, refuse_controls
from adapters.mail.delivery import Delivery, Envelope, SmtpConfig
from adapters.mail.message import (
    Letter,
    check_attachments,
    message_id,
    read_attachments,
    render,
)
from core.domain.arguments import address
from core.domain.files import Pin, require_approved
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview
from core.ports.files import OwnerFile, OwnerFiles

MAX_RECIPIENTS = 50
MAX_BODY = 1_000_000


class MailArgs(ActionArgs):
    """A mail; `attachments` are paths in the files folder."""

    to: tuple[str, ...] = Field(min_length=1, max_length=MAX_RECIPIENTS)
    cc: tuple[str, ...] = Field(default=(), max_length=MAX_RECIPIENTS)
    subject: str = Field(max_length=500)
    body: str = Field(max_length=MAX_BODY)
    attachments: tuple[str, ...] = Field(default=(), max_length=20)


class MailSend(Action[MailArgs]):
    """Sends one mail over SMTP, to all recipients or to none.

    It can be neither repeated nor looked up, so the commit point lies right before the text is
    handed over. `files` is where attachments may come from: the bytes that were approved are sent,
    or nothing. `tls_context` replaces the system's trust (a private authority, say).
    """

    name: ClassVar[str] = "mail.send"
    summary: ClassVar[str] = "send a mail to one or more people"
    Args = MailArgs
    control: ClassVar[frozenset[str]] = frozenset({"to", "cc", "subject", "attachments"})
    pinned: ClassVar[frozenset[str]] = frozenset({"to", "cc", "attachments"})
    commits: ClassVar[bool] = True
    leaves: ClassVar[frozenset[str]] = frozenset({"subject", "body"})
    timeout_s: ClassVar[float] = 240.0

    def __init__(
        self,
        config: SmtpConfig,
        files: OwnerFiles,
        *,
        tls_context: ssl.SSLContext | None = None,
        delivery: Delivery | None = None,
    ) -> None:
        self._config = config
        self._files = files
        self._delivery = delivery or Delivery(config, tls_context=tls_context)

    def check(self, args: MailArgs, context: ActionContext) -> None:
        """Raise BadInputError for an address, a subject or an attachment that cannot be sent."""
        self._letter(args, ())
        check_attachments(self._files, args.attachments)

    def reaches(self, args: MailArgs) -> str:
        """Return the recipients."""
        return ", ".join((*args.to, *args.cc))

    def attached(self, args: MailArgs) -> tuple[str, ...]:
        """Return the files that go with the mail."""
        return args.attachments

    async def pins(self, args: MailArgs) -> tuple[Pin, ...]:
        """Return those files as they are now."""
        files = await read_attachments(self._files, args.attachments)
        return tuple(file.pin() for file in files)

    def preview(self, args: MailArgs) -> Preview:
        """Name the first recipient by its address; all of them stand below it, then the text."""
        others = len(args.to) + len(args.cc) - 1
        more = f" and {others} more" if others else ""
        return Preview(title=f"Send mail to {address(args.to[0])}{more}", body=args.body)

    async def run(self, args: MailArgs, context: ActionContext) -> ActionResult:
        """Send it; `accepted` are the addresses the server took it for.

        Raises FileChangedError for attachments that are not what was approved.
        """
        files = await read_attachments(self._files, args.attachments)
        require_approved(context.pins, [file.pin() for file in files])
        letter = self._letter(args, files)
        at = context.now.astimezone(context.timezone)
        content = await asyncio.to_thread(render, letter, context.marker, at)
        envelope = Envelope(letter.sender.addr_spec, letter.recipients, content, letter.utf8)
        await self._delivery.send(envelope, context.commit_point)
        people = ", ".join(letter.recipients)
        return ActionResult(
            output={
                "message_id": message_id(letter, context.marker),
                "to": list(args.to),
                "accepted": list(letter.recipients),
            },
            said=f'Sent "{args.subject or "(no subject)"}" to {people}.',
        )

    def _letter(self, args: MailArgs, files: tuple[OwnerFile, ...]) -> Letter:
        refuse_controls(args.subject, "subject")
        return Letter(
            sender=parse_address(self._config.sender),
            to=tuple(parse_address(one) for one in args.to),
            cc=tuple(parse_address(one) for one in args.cc),
            subject=args.subject,
            body=args.body,
            attachments=files,
        )
