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
    hold = {"goal": event.goal or "", **payload}
    yield Row(key=f"hold:{payload['call']}", doc=hold, group="hold")
    yield from _move(event, payload, get, Decimal(payload["usd"]), Decimal(0))


def _settled(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    yield Drop(f"hold:{payload['call']}")
    reserved, spent = -Decimal(payload["reserved"]), Decimal(payload["usd"])
    yield from _move(event, payload, get, reserved, spent)


def _raised(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    key = f"raise:{payload['scope']}"
    row = get(key)
    before = Decimal(row.doc["usd"]) if row else Decimal(0)
    yield Row(key=key, doc={"usd": format(before + Decimal(payload["usd"]), "f")}, group="raise")


def _eased(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Row(key=f"eased:{payload['scope']}", doc={"card": payload["card"]}, group="eased")


SPEND = TableProjection(
    "spend",
    {
        "budget.reserved.v1": _reserved,
        "budget.settled.v1": _settled,
        "budget.raised.v1": _raised,
        "budget.eased.v1": _eased,
    },
)
"""Rows `goal:…`, `day:…`, `month:…` with reserved and spent; `hold:…` for open reservations;
`raise:SCOPE` for what the owner added to a cap; `eased:SCOPE` where no more is spent."""
