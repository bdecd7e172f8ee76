"""Charts: what numbers look like, drawn to be looked at on a phone."""

from datetime import date
from typing import Protocol

from core.domain.base import Frozen
from core.domain.money import Usd


class Share(Frozen):
    """What one agent spent, or all the smaller ones together, on each day."""

    name: str
    usd: tuple[Usd, ...]


class Spending(Frozen):
    """What was spent on each of `days`, today last; `shares` are as long, the largest first.

    Caps are those of today and of this month, `month` is what was spent in it so far.
    """

    days: tuple[date, ...]
    shares: tuple[Share, ...]
    day_cap: Usd
    month: Usd
    month_cap: Usd


class Charts(Protocol):
    """Draws."""

    async def spending(self, spending: Spending) -> bytes:
        """Return a PNG of what was spent, day by day and in the month, with the caps.

        Raises RefusedError where nothing can be drawn.
        """
        ...
