"""The owner's own data: to-dos and reminders."""

from datetime import datetime
from typing import ClassVar

from core.domain.erasable import Erasable
from core.domain.events.base import Payload
from core.domain.sources import Taint


class TodoAdded(Payload):
    """A to-do was written down; `due` is an ISO date or time in the owner's zone."""

    wire: ClassVar[str] = "todo.added.v1"
    todo: str
    title: Erasable
    due: str | None = None
    project: str | None = None
    sources: Taint = ()


class TodoDone(Payload):
    """A to-do was done."""

    wire: ClassVar[str] = "todo.done.v1"
    todo: str


class TodoReopened(Payload):
    """A to-do counts as open again."""

    wire: ClassVar[str] = "todo.reopened.v1"
    todo: str


class TodoRemoved(Payload):
    """A to-do was taken back."""

    wire: ClassVar[str] = "todo.removed.v1"
    todo: str


class ReminderSet(Payload):
    """A reminder is due `at`; `repeat` is an iCalendar RRULE counted from the first time."""

    wire: ClassVar[str] = "reminder.set.v1"
    reminder: str
    conversation: str
    text: Erasable
    at: datetime
    timezone: str
    repeat: str | None = None
    sources: Taint = ()


class ReminderFired(Payload):
    """A reminder was due; `next_at` is set for one that repeats."""

    wire: ClassVar[str] = "reminder.fired.v1"
    reminder: str
    conversation: str
    at: datetime
    next_at: datetime | None = None


class ReminderCancelled(Payload):
    """A reminder will not fire any more."""

    wire: ClassVar[str] = "reminder.cancelled.v1"
    reminder: str


class ReminderRestored(Payload):
    """A cancelled reminder is due again."""

    wire: ClassVar[str] = "reminder.restored.v1"
    reminder: str
    at: datetime


class SecretStated(Payload):
    """The owner stated a secret: `kind` says what, `text`, `start` and `end` where it stands.

    `text` is the content reference of a message or a fact; erasing that erases the secret, too.
    """

    wire: ClassVar[str] = "secret.stated.v1"
    secret: str
    kind: str
    text: str
    start: int
    end: int
