"""Standing permissions, and the owner's brake."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def _given(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    expires = payload["expires_at"]
    begun = {"given": stamp(event.at), "used": 0, "spent": "0", "version": event.version}
    yield Row(
        key=payload["grant"],
        doc={**payload, **begun},
        group=payload["action"],
        state="active",
        due=datetime.fromisoformat(expires) if expires else None,
    )


def _revoked(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["grant"]), "revoked", version=event.version)


def _used(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["grant"])
    if row is None:
        return []
    spent = Decimal(row.doc["spent"]) + Decimal(payload["usd"])
    used = row.doc["used"] + 1
    return changed(row, used=used, spent=format(spent, "f"), version=event.version)


GRANTS = TableProjection(
    "grants",
    {"grant.given.v1": _given, "grant.revoked.v1": _revoked, "grant.used.v1": _used},
)
"""Grants by id, with the version of their stream; group: action; state: active, revoked; due: when
it expires."""

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
