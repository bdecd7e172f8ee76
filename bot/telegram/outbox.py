"""Putting words into the outbox: durable before they are sent, once however often it is asked."""

from typing import Literal

from bot.app import App
from core.domain.canonical import sha256
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued


async def queue(
    app: App, conversation: str, text: str, key: str, kind: Literal["notice", "error"] = "notice"
) -> None:
    """Queue a message under a key, and wake what sends it."""
    message = f"N{sha256(key)[:16]}"
    payload = MessageQueued(
        message=message,
        conversation=conversation,
        kind=kind,
        text=Erasable.of(app.kernel.redactor.text(text)),
    )
    event = NewEvent(stream=f"conversation:{conversation}", payload=payload, key=f"queue:{message}")
    await app.kernel.log.append([event])
    await app.engine.wake(conversation)
