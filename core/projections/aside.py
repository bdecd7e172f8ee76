"""What was set aside, by id; group: conversation; state: untold, told.

It is `untold` until the message about it was sent.
"""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def _notice_row(message: str) -> str:
    return f"notice:{message}"


def _set_aside(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    key = f"{payload['kind']}:{payload['subject']}"
    doc = {**payload, "at": stamp(event.at)}
    yield Row(key=key, doc=doc, group=payload["conversation"], state="untold")
    if payload["notice"]:
        yield Row(key=_notice_row(payload["notice"]), doc={"aside": key})


def _sent(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    notice = get(_notice_row(payload["message"]))
    return changed(get(notice.doc["aside"]), "told") if notice is not None else ()


ASIDE = TableProjection("aside", {"event.set_aside.v1": _set_aside, "message.sent.v1": _sent})
