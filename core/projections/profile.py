"""The owner's profile: the current value of each field, and a row for each version."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

FIELD, VERSION = "field", "version"


def _changed(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    for change in payload["changes"]:
        doc = {**change, "version": payload["version"], "sources": payload["sources"]}
        yield Row(key=f"{FIELD}:{change['field']}", doc=doc, group=FIELD)
    doc = {**payload, "at": stamp(event.at), "position": event.position}
    yield Row(key=f"{VERSION}:{payload['version']:09}", doc=doc, group=VERSION)


PROFILE = TableProjection("profile", {"profile.changed.v1": _changed})
"""Fields by name and versions by number; group: field or version. Values are references."""
