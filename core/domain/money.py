"""Money in US dollars as exact decimals."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

ZERO = Decimal(0)


def _exact(value: object) -> Decimal:
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        message = f"{value!r} is no amount of money"
        raise ValueError(message)
    return amount


Usd = Annotated[
    Decimal, BeforeValidator(_exact), PlainSerializer(lambda v: format(v, "f"), return_type=str)
]
"""An amount in US dollars; exact in Python, a decimal string in JSON."""


def dollars(amount: Decimal) -> str:
    """Say an amount as people read it: `$0.00`, and `$0.0004` where a cent would hide it."""
    if amount and abs(amount) < Decimal("0.01"):
        return f"${amount:.4f}"
    return f"${amount:.2f}"
