"""Putting words into the outbox: durable before they are sent, once however often it is asked."""

from collections.abc import Sequence
from typing import Literal

from bot.app import App
from core.domain.canonical import sha256
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued
from core.domain.outbound import OutFile
from core.domain.sources import Source

PRINTED = Source(kind="memory", ref="command", title="what a command printed")


async def queue(
    app: App,
    conversation: str,
    text: str,
    key: str,
    kind: Literal["notice", "error"] = "notice",
    files: Sequence[OutFile] = (),
) -> None:
    """Queue a message under a key, and wake what sends it; its files are kept already.

    What commands print may quote anybody (a fact, a mail), so no link in it works, and no model is
    told it.
    """
    message = f"N{sha256(key)[:16]}"
    payload = MessageQueued(
        message=message,
        conversation=conversation,
        kind=kind,
        text=Erasable.of(app.kernel.redactor.text(text)),
        sources=(PRINTED,),
        files=tuple(files),
    )
    event = NewEvent(stream=f"conversation:{conversation}", payload=payload, key=f"queue:{message}")
    await app.kernel.log.append([event])
    await app.engine.wake(conversation)
