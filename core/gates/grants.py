"""Standing permissions: given from a card, limited, listed, revocable."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.domain.canonical import canonical
from core.kernel import Kernel
from core.ports.action import Action
from core.ports.read_models import Row, RowQuery

MOST = 200


async def fitting_grant(
    kernel: Kernel, action: Action[Any], args: dict[str, Any], taken: Sequence[str] = ()
) -> str | None:
    """Return the id of an active grant that covers these arguments, None where there is none.

    `taken` are the grants that were used at this moment and are not on the log yet.
    """
    query = RowQuery("grants", group=action.name, states=frozenset({"active"}))
    for row in await kernel.rows.find(query, limit=MOST):
        stands = _stands(row, kernel.clock.now(), taken.count(row.key))
        if stands and await _covers(kernel, row, args):
            return row.key
    return None


def _stands(row: Row, now: datetime, taken: int) -> bool:
    uses = row.doc["uses"]
    in_time = row.due is None or row.due > now
    return in_time and (uses is None or row.doc["used"] + taken < uses)


async def _covers(kernel: Kernel, row: Row, args: dict[str, Any]) -> bool:
    pins = row.doc["only"]
    values = await kernel.log.values([pin["ref"] for pin in pins.values()])
    return all(
        pin["ref"] in values and canonical(values[pin["ref"]]) == canonical(args.get(name))
        for name, pin in pins.items()
    )
