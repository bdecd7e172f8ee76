"""What holds timers; row `log`: how the log went backwards last; state: held, settled."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed

LOG = "log"
HELD = "held"


def _restored(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "position": event.position, "at": stamp(event.at)}
    yield Row(key=LOG, doc=doc, state=HELD)


def _accepted(_event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(LOG), "settled")


HOLDS = TableProjection("holds", {"log.restored.v1": _restored, "log.accepted.v1": _accepted})
