"""What was spent: so far, and day by day as a chart shows it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.domain.events.models import Cap
from core.domain.money import ZERO, dollars
from core.kernel import Kernel
from core.ports.charts import Share, Spending
from core.ports.read_models import Row, RowQuery

DAYS = 30
MOST_SHARES = 4
"""More colours than this nobody tells apart."""
OTHERS = "others"
Days = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class SpentOf:
    """What a day or a month cost so far, of its cap, in US dollars."""

    spent: Decimal
    limit: Decimal

    @property
    def words(self) -> str:
        """Both, as people read them."""
        return f"{dollars(self.spent)} of {dollars(self.limit)}"


async def spent_so_far(kernel: Kernel, costs: Sequence[Row]) -> dict[Cap, SpentOf]:
    """Return today and this month as `day` and `month`; `costs` are the rows of this month.

    What the owner added to a cap counts.
    """
    today = kernel.ledger.today()
    limits = {standing.cap: standing.limit for standing in await kernel.ledger.standings()}
    docs = [row.doc for row in costs if row.state == "all"]
    spans: dict[Cap, str] = {"day": today, "month": today[:7]}
    return {
        span: SpentOf(
            sum((Decimal(doc["usd"]) for doc in docs if doc["day"].startswith(start)), ZERO),
            limits[span],
        )
        for span, start in spans.items()
    }


async def spending(kernel: Kernel) -> Spending | None:
    """Return what the last 30 days of the owner cost, by agent; None where it was nothing."""
    today = kernel.ledger.today()
    end = date.fromisoformat(today)
    days = tuple(end - timedelta(days=back) for back in reversed(range(DAYS)))
    agents = await _by_agent(kernel, days)
    if not any(any(spent.values()) for spent in agents.values()):
        return None
    costs = RowQuery("costs", group=today[:7], states=frozenset({"all"}))
    so_far = await spent_so_far(kernel, await kernel.rows.find(costs, limit=None))
    return Spending(
        days=days,
        shares=_shares(agents, days),
        day_cap=so_far["day"].limit,
        month=so_far["month"].spent,
        month_cap=so_far["month"].limit,
    )


def in_words(spending: Spending) -> str:
    """Return what is to be seen on the chart, for those who do not see it."""
    totals = [sum(usd, ZERO) for usd in zip(*(it.usd for it in spending.shares), strict=True)]
    most, when = max(zip(totals, spending.days, strict=True))
    agents = ", ".join(f"{it.name} {dollars(sum(it.usd, ZERO))}" for it in spending.shares)
    return (
        f"Spent per day in the last {len(spending.days)} days: {dollars(sum(totals, ZERO))} in "
        f"all, at most {dollars(most)} on {when.day} {when:%B}, against {dollars(spending.day_cap)}"
        f" a day; {agents}. This month {dollars(spending.month)} of {dollars(spending.month_cap)}."
    )


async def _by_agent(kernel: Kernel, days: tuple[date, ...]) -> Mapping[str, Days]:
    found: dict[str, Days] = defaultdict(dict)
    wanted = {day.isoformat() for day in days}
    for month in sorted({day[:7] for day in wanted}):
        query = RowQuery("costs", group=month, states=frozenset({"agent"}))
        for row in await kernel.rows.find(query, limit=None):
            if row.doc["day"] in wanted and (usd := Decimal(row.doc["usd"])):
                found[row.doc["name"]][row.doc["day"]] = usd
    return found


def _shares(agents: Mapping[str, Days], days: tuple[date, ...]) -> tuple[Share, ...]:
    """Return the largest agents, and what is left as one share."""
    order = sorted(agents, key=lambda name: (-sum(agents[name].values(), ZERO), name))
    kept = order if len(order) <= MOST_SHARES else order[: MOST_SHARES - 1]
    groups = [(name, [name]) for name in kept]
    if rest := order[len(kept) :]:
        groups.append((OTHERS, rest))
    return tuple(
        Share(
            name=name,
            usd=tuple(
                sum((agents[one].get(day.isoformat(), ZERO) for one in members), ZERO)
                for day in days
            ),
        )
        for name, members in groups
    )
