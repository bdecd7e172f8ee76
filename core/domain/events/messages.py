"""Messages in and out."""

from datetime import datetime
from typing import ClassVar, Literal

from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.inbound import Attachment
from core.domain.outbound import OutFile
from core.domain.sources import Taint

OutboundKind = Literal["reply", "notice", "reminder", "error"]


class MessageReceived(Payload):
    """Somebody sent something; durable before the platform is told so.

    `settles` is when it is looked at: what was sent at about the same time is one turn with it.
    `written_from` is the voice message that these words were spoken in, `replies_to` the message
    that it was written below, `replaces` an earlier form of it. `quoted_in` is the message that the
    owner quoted this block in: its words are those of others, as if they were forwarded.
    """

    wire: ClassVar[str] = "message.received.v1"
    message: str
    channel: str
    conversation: str
    sender: str
    owner: bool
    text: Erasable
    attachments: tuple[Attachment, ...] = ()
    forwarded: bool = False
    sent_at: datetime
    settles: datetime | None = None
    written_from: str | None = None
    replies_to: str | None = None
    replaces: str | None = None
    quoted_in: str | None = None


class MessageQueued(Payload):
    """A message to the owner is due; durable before it is sent, and so is what its files hold.

    `choices` are what may be tapped below it: labels and command lines. `plain` text is no
    markdown: every character of it is shown. `commands` are the places in it where commands begin
    that Equerry states itself; any other may be somebody's words.
    """

    wire: ClassVar[str] = "message.queued.v1"
    message: str
    conversation: str
    kind: OutboundKind
    text: Erasable
    reply_to: str | None = None
    sources: Taint = ()
    files: tuple[OutFile, ...] = ()
    choices: Erasable | None = None
    plain: bool = False
    commands: tuple[int, ...] = ()


class MessageSending(Payload):
    """A send begins; without a `message.sent` after it the outcome is unknown.

    `worker` is the process that began it: to any other the outcome is in doubt.
    """

    wire: ClassVar[str] = "message.sending.v1"
    message: str
    conversation: str
    attempt: int
    worker: str = ""


class MessageUndeliverable(Payload):
    """The chat takes no messages (it blocked Equerry, or is gone); this one is not tried again."""

    wire: ClassVar[str] = "message.undeliverable.v1"
    message: str
    conversation: str
    channel: str
    error: str


class MessageSent(Payload):
    """The platform took the message; `repeat` says that it may have been sent before."""

    wire: ClassVar[str] = "message.sent.v1"
    message: str
    conversation: str
    kind: OutboundKind
    reply_to: str | None = None
    receipt: str = ""
    attempt: int = 1
    repeat: bool = False


class BacklogHeld(Payload):
    """Messages from a time of absence wait until the owner says what becomes of them."""

    wire: ClassVar[str] = "backlog.held.v1"
    messages: tuple[str, ...]


class BacklogDecided(Payload):
    """The owner said what becomes of the held messages: some are answered, the others only kept."""

    wire: ClassVar[str] = "backlog.decided.v1"
    choice: Literal["all", "newest", "summary"]
    answered: tuple[str, ...]
    aside: tuple[str, ...]
    by: str
