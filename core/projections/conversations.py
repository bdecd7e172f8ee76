"""Messages waiting for a goal, messages waiting to be sent, and the window of talk."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed

KEY_WIDTH = 12


def _received(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    earlier = get(payload["replaces"]) if payload.get("replaces") else None
    if earlier is not None and earlier.state in {"new", "held"}:
        yield replace(earlier, state="replaced", due=None)
    settles = payload.get("settles")
    written = payload.get("written_from") is not None
    yield Row(
        key=payload["message"],
        doc={
            "position": event.position,
            "text": payload["text"],
            "goal": event.goal,
            "key": event.key,
            "sent_at": payload["sent_at"],
            "at": stamp(event.at),
            "settles": settles,
            "forwarded": payload["forwarded"],
            "replies_to": payload.get("replies_to"),
            "files": [one.get("kind", "file") for one in payload["attachments"]],
            **({"quoted_in": payload["quoted_in"]} if payload.get("quoted_in") else {}),
        },
        group=payload["conversation"],
        state="taken" if written else "new" if _trusted(payload) else "outside",
        due=datetime.fromisoformat(settles) if settles and _trusted(payload) else None,
    )


def _trusted(payload: dict[str, Any]) -> bool:
    return bool(payload["owner"] and not payload["forwarded"])


def _taken(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    for message in payload["messages"]:
        for row in changed(get(message), "taken", goal=event.goal):
            yield replace(row, due=None) if isinstance(row, Row) else row


def _held(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    for message in payload["messages"]:
        row = get(message)
        if row is not None and row.state == "new":
            yield replace(row, state="held", due=None)


def _released(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    doc = {"released": True, **({"summed_up": True} if payload["choice"] == "summary" else {})}
    for state, names in (("new", payload["answered"]), ("aside", payload["aside"])):
        for message in names:
            row = get(message)
            if row is not None and row.state == "held":
                yield from changed(row, state, **doc)


MESSAGES = TableProjection(
    "messages",
    {
        "message.received.v1": _received,
        "goal.started.v1": _taken,
        "backlog.held.v1": _held,
        "backlog.decided.v1": _released,
    },
    version=2,
)
"""Inbound messages by id; group: conversation; state: new, taken, replaced, outside, held (sent
while Equerry was away: the owner is asked), aside (he wants no answer to it).

Due: when a new one settles.
"""


def _queued(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "goal": event.goal, "position": event.position, "attempt": 0}
    yield Row(key=payload["message"], doc=doc, group=payload["conversation"], state="queued")


def _sending(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["message"])
    if row is None or row.state == "sent":
        return []
    return changed(row, "sending", attempt=payload["attempt"], worker=payload["worker"])


def _sent(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["message"]), "sent", receipt=payload["receipt"])


def _undeliverable(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["message"]), "undeliverable")


OUTBOX = TableProjection(
    "outbox",
    {
        "message.queued.v1": _queued,
        "message.sending.v1": _sending,
        "message.sent.v1": _sent,
        "message.undeliverable.v1": _undeliverable,
    },
)
"""Messages to the owner by id; group: conversation; state: queued, sending, sent, undeliverable."""


def _spoken(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    received = event.type.startswith("message.received")
    speaker = ("owner" if payload["owner"] else "other") if received else "equerry"
    outside = payload.get("forwarded") or payload.get("sources")
    trusted = payload.get("owner", True) and not outside
    yield Row(
        key=str(event.position).zfill(KEY_WIDTH),
        doc={
            "who": speaker,
            "text": payload["text"],
            "message": payload["message"],
            "trusted": trusted,
            "at": stamp(event.at),
        },
        group=payload["conversation"],
    )


ERASURES = "erasures"
"""The row of the window that counts how often a text was erased: copies from before are void."""


def _erased(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if payload["erased"]:
        row = get(ERASURES)
        yield Row(key=ERASURES, doc={"count": row.doc["count"] + 1 if row else 1})


WINDOW = TableProjection(
    "window",
    {
        "message.received.v1": _spoken,
        "message.queued.v1": _spoken,
        "fact.forgotten.v1": _erased,
    },
)
"""What was said, by position; group: conversation. Beside it a count of erasures."""
