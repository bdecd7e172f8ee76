"""The series of the chart of spending."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from core.domain.events.models import ModelCalled
from core.gates.budget import Caps
from core.ports.charts import Spending
from core.telemetry.spending import in_words, spending
from tests.core.support.world import Setup, World

_numbers = count(1)


async def spend(world: World, day: str, agent: str, usd: str) -> None:
    """Write down a call of a day."""
    payload = ModelCalled(
        call=f"c{next(_numbers)}",
        day=day,
        agent=agent,
        tier="strong",
        model="m",
        usd=Decimal(usd),
        latency_ms=1,
        outcome="ok",
    )
    await world.append("calls:G1", payload, goal="G1")


async def shown(world: World) -> Spending:
    """Return the series, which is there."""
    found = await spending(world.kernel)
    assert found is not None
    return found


async def test_where_nothing_was_spent_there_is_no_series() -> None:
    """No call, calls that cost nothing, and calls of long ago are nothing to draw."""
    world = World()
    assert await spending(world.kernel) is None
    await spend(world, "2026-11-02", "planner", "0")
    await spend(world, "2026-10-03", "planner", "3")
    assert await spending(world.kernel) is None


async def test_days_run_over_three_months() -> None:
    """The last 30 days of the owner, today last; a day is where its calls were made."""
    world = World()
    world.clock.set(datetime(2027, 3, 1, 12, tzinfo=UTC))
    for day in ("2027-01-30", "2027-01-31", "2027-02-10", "2027-02-10", "2027-03-01"):
        await spend(world, day, "planner", "0.10")
    series = await shown(world)
    assert (series.days[0], series.days[-1]) == (date(2027, 1, 31), date(2027, 3, 1))
    assert len(series.days) == 30
    (planner,) = series.shares
    assert [str(usd) for usd in planner.usd if usd] == ["0.10", "0.20", "0.10"]
    assert series.month == Decimal("0.10")


async def test_the_smaller_agents_are_one_share() -> None:
    """Four shares at most, the largest first; no digit is lost."""
    world = World()
    for number, agent in enumerate(("a", "b", "c", "d", "e"), 1):
        await spend(world, "2026-11-02", agent, f"0.{number:03}")
    await spend(world, "2026-11-01", "b", "1.0000001")
    series = await shown(world)
    assert [share.name for share in series.shares] == ["b", "e", "d", "others"]
    assert [sum(share.usd) for share in series.shares] == [
        Decimal(usd) for usd in ("1.0020001", "0.005", "0.004", "0.004")
    ]
    assert len({len(share.usd) for share in series.shares}) == 1


async def test_four_agents_need_no_others() -> None:
    """A share of its own for each of them."""
    world = World()
    for agent in ("a", "b", "c", "d"):
        await spend(world, "2026-11-02", agent, "0.10")
    assert [share.name for share in (await shown(world)).shares] == ["a", "b", "c", "d"]


async def test_caps_are_those_that_count() -> None:
    """The configured ones; the words of the chart name them, and the highest day."""
    world = World(Setup(caps=Caps(day=Decimal(3), month=Decimal(20))))
    await spend(world, "2026-10-30", "planner", "1.50")
    await spend(world, "2026-11-02", "planner", "0.25")
    series = await shown(world)
    caps = (series.day_cap, series.month, series.month_cap)
    assert caps == (Decimal(3), Decimal("0.25"), Decimal(20))
    assert in_words(series) == (
        "Spent per day in the last 30 days: $1.75 in all, at most $1.50 on 30 October, "
        "against $3.00 a day; planner $1.75. This month $0.25 of $20.00."
    )
