"""The owner's own data: to-dos, reminders and facts."""

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


class FactLearned(Payload):
    """Something lasting was learned, with provenance."""

    wire: ClassVar[str] = "fact.learned.v1"
    fact: str
    text: Erasable
    by: str
    message: str | None = None
    sources: Taint = ()
    valid_from: datetime | None = None


class FactForgotten(Payload):
    """A fact no longer counts; its text is erased where the owner asked for that."""

    wire: ClassVar[str] = "fact.forgotten.v1"
    fact: str
    erased: bool = False


class FactSuperseded(Payload):
    """A fact was replaced by a newer one."""

    wire: ClassVar[str] = "fact.superseded.v1"
    fact: str
    by_fact: str


class ProfileChanged(Payload):
    """A field of the owner's profile changed."""

    wire: ClassVar[str] = "profile.changed.v1"
    field: str
    value: Erasable
    version: int
