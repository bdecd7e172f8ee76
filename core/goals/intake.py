"""Intake: an inbound becomes a durable event before anybody is told that it arrived."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.canonical import sha256
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent
from core.domain.events.messages import MessageReceived
from core.domain.inbound import Inbound
from core.domain.quotations import Quotations, read_quotations
from core.kernel import Kernel

KEPT_CONTROLS = frozenset("\n\t")


@dataclass(frozen=True, slots=True)
class Received:
    """What intake did: the message's id, and whether it had been received before.

    `mostly_quoted`: more of it is quoted than not; `own` is whether anything is the owner's.
    """

    message: str
    duplicate: bool
    mostly_quoted: bool = False
    own: bool = True


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

    Of what the owner sends, each block that he quotes is a message of its own, of others' words.
    A text too long to plan from is kept all the same; its goal says so.
    Raises BadInputError for a text that is empty once cleaned.
    """
    text = clean(inbound.text)
    if not text and not inbound.attachments:
        message = "The message is empty: it holds no text that can be read."
        raise BadInputError(message)
    key = intake_key(inbound.channel, inbound.dedupe)
    message_id = message_name(key)
    found = _quotations(inbound, text, message_id, owner=owner)
    whole = not found.own and bool(found.blocks) and not inbound.attachments
    payload = MessageReceived(
        message=message_id,
        channel=inbound.channel,
        conversation=inbound.conversation,
        sender=inbound.sender,
        owner=owner,
        text=Erasable.of(kernel.redactor.text(text if whole else found.own)),
        attachments=inbound.attachments,
        forwarded=inbound.forwarded or whole,
        sent_at=inbound.sent_at,
        settles=inbound.settles,
        replies_to=inbound.replies_to,
        replaces=_named(inbound, inbound.replaces),
    )
    payloads = [payload, *([] if whole else _blocks(kernel, payload, found.blocks))]
    actor, stream = "owner" if owner else "stranger", f"conversation:{inbound.conversation}"
    events = [
        NewEvent(stream=stream, payload=one, actor=actor, key=f"{key}:q{n}" if n else key)
        for n, one in enumerate(payloads)
    ]
    appended = await kernel.log.append(events)
    return Received(message_id, appended.duplicate, found.mostly, own=not whole)


def _quotations(inbound: Inbound, text: str, message: str, *, owner: bool) -> Quotations:
    """Return what of a text is the sender's own; what others wrote is outside text as a whole."""
    if inbound.forwarded or not owner:
        return Quotations(text)
    found = read_quotations(text, lambda number: f"{message}q{number}")
    beside = tuple(block for quote in inbound.quotes if (block := clean(quote)))
    return replace(found, blocks=(*found.blocks, *beside)) if beside else found


def _blocks(
    kernel: Kernel, received: MessageReceived, blocks: Sequence[str]
) -> list[MessageReceived]:
    """Return the blocks that were quoted in a message, each as words of others."""
    return [
        received.model_copy(
            update={
                "message": f"{received.message}q{number}",
                "text": Erasable.of(kernel.redactor.text(block)),
                "attachments": (),
                "forwarded": True,
                "settles": None,
                "replies_to": None,
                "replaces": None,
                "quoted_in": received.message,
            }
        )
        for number, block in enumerate(blocks, 1)
    ]
