"""Standing permissions, and the owner's brake."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def _given(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    expires = payload["expires_at"]
    yield Row(
        key=payload["grant"],
        doc={**payload, "given": stamp(event.at), "used": 0, "spent": "0"},
        group=payload["action"],
        state="active",
        due=datetime.fromisoformat(expires) if expires else None,
    )


def _revoked(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["grant"]), "revoked")


def _used(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["grant"]) if payload.get("grant") else None
    return changed(row, used=row.doc["used"] + 1) if row is not None else []


GRANTS = TableProjection(
    "grants",
    {"grant.given.v1": _given, "grant.revoked.v1": _revoked, "gate.decided.v1": _used},
)
"""Grants by id; group: action; state: active, revoked; due: when it expires."""

AUTONOMY_KEY = "brake"


def _paused(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {"since": stamp(event.at), "by": payload["by"], "reason": payload["reason"]}
    yield Row(key=AUTONOMY_KEY, doc=doc, state="paused")


def _resumed(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {"since": stamp(event.at), "by": payload["by"], "reason": ""}
    yield Row(key=AUTONOMY_KEY, doc=doc, state="running")


AUTONOMY = TableProjection(
    "autonomy", {"autonomy.paused.v1": _paused, "autonomy.resumed.v1": _resumed}
)
"""One row: paused or running."""
