"""Standing permissions: given from a card, limited, listed, revocable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.domain.canonical import canonical
from core.domain.events.gates import GrantUsed
from core.domain.money import ZERO
from core.kernel import Kernel
from core.ports.action import Action
from core.ports.read_models import Row, RowQuery


@dataclass(frozen=True, slots=True)
class Fitting:
    """A grant that covers an operation, at the version of its stream that was read.

    Who appends at that version knows that it was not used or revoked meanwhile.
    """

    grant: str
    version: int


def grant_stream(grant: str) -> str:
    """Return the stream of a grant."""
    return f"grant:{grant}"


async def fitting_grant(
    kernel: Kernel,
    action: Action[Any],
    args: dict[str, Any],
    usd: Decimal = ZERO,
    taken: Sequence[GrantUsed] = (),
) -> Fitting | None:
    """Return an active grant that covers these arguments at this cost, None where there is none.

    `taken` are the uses that were made at this moment and are not on the log yet.
    """
    query = RowQuery("grants", group=action.name, states=frozenset({"active"}))
    for row in await kernel.rows.find(query, limit=None):
        mine = [use for use in taken if use.grant == row.key]
        stands = _stands(row, kernel.clock.now(), mine, usd)
        if stands and await _covers(kernel, row, args):
            return Fitting(row.key, row.doc["version"])
    return None


def _stands(row: Row, now: datetime, taken: Sequence[GrantUsed], usd: Decimal) -> bool:
    uses, limit = row.doc["uses"], row.doc["limit_usd"]
    in_time = row.due is None or row.due > now
    in_number = uses is None or row.doc["used"] + len(taken) < uses
    spent = Decimal(row.doc["spent"]) + sum((use.usd for use in taken), usd)
    return in_time and in_number and (limit is None or spent <= Decimal(limit))


async def _covers(kernel: Kernel, row: Row, args: dict[str, Any]) -> bool:
    pins = row.doc["only"]
    values = await kernel.log.values([pin["ref"] for pin in pins.values()])
    return all(
        pin["ref"] in values and canonical(values[pin["ref"]]) == canonical(args.get(name))
        for name, pin in pins.items()
    )
