"""What holds timers; state: held, settled.

Row `log`: how the log went backwards last. Row `clock`: how the clock was doubted last.
"""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed

LOG = "log"
CLOCK = "clock"
HELD = "held"


def _restored(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "position": event.position, "at": stamp(event.at)}
    yield Row(key=LOG, doc=doc, state=HELD)


def _accepted(_event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(LOG), "settled")


def _doubted(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Row(key=CLOCK, doc={**payload, "position": event.position}, state=HELD)


def _trusted(_event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(CLOCK), "settled")


HOLDS = TableProjection(
    "holds",
    {
        "log.restored.v1": _restored,
        "log.accepted.v1": _accepted,
        "clock.doubted.v1": _doubted,
        "clock.trusted.v1": _trusted,
    },
)
