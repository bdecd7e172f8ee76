"""Files that came with messages: fetched, kept and read, or not."""

from typing import ClassVar

from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.inbound import AttachmentKind


class AttachmentRead(Payload):
    """A file is kept under its `digest`, and `text` is what could be read in it.

    `note` says what could not be read as it should, mostly empty.
    """

    wire: ClassVar[str] = "attachment.read.v1"
    attachment: str
    message: str
    conversation: str
    kind: AttachmentKind
    digest: str
    size: int
    title: Erasable
    text: Erasable
    characters: int
    note: str = ""


class AttachmentFailed(Payload):
    """A file could not be had or read; `digest` is there where it is kept all the same."""

    wire: ClassVar[str] = "attachment.failed.v1"
    attachment: str
    message: str
    conversation: str
    error: str
    digest: str | None = None
