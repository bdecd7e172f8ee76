"""A month of spending: what the tests and the picture of the docs show."""

from datetime import date, timedelta
from decimal import Decimal

from core.ports.charts import Share, Spending

DAYS = tuple(date(2026, 11, 23) - timedelta(days=back) for back in reversed(range(30)))
PLANNER = (31, 0, 44, 52, 38, 12, 0, 63, 71, 55, 48, 90, 21, 0, 35, 42, 58, 61, 47, 9, 0)
RESEARCHER = (0, 0, 80, 0, 45, 0, 0, 120, 0, 64, 0, 155, 0, 0, 0, 72, 0, 98, 31, 0, 0)
ASSISTANT = (12, 0, 18, 22, 9, 0, 0, 30, 14, 25, 11, 40, 0, 0, 8, 16, 21, 33, 12, 0, 0)
OFFERS = (0, 0, 0, 26, 0, 0, 0, 0, 34, 0, 0, 0, 18, 0, 0, 0, 27, 0, 0, 0, 0)
CAPTION = (
    "Today $1.19 of $5.00\n"
    "This month $21.50 of $60.00, heading for $28.04\n"
    "214 calls this month, 3 failed, 41 cached\n"
    "By agent: planner $9.11 (142), researcher $7.85 (31), assistant $3.15 (38), "
    "offer_reader $1.39 (3)"
)
"""What `/cost` says of it."""


def november() -> Spending:
    """Return 30 days of four agents, well below the caps."""
    names = ("planner", "researcher", "assistant", "offer_reader")
    cents = (PLANNER, RESEARCHER, ASSISTANT, OFFERS)
    shares = [Share(name=name, usd=_days(each)) for name, each in zip(names, cents, strict=True)]
    return Spending(
        days=DAYS,
        shares=tuple(shares),
        day_cap=Decimal(5),
        month=sum((usd for share in shares for usd in share.usd[7:]), Decimal(0)),
        month_cap=Decimal(60),
    )


def _days(cents: tuple[int, ...]) -> tuple[Decimal, ...]:
    return tuple(Decimal(cents[n % len(cents)]) / 100 for n in range(len(DAYS)))
