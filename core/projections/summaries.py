"""Summaries: one row a scope as it is, one row a version."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

NUMBER_WIDTH = 6


def version_row(scope: str, version: int) -> str:
    """Return the key of the row of a version."""
    return f"v{str(version).zfill(NUMBER_WIDTH)}:{scope}"


def _updated(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "origin": payload["version"], "at": stamp(event.at)}
    return _rows(doc)


def _rolled_back(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    scope = payload["scope"]
    to, now = get(version_row(scope, payload["to"])), get(scope)
    if to is None or now is None:
        return []
    stays = {name: now.doc[name] for name in ("after", "until")}
    doc = {**to.doc, **stays, "version": payload["version"], "at": stamp(event.at)}
    return _rows(doc)


def _rows(doc: dict[str, Any]) -> Iterable[Row | Drop]:
    scope = doc["scope"]
    yield Row(key=version_row(scope, doc["version"]), doc=doc, group=scope, state="version")
    yield Row(key=scope, doc=doc, group=scope.partition(":")[0], state="current")


SUMMARIES = TableProjection(
    "summaries",
    {"summary.updated.v1": _updated, "summary.rolled_back.v1": _rolled_back},
)
"""Summaries by scope (group: conversation or project) and their versions (group: the scope)."""
