"""One thing somebody sent."""

from datetime import datetime

from core.domain.base import Frozen


class Attachment(Frozen):
    """A file that came with a message, as a handle."""

    name: str
    media_type: str
    size: int
    ref: str


class Inbound(Frozen):
    """A message as a chat surface hands it over; `dedupe` is unique per platform message."""

    channel: str
    conversation: str
    sender: str
    text: str
    sent_at: datetime
    dedupe: str
    attachments: tuple[Attachment, ...] = ()
    forwarded: bool = False
