"""Putting words into the outbox: durable before they are sent, once however often it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.telegram.keyboards import MOST_CHOICES
from bot.app import App
from core.domain.canonical import sha256
from core.domain.choices import Choice, stored_choices
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.messages import MessageQueued
from core.domain.outbound import OutFile
from core.domain.own_words import Own, joined
from core.domain.sources import OWN_WORDS, Source

PRINTED = Source(kind="memory", ref="command", title="what a command printed")
SOME = "Buttons for the first {count} only: the others go by their ids."


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed: its text, files that are kept already, and what may be tapped."""

    text: str
    files: Sequence[OutFile] = ()
    choices: Sequence[Choice] = ()


async def queue(
    app: App,
    conversation: str,
    what: str | Printed,
    key: str,
    kind: Literal["notice", "error"] = "notice",
) -> None:
    """Queue a message under a key, and wake what sends it.

    What commands print may quote anybody (a fact, a mail), so no link or command in it works unless
    it states it itself, no sign in it is formatting, and no model is told it.
    """
    message = name_of(key)
    printed = Printed(what) if isinstance(what, str) else what
    text, choices = printed.text, printed.choices
    own = text if isinstance(text, Own) else joined([text])
    if len(choices) > MOST_CHOICES:
        text, choices = f"{text}\n\n{SOME.format(count=MOST_CHOICES)}", choices[:MOST_CHOICES]
    kept = app.kernel.redactor.text(text)
    stored = app.kernel.redactor.redact(stored_choices(choices))
    payload = MessageQueued(
        message=message,
        conversation=conversation,
        kind=kind,
        text=Erasable.of(kept),
        sources=(OWN_WORDS if own.whole else PRINTED,),
        commands=own.commands if kept == text else (),
        plain=True,
        files=tuple(printed.files),
        choices=Erasable.of(stored) if stored else None,
    )
    event = NewEvent(stream=f"conversation:{conversation}", payload=payload, key=f"queue:{message}")
    await app.kernel.log.append([event])
    await app.engine.wake(conversation)


def name_of(key: str) -> str:
    """Return the name of the message that is queued under a key."""
    return f"N{sha256(key)[:16]}"
