"""Money by goal, day and month; reserved counts as spent until it is settled."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.domain.events import Event
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection


def scopes(goal: str | None, day: str, month: str) -> tuple[str, ...]:
    """Return the keys of the rows that one call counts against."""
    found = (f"day:{day}", f"month:{month}")
    return (f"goal:{goal}", *found) if goal else found


def _move(event: Event, payload: dict[str, Any], get: Get, *moves: Decimal) -> Iterable[Row | Drop]:
    reserved, spent = moves
    for key in scopes(event.goal, payload["day"], payload["month"]):
        row = get(key)
        doc = row.doc if row else {"reserved": "0", "spent": "0"}
        yield Row(
            key=key,
            doc={
                "reserved": format(Decimal(doc["reserved"]) + reserved, "f"),
                "spent": format(Decimal(doc["spent"]) + spent, "f"),
            },
            group=key.partition(":")[0],
        )


def _reserved(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return _move(event, payload, get, Decimal(payload["usd"]), Decimal(0))


def _settled(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return _move(event, payload, get, -Decimal(payload["reserved"]), Decimal(payload["usd"]))


SPEND = TableProjection("spend", {"budget.reserved.v1": _reserved, "budget.settled.v1": _settled})
