"""Standing permissions: given from a card, limited, listed, revocable."""

from datetime import datetime
from typing import Any

from core.domain.canonical import canonical
from core.kernel import Kernel
from core.ports.action import Action
from core.ports.read_models import Row, RowQuery

MOST = 200


async def fitting_grant(kernel: Kernel, action: Action[Any], args: dict[str, Any]) -> str | None:
    """Return the id of an active grant that covers these arguments, None where there is none."""
    query = RowQuery("grants", group=action.name, states=frozenset({"active"}))
    for row in await kernel.rows.find(query, limit=MOST):
        if _stands(row, kernel.clock.now()) and await _covers(kernel, row, args):
            return row.key
    return None


def _stands(row: Row, now: datetime) -> bool:
    uses = row.doc["uses"]
    return (row.due is None or row.due > now) and (uses is None or row.doc["used"] < uses)


async def _covers(kernel: Kernel, row: Row, args: dict[str, Any]) -> bool:
    pins = row.doc["only"]
    values = await kernel.log.values([pin["ref"] for pin in pins.values()])
    return all(
        pin["ref"] in values and canonical(values[pin["ref"]]) == canonical(args.get(name))
        for name, pin in pins.items()
    )
