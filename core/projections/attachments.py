"""Files that came with messages."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.domain.ids import short_id
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def attachment_id(message: str, number: int) -> str:
    """Name the file that came with a message as its `number`-th, from 0."""
    return short_id("F", message, str(number))


def _came(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    for number, attachment in enumerate(payload["attachments"]):
        doc = {
            "kind": "file",
            "seconds": 0,
            **attachment,
            "message": payload["message"],
            "position": event.position,
            "owner": payload["owner"],
            "forwarded": payload["forwarded"],
            "at": stamp(event.at),
            "text": None,
            "digest": None,
            "characters": 0,
            "error": "",
            "note": "",
        }
        state = "pending" if payload["owner"] else "unread"
        yield Row(
            key=attachment_id(payload["message"], number),
            doc=doc,
            group=payload["conversation"],
            state=state,
        )


def _read(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    kept = {name: payload[name] for name in ("text", "title", "digest", "characters", "note")}
    return changed(get(payload["attachment"]), "read", **kept)


def _failed(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row, kept = get(payload["attachment"]), payload["digest"]
    return changed(row, "failed", digest=kept, error=payload["error"])


ATTACHMENTS = TableProjection(
    "attachments",
    {
        "message.received.v1": _came,
        "attachment.read.v1": _read,
        "attachment.failed.v1": _failed,
    },
)
"""Files by id; group: conversation; state: pending, read, failed; unread: of somebody else."""
