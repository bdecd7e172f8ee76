"""The operation log: what was begun, what came of it."""

from datetime import datetime
from typing import ClassVar, Literal

from core.domain.cards import Impact
from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.files import FileWritten
from core.domain.money import ZERO, Usd
from core.domain.sources import Taint


class OperationStarted(Payload):
    """An effect is about to begin; unique on marker and attempt."""

    wire: ClassVar[str] = "operation.started.v1"
    marker: str
    task: str
    action: str
    args: Erasable
    impact: Impact
    attempt: int
    by: Literal["auto", "owner", "grant"]
    card: str | None = None


class OperationCommitting(Payload):
    """The point of no return of an effect that can neither be repeated nor looked up.

    A start without it is known not to have happened; with it and without an end it is unknown.
    """

    wire: ClassVar[str] = "operation.committing.v1"
    marker: str
    attempt: int


class OperationFinished(Payload):
    """The effect happened; `undo` is what undoing it takes, None where it cannot be undone.

    `day` is the owner's day (`2026-11-23`) that its cost counts on; empty where it cost nothing.
    `written` is what became of one of the owner's files.
    """

    wire: ClassVar[str] = "operation.finished.v1"
    marker: str
    task: str
    action: str
    attempt: int
    output: Erasable
    said: Erasable
    undo: Erasable | None = None
    usd: Usd = ZERO
    day: str = ""
    sources: Taint = ()
    written: FileWritten | None = None


class OperationFailed(Payload):
    """An attempt did not happen; `retry_at` is set when it will be tried again."""

    wire: ClassVar[str] = "operation.failed.v1"
    marker: str
    task: str
    action: str
    attempt: int
    error: Erasable
    retry_at: datetime | None = None


class OperationUnknown(Payload):
    """A start without an end was found; `next` says what was done about it.

    A paid one of which nothing can be found out counts at its highest cost, in `usd`; so does a
    lookup that is made again.
    """

    wire: ClassVar[str] = "operation.unknown.v1"
    marker: str
    task: str
    action: str
    attempt: int
    next: Literal["repeat", "found", "ask"]
    usd: Usd = ZERO
    day: str = ""


class OperationUndone(Payload):
    """The effect of `marker` was taken back by the operation `by_marker`."""

    wire: ClassVar[str] = "operation.undone.v1"
    marker: str
    by_marker: str
