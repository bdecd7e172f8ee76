"""What of the log goes into which index."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.domain.events import Event
from core.domain.spoken import utc
from core.memory.provenance import fact_sources
from core.ports.event_log import EventQuery
from core.ports.fact_index import Changes, Entry

FACTS, TALK = "facts", "talk"

logger = logging.getLogger(__name__)


class Feed(Protocol):
    """The events of one scope, and what they do to its index."""

    @property
    def scope(self) -> str:
        """The name of the scope."""
        ...

    @property
    def types(self) -> tuple[str, ...]:
        """The wire names that matter."""
        ...

    def changes(self, events: Sequence[Event], position: int) -> Changes:
        """Return what inflated events do, in their order; `position` is where they end."""
        ...

    def origins(self, entries: Sequence[Entry]) -> EventQuery:
        """Return the query of the events that say what these entries are."""
        ...


@dataclass
class _Book:
    """Puts and removals in order: of one id the last counts."""

    put: dict[str, Entry] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)
    erased: bool = False

    def add(self, entry: Entry) -> None:
        self.removed.pop(entry.id, None)
        self.put[entry.id] = entry

    def remove(self, identity: str) -> None:
        self.put.pop(identity, None)
        self.removed[identity] = None

    def changes(self, position: int) -> Changes:
        return Changes(position, tuple(self.put.values()), tuple(self.removed), self.erased)


class FactFeed:
    """Facts: learned ones are found until they are superseded or forgotten."""

    scope = FACTS
    types = ("fact.learned.v1", "fact.superseded.v1", "fact.forgotten.v1")

    def changes(self, events: Sequence[Event], position: int) -> Changes:
        """Return what the events do."""
        return _read(events, _take_fact).changes(position)

    def origins(self, entries: Sequence[Entry]) -> EventQuery:
        """Ask for all that happened to the facts."""
        return EventQuery(streams=tuple(f"fact:{entry.id}" for entry in entries))


class TalkFeed:
    """What the owner said and was answered; what others wrote is found as outside text."""

    scope = TALK
    types = ("message.received.v1", "message.queued.v1", "fact.forgotten.v1")

    def changes(self, events: Sequence[Event], position: int) -> Changes:
        """Return what the events do."""
        return _read(events, _take_talk).changes(position)

    def origins(self, entries: Sequence[Entry]) -> EventQuery:
        """Ask for the messages at their places in the conversations."""
        places = (
            (f"conversation:{entry.source}", entry.part)
            for entry in entries
            if isinstance(entry.part, int)  # an index file may hold anything
        )
        return EventQuery(places=tuple(places))


def _read(events: Sequence[Event], take: Callable[[_Book, Event], None]) -> _Book:
    """Return what events do; one that was damaged holds up no other."""
    book = _Book()
    for event in events:
        try:
            take(book, event)
        except Exception:  # noqa: BLE001 - pure: whatever is raised is for the sake of the event
            logger.warning("event %s (%s) cannot be indexed", event.position, event.type)
    return book


def _take_fact(book: _Book, event: Event) -> None:
    kind, payload = event.type, event.payload
    if kind != "fact.learned.v1":
        book.remove(payload["fact"])
        book.erased = book.erased or kind == "fact.forgotten.v1"
    elif payload["text"].get("value") is not None:
        book.add(_fact(event, payload))


def _take_talk(book: _Book, event: Event) -> None:
    kind, payload = event.type, event.payload
    if kind == "fact.forgotten.v1":
        for message in payload["messages"]:
            book.remove(message)
            book.erased = True
    elif payload["text"].get("value") and payload.get("kind", "reply") == "reply":
        book.add(_message(event, payload))


def _fact(event: Event, payload: dict[str, Any]) -> Entry:
    said = _time(payload["said_at"]) or _time(payload["valid_from"]) or event.at
    return Entry(
        id=payload["fact"],
        text=str(payload["text"]["value"]),
        kind=payload["kind"],
        speaker=payload["speaker"],
        at=said,
        source=payload["source"],
        part=payload["part"],
        outside=bool(fact_sources(payload)),
        project=payload["project"],
        about=about_key(payload["about"]),
        valid_until=_time(payload["valid_until"]),
        label=payload.get("label"),
    )


def about_key(about: dict[str, Any] | None) -> str | None:
    """Return the subject and relation of a fact as the index finds it; None once erased."""
    value = about.get("value") if about else None
    return "|".join(map(str, value)) if value and isinstance(value, list | tuple) else None


def _message(event: Event, payload: dict[str, Any]) -> Entry:
    received = "owner" in payload
    mine = payload["owner"] and not payload["forwarded"] if received else not payload["sources"]
    who = "owner" if payload.get("owner") else "other"
    return Entry(
        id=payload["message"],
        text=str(payload["text"]["value"]),
        kind="turn",
        speaker=who if received else "equerry",
        at=_time(payload.get("sent_at")) or event.at,
        source=payload["conversation"],
        part=event.version,
        outside=not mine,
    )


def _time(value: str | None) -> datetime | None:
    """Return a stored time; none for one of an earlier version that is outside the calendar."""
    try:
        return utc(datetime.fromisoformat(value)) if value else None
    except ValueError:
        return None
