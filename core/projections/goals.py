"""Goals by id; group: conversation; state: active, waiting, finished, stopped."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed

OPEN = frozenset({"active", "waiting"})
"""The states of a goal that has not ended."""


def _started(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Row(
        key=event.goal or "",
        doc={
            "title": payload["title"],
            "origin": payload["origin"],
            "messages": payload["messages"],
            "started": stamp(event.at),
            "position": event.position,
            "planned": False,
            "cards": [],
            "usd": "0",
            "outcome": None,
        },
        group=payload["conversation"],
        state="active",
    )


def _planned(event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(event.goal or ""), planned=True)


def _waiting(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(event.goal or "")
    if row is None or row.state in {"finished", "stopped"}:
        return
    until = payload["until"]
    due = datetime.fromisoformat(until) if until else None
    yield replace(row, state="waiting", due=due, doc={**row.doc, "cards": payload["cards"]})


def _woken(event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(event.goal or "")
    if row is not None and row.state == "waiting":
        yield replace(row, state="active", due=None)


def _ended(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(event.goal or "")
    if row is None or row.state in {"finished", "stopped"}:
        return
    outcome = payload.get("outcome", "stopped")
    state = "stopped" if outcome == "stopped" else "finished"
    doc = {**row.doc, "outcome": outcome, "ended": stamp(event.at), "cards": []}
    yield replace(row, state=state, due=None, doc=doc)


def _charged(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(event.goal or "")
    if row is None or "usd" not in payload:
        return []
    return changed(row, usd=format(Decimal(row.doc["usd"]) + Decimal(payload["usd"]), "f"))


GOALS = TableProjection(
    "goals",
    {
        "goal.started.v1": _started,
        "plan.proposed.v1": _planned,
        "goal.waiting.v1": _waiting,
        "goal.woken.v1": _woken,
        "task.finished.v1": _woken,
        "task.failed.v1": _woken,
        "card.decided.v1": _woken,
        "card.expired.v1": _woken,
        "goal.finished.v1": _ended,
        "goal.stopped.v1": _ended,
        "model.called.v1": _charged,
        "operation.finished.v1": _charged,
        "operation.unknown.v1": _charged,
    },
)
