import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from adapters.sql.store import SqlStore
from adapters.system.ids import SystemIds
from core.domain.errors import BudgetExceededError
from core.domain.events import NewEvent
from core.domain.events.models import BudgetExceeded, BudgetRaised, BudgetWarned
from core.gates.budget import Caps, Ledger
from core.ports.event_log import EventQuery
from core.projections import ALL

CENTS = st.integers(1, 60).map(lambda cents: Decimal(cents) / 100)


def ledger(
    store: MemoryStore | SqlStore,
    clock: FakeClock,
    ids: SequentialIds | SystemIds,
    *,
    zone: str = "UTC",
    **caps: str,
) -> Ledger:
    """Return a ledger with these caps."""
    limits = Caps.model_validate(caps)
    return Ledger(store, store, clock, ids, caps=limits, zone=ZoneInfo(zone))


def memory(clock: FakeClock, ids: SequentialIds) -> MemoryStore:
    """Return an empty store."""
    return MemoryStore(ALL, clock, ids)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["G1", "G2"]), CENTS, st.floats(0, 1), st.booleans()),
        max_size=25,
    )
)
async def test_no_order_of_calls_passes_a_cap(
    steps: list[tuple[str, Decimal, float, bool]],
) -> None:
    """After every reservation and settlement, spent and reserved stay inside every cap."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, operation="0.50", goal="1", day="1.5", month="2")
    for goal, usd, share, settles in steps:
        try:
            hold = await money.reserve(goal, usd)
        except BudgetExceededError:
            continue
        if settles:
            await money.settle(hold, (usd * Decimal(share)).quantize(Decimal("0.0001")))
        for found in await money.standings(goal):
            assert found.used <= found.limit
    exact = await store.rebuild()
    assert exact[0] == exact[1]


async def reserve_many(one: Ledger, other: Ledger) -> int:
    """Reserve ten cents 64 times at once, through two ledgers; return how many went through."""

    async def once(n: int) -> bool:
        try:
            await (one if n % 2 else other).reserve(f"G{n % 5}", Decimal("0.10"))
        except BudgetExceededError:
            return False
        return True

    return sum(await asyncio.gather(*(once(n) for n in range(64))))


async def test_calls_at_the_same_time_pass_no_cap_together() -> None:
    """Of 64 calls at once through two workers exactly as many go through as the cap allows."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    workers = [ledger(store, clock, ids, day="2", goal="2") for _ in range(2)]
    assert await reserve_many(*workers) == 20
    assert await workers[0].used("day:2026-11-02") == Decimal(2)


async def test_calls_at_the_same_time_pass_no_cap_together_on_disk(tmp_path: Path) -> None:
    """The same holds over SQLite."""
    clock, ids = FakeClock(), SystemIds()
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'e.db'}", ALL, clock, ids)
    try:
        workers = [ledger(store, clock, ids, day="2", goal="2") for _ in range(2)]
        assert await reserve_many(*workers) == 20
        assert await workers[0].used("day:2026-11-02") == Decimal(2)
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("caps", "before", "wanted", "cap"),
    [
        ({"operation": "0.10"}, "0", "0.11", "operation"),
        ({"goal": "0.20"}, "0.15", "0.06", "goal"),
        ({"day": "0.20"}, "0.15", "0.06", "day"),
        ({"month": "0.20"}, "0.15", "0.06", "month"),
    ],
)
async def test_each_cap_is_named(caps: dict[str, str], before: str, wanted: str, cap: str) -> None:
    """A refused reservation is on the log and names the cap, the numbers and the config key."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, **caps)
    await money.reserve("G1", Decimal(before))
    with pytest.raises(BudgetExceededError, match=f"budget.{cap}_usd") as caught:
        await money.reserve("G1", Decimal(wanted))
    assert caught.value.cap == cap
    (event,) = await store.read(EventQuery(type=BudgetExceeded.wire))
    assert (event.payload["cap"], event.payload["wanted"]) == (cap, wanted)
    assert (await money.reserve("G1", Decimal("0.05"))).usd == Decimal("0.05")


async def test_a_free_call_needs_no_budget() -> None:
    """A call that cannot cost anything reserves and settles nothing, whatever the caps."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, day="0", goal="0", operation="0")
    hold = await money.reserve("G1", Decimal(0))
    await money.settle(hold, Decimal(0))
    assert store.stored == []


async def test_days_and_months_are_the_owners() -> None:
    """A day ends at the owner's midnight, not at that of UTC; the month counts on."""
    clock, ids = FakeClock(datetime(2026, 11, 30, 22, 30, tzinfo=UTC)), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, zone="Europe/Berlin", day="0.50", month="0.60", goal="9")
    hold = await money.reserve("G1", Decimal("0.40"))
    assert (hold.day, hold.month) == ("2026-11-30", "2026-11")
    clock.advance(3600)
    later = await money.reserve("G1", Decimal("0.40"))
    assert (later.day, later.month) == ("2026-12-01", "2026-12")
    await money.settle(hold, Decimal("0.10"))
    assert await money.used("day:2026-11-30") == Decimal("0.10")
    assert await money.used("month:2026-12") == Decimal("0.40")
    with pytest.raises(BudgetExceededError):
        await money.reserve("G1", Decimal("0.20"))


async def test_a_cap_can_be_raised() -> None:
    """What the owner added to a scope counts from then on."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, goal="0.10")
    with pytest.raises(BudgetExceededError):
        await money.reserve("G1", Decimal("0.20"))
    raised = BudgetRaised(card="C", scope="goal:G1", usd=Decimal("0.15"))
    await store.append([NewEvent(stream="budget", payload=raised, goal="G1")] * 1)
    await money.reserve("G1", Decimal("0.20"))
    with pytest.raises(BudgetExceededError):
        await money.reserve("G2", Decimal("0.20"))


async def test_three_quarters_are_warned_about_once() -> None:
    """From three quarters on a scope is tight; the warning is one event per scope and limit."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids, goal="0.40", day="9", month="9")
    assert (await money.reserve("G1", Decimal("0.20"))).tight == ()
    assert (await money.reserve("G1", Decimal("0.10"))).tight == ("goal:G1",)
    assert (await money.reserve("G1", Decimal("0.05"))).tight == ("goal:G1",)
    assert await money.tight("G1") == ("goal:G1",)
    assert await money.tight("G2") == ()
    assert len(await store.read(EventQuery(type=BudgetWarned.wire))) == 1


async def test_reservations_of_a_crash_count_as_spent() -> None:
    """Nobody knows what an interrupted call cost, so it counts at its highest, once."""
    clock, ids = FakeClock(), SequentialIds()
    store = memory(clock, ids)
    money = ledger(store, clock, ids)
    await money.reserve("G1", Decimal("0.20"))
    assert await money.settle_orphans() == 1
    assert await money.settle_orphans() == 0
    row = await store.get("spend", "goal:G1")
    assert row is not None
    assert row.doc == {"reserved": "0.00", "spent": "0.20"}
