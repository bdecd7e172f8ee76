"""Money in US dollars as exact decimals."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

ZERO = Decimal(0)


def _exact(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return Decimal(str(value))


Usd = Annotated[
    Decimal, BeforeValidator(_exact), PlainSerializer(lambda v: format(v, "f"), return_type=str)
]
"""An amount in US dollars; exact in Python, a decimal string in JSON."""


def dollars(amount: Decimal) -> str:
    """Say an amount as people read it: `$0.00`, and `$0.0004` where a cent would hide it."""
    if amount and abs(amount) < Decimal("0.01"):
        return f"${amount:.4f}"
    return f"${amount:.2f}"
