"""Every model call and paid action, by the owner's day: in all, by goal, agent, model and tier.

Rows `DAY|DIMENSION|NAME`; group: month; state: dimension.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.domain.events import Event
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

DIMENSIONS = ("all", "goal", "agent", "model", "tier")
EMPTY = {"usd": "0", "calls": 0, "failed": 0, "cached": 0, "tokens_in": 0, "tokens_out": 0}


def _called(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    names = {
        "all": "all",
        "goal": event.goal or "none",
        "agent": payload["agent"],
        "model": payload["model"],
        "tier": payload["tier"],
    }
    return _rows(names, payload, get)


def _paid(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    """Count what an action cost, or may have cost."""
    if not Decimal(payload.get("usd", "0")):
        return ()
    names = {
        "all": "all",
        "goal": event.goal or "none",
        "agent": "executor",
        "model": payload["action"],
        "tier": "action",
    }
    outcome = "unknown" if "next" in payload else "ok"
    counted = {**payload, "tokens_in": 0, "tokens_out": 0, "outcome": outcome}
    return _rows(names, counted, get)


def _rows(names: dict[str, str], payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    day = payload["day"]
    for dimension in DIMENSIONS:
        name = names[dimension]
        key = f"{day}|{dimension}|{name}"
        row = get(key)
        before: dict[str, Any] = row.doc if row else {**EMPTY, "day": day, "name": name}
        yield Row(key=key, doc=_added(before, payload), group=day[:7], state=dimension)


def _added(doc: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    return {
        **doc,
        "usd": format(Decimal(doc["usd"]) + Decimal(payload["usd"]), "f"),
        "calls": doc["calls"] + 1,
        "failed": doc["failed"] + (payload["outcome"] not in {"ok", "cached"}),
        "cached": doc["cached"] + (payload["outcome"] == "cached"),
        "tokens_in": doc["tokens_in"] + payload["tokens_in"],
        "tokens_out": doc["tokens_out"] + payload["tokens_out"],
    }


COSTS = TableProjection(
    "costs",
    {
        "model.called.v1": _called,
        "operation.finished.v1": _paid,
        "operation.unknown.v1": _paid,
    },
)
