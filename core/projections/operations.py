"""Operations by marker; group: goal; state: started, failed, unknown, finished, undone."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def _started(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    known = get(payload["marker"])
    doc = {
        "goal": event.goal,
        "task": payload["task"],
        "action": payload["action"],
        "impact": payload["impact"],
        "by": payload["by"],
        "card": payload["card"],
        "started": stamp(event.at),
        "undoable": False,
        "attempt": payload["attempt"],
        "position": known.doc["position"] if known else event.position,
    }
    yield Row(key=payload["marker"], doc=doc, group=event.goal, state="started")


def _finished(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["marker"])
    if row is not None:
        extra = {
            "undoable": payload["undo"] is not None,
            "said": payload["said"],
            "finished": stamp(event.at),
            "output": payload["output"],
            "sources": payload["sources"],
        }
        yield replace(row, state="finished", doc={**row.doc, **extra})


def _failed(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["marker"]), "failed")


def _unknown(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["marker"]), "unknown")


def _undone(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["marker"]), "undone", undoable=False)


OPERATIONS = TableProjection(
    "operations",
    {
        "operation.started.v1": _started,
        "operation.finished.v1": _finished,
        "operation.failed.v1": _failed,
        "operation.unknown.v1": _unknown,
        "operation.undone.v1": _undone,
    },
)
