"""The parts that were ever in trouble, and how they are now; state: well, failing."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection


def _changed(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {"since": stamp(event.at), "reason": payload["reason"]}
    yield Row(key=payload["part"], doc=doc, state=payload["state"])


HEALTH = TableProjection("health", {"health.changed.v1": _changed})
