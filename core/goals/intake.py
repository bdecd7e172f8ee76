"""Intake: an inbound becomes a durable event before anybody is told that it arrived."""

import unicodedata
from dataclasses import dataclass

from core.domain.canonical import sha256
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent
from core.domain.events.messages import MessageReceived
from core.domain.inbound import Inbound
from core.kernel import Kernel

KEPT_CONTROLS = frozenset("\n\t")


@dataclass(frozen=True, slots=True)
class Received:
    """What intake did: the message's id, and whether it had been received before."""

    message: str
    duplicate: bool


def clean(text: str) -> str:
    """Return the text without control and bidirectional override characters, line ends unified.

    They have no meaning in a request, but can hide one from the eye (Unicode TR 36).
    """
    lined = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lined if c in KEPT_CONTROLS or not _hidden(c)).strip()


def _hidden(char: str) -> bool:
    return (
        unicodedata.category(char) in {"Cc", "Cs"}
        or char in "\u200e\u200f\u061c"
        or ("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069")
    )


def intake_key(channel: str, dedupe: str) -> str:
    """Return the idempotency key of a message."""
    return f"in:{channel}:{dedupe}"


def message_name(key: str) -> str:
    """Return the name of the message with an idempotency key."""
    return f"M{sha256(key)[:16]}"


def _named(inbound: Inbound, dedupe: str | None) -> str | None:
    return message_name(intake_key(inbound.channel, dedupe)) if dedupe else None


async def intake(kernel: Kernel, inbound: Inbound, *, owner: bool) -> Received:
    """Append `message.received`, once per dedupe key; the caller wakes the engine after it.

    A text too long to plan from is kept all the same; its goal says so.
    Raises BadInputError for a text that is empty once cleaned.
    """
    text = clean(inbound.text)
    if not text and not inbound.attachments:
        message = "The message is empty: it holds no text that can be read."
        raise BadInputError(message)
    key = intake_key(inbound.channel, inbound.dedupe)
    message_id = message_name(key)
    payload = MessageReceived(
        message=message_id,
        channel=inbound.channel,
        conversation=inbound.conversation,
        sender=inbound.sender,
        owner=owner,
        text=Erasable.of(kernel.redactor.text(text)),
        attachments=inbound.attachments,
        forwarded=inbound.forwarded,
        sent_at=inbound.sent_at,
        settles=inbound.settles,
        replies_to=_named(inbound, inbound.replies_to),
        replaces=_named(inbound, inbound.replaces),
    )
    stream = f"conversation:{inbound.conversation}"
    event = NewEvent(
        stream=stream, payload=payload, actor="owner" if owner else "stranger", key=key
    )
    appended = await kernel.log.append([event])
    return Received(message_id, appended.duplicate)
