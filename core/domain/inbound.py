"""One thing somebody sent."""

from datetime import datetime
from typing import Literal

from core.domain.base import Frozen

AttachmentKind = Literal["file", "picture", "voice", "audio"]


class Attachment(Frozen):
    """A file that came with a message, as a handle: `ref` is what its surface fetches it by.

    A `voice` is what somebody said into their phone and an `audio` any other recording, of
    `seconds`: a model writes both down. A `picture`, moving or not, has no text to read.
    """

    name: str
    media_type: str
    size: int
    ref: str
    kind: AttachmentKind = "file"
    seconds: float = 0


class Inbound(Frozen):
    """A message as a chat surface hands it over; `dedupe` is unique per platform message.

    What comes until `settles` and was sent at about the same time is one turn with it. `replies_to`
    names the message that it was written below, `replaces` is the `dedupe` of an earlier form of
    it: where nothing was begun for that yet, nothing is. `quotes` are words of others that the
    surface knows to be quoted beside the text.
    """

    channel: str
    conversation: str
    sender: str
    text: str
    sent_at: datetime
    dedupe: str
    attachments: tuple[Attachment, ...] = ()
    forwarded: bool = False
    settles: datetime | None = None
    replies_to: str | None = None
    replaces: str | None = None
    quotes: tuple[str, ...] = ()
