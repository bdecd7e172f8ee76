import asyncio
import time
from datetime import datetime, timedelta

import pytest

from adapters.engine.local import LocalEngine
from adapters.inmemory.clock import FakeClock
from adapters.system import SystemClock
from core.domain.errors import BugError
from core.ports.engine import Agenda
from tests.contracts.engine_parts import EngineHarness, MemoryAgenda, eventually, running
from tests.contracts.engine_suite import EngineContract

STEP_S = 0.1


class LocalHarness(EngineHarness):
    """Local engines on a clock that the test moves."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()

    def engine(self, agenda: Agenda | None = None, *, real_time: bool = False) -> LocalEngine:
        """Make an engine, with the real clock where time itself is measured."""
        return LocalEngine(agenda or self.agenda, SystemClock() if real_time else self.clock)

    def now(self) -> datetime:
        """Return the time of the fake clock."""
        return self.clock.now()

    async def pass_time(self, seconds: float) -> None:
        """Move the clock in small steps, letting everybody act in between."""
        left = seconds
        while left > 0:
            await _let_others_act()
            self.clock.advance(min(left, STEP_S))
            left = round(left - STEP_S, 6)
        await _let_others_act()


async def _let_others_act() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def local() -> LocalHarness:
    """Give the harness with the type that the tests of this file need."""
    return LocalHarness()


class TestLocalEngine(EngineContract):
    @pytest.fixture
    async def harness(self) -> EngineHarness:
        """Give local engines."""
        return LocalHarness()


async def test_beyond_the_maximum_the_oldest_wake_goes_first(local: LocalHarness) -> None:
    """With room for two, conversations run two at a time, in the order of their wakes."""
    engine = LocalEngine(local.agenda, local.clock, parallel=2)
    names = [f"c{number}" for number in range(9)]
    gates = local.drain.hold = {name: asyncio.Event() for name in names}
    for name in names:
        await engine.wake(name)
    async with running(engine, local.drain):
        await eventually(lambda: len(local.drain.order) == 2)
        health = await engine.health()
        assert (health.running, health.waiting) == (2, 7)
        for gate in gates.values():
            gate.set()
        await engine.idle()
    assert local.drain.order == names
    assert local.drain.most_together == 2


async def test_the_pause_doubles_up_to_a_minute(local: LocalHarness) -> None:
    """A drain that always fails is tried after 1, 2, 4, … and then every 60 seconds."""
    at: list[float] = []
    start = local.now()

    async def drain(conversation: str) -> None:
        at.append((local.now() - start).total_seconds())
        raise ValueError

    engine = local.engine()
    async with running(engine, drain):
        await engine.wake("a")
        await local.pass_time(250)
    assert at == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]


async def test_news_shortens_the_pause_but_cannot_make_it_spin(local: LocalHarness) -> None:
    """A wake during a long pause retries at once, yet never sooner than a second after."""
    engine = local.engine()
    local.drain.broken = {"a"}
    async with running(engine, local.drain):
        await engine.wake("a")
        await local.pass_time(40)
        assert local.drain.begun["a"] == 6
        for _ in range(100):
            await engine.wake("a")
            await local.pass_time(0.001)
        assert local.drain.begun["a"] == 7


async def test_a_failing_conversation_holds_idle_only_so_long(local: LocalHarness) -> None:
    """`idle` waits for the first retries of a failing drain, then counts it as stuck."""
    engine = local.engine()
    local.drain.broken = {"a"}
    async with running(engine, local.drain):
        await engine.wake("a")
        waiter = asyncio.create_task(engine.idle())
        await local.pass_time(2)
        assert not waiter.done()
        await local.pass_time(2)
        await waiter
        assert (await engine.health()).failures == 1


async def test_an_agenda_that_cannot_be_read_is_tried_again(local: LocalHarness) -> None:
    """A read model that fails shows in `health` and ends nothing; wakes are served meanwhile."""
    engine = local.engine()
    local.agenda.fails = True
    local.agenda.work = {"a": [1]}
    async with running(engine, local.drain):
        await engine.wake("b")
        await local.pass_time(0.5)
        assert local.drain.ended["b"] == 1
        assert "OSError" in str((await engine.health()).problem)
        local.agenda.fails = False
        await local.pass_time(1)
        await engine.idle()
        assert local.drain.did == {"a": [1]}
        assert (await engine.health()).problem is None


class WallClock(FakeClock):
    """A clock that can be set or slept through without its sleepers noticing, as real ones are."""

    set_by = timedelta()

    def now(self) -> datetime:
        """Return the time as it was set."""
        return super().now() + self.set_by


async def test_a_suspended_machine_is_noticed_within_a_minute(local: LocalHarness) -> None:
    """After the clock jumped past a timer it fires at the next look, at most 60 s later."""
    clock = local.clock = WallClock()
    local.agenda.timers = {"a": [local.now() + timedelta(days=30)]}
    async with running(local.engine(), local.drain):
        await local.pass_time(1)
        clock.set_by = timedelta(days=31)
        await local.pass_time(58)
        assert local.drain.begun["a"] == 0
        await local.pass_time(1)
        assert local.drain.begun["a"] == 1


async def test_a_clock_that_is_set_back_stops_no_retry(local: LocalHarness) -> None:
    """A pause does not grow by the hours that the clock was set back."""
    clock = local.clock = WallClock()
    engine = local.engine()
    local.drain.broken = {"a"}
    async with running(engine, local.drain):
        await engine.wake("a")
        await local.pass_time(0.5)
        clock.set_by = timedelta(hours=-2)
        await local.pass_time(61)
        assert local.drain.begun["a"] >= 2


async def test_a_timer_set_by_a_drain_needs_no_wake(local: LocalHarness) -> None:
    """A timer that appears in the agenda during a drain is kept to, without being announced."""
    engine = local.engine()

    async def drain(conversation: str) -> None:
        local.agenda.fire(conversation, local.now())
        if local.drain.begun["a"] == 0:
            local.agenda.timers["a"] = [local.now() + timedelta(seconds=5)]
        await local.drain(conversation)

    async with running(engine, drain):
        await engine.wake("a")
        await local.pass_time(4.9)
        assert local.drain.begun["a"] == 1
        await local.pass_time(0.2)
        assert local.drain.begun["a"] == 2


async def test_a_second_timer_is_not_taken_for_a_stuck_one(local: LocalHarness) -> None:
    """Two timers of one conversation shortly after one another each fire on time."""
    start = local.now()
    local.agenda.timers = {"a": [start + timedelta(seconds=s) for s in (1, 1.1, 1.2)]}
    at: list[float] = []

    async def drain(conversation: str) -> None:
        at.append((local.now() - start).total_seconds())
        await asyncio.sleep(0)
        local.agenda.fire(conversation, local.now())

    async with running(local.engine(), drain):
        await local.pass_time(5)
    assert at == [1, 1.1, 1.2]


class CountingAgenda(MemoryAgenda):
    """An agenda that counts how often it is asked for the next timer."""

    reads = 0

    async def next_due(self) -> datetime | None:
        """Count, and answer."""
        self.reads += 1
        return await super().next_due()


async def test_an_overdue_timer_behind_a_long_drain_does_not_spin(local: LocalHarness) -> None:
    """While a drain runs for minutes its timer stays due, and the agenda is read seldom."""
    agenda = CountingAgenda()
    agenda.timers = {"a": [local.now() - timedelta(seconds=1)]}
    gate = local.drain.hold["a"] = asyncio.Event()
    async with running(local.engine(agenda), local.drain):
        await local.pass_time(100)
        assert local.drain.begun["a"] == 1
        assert agenda.reads <= 110
        gate.set()


async def test_a_drain_cancelled_from_inside_is_a_failure(local: LocalHarness) -> None:
    """A drain that ends as cancelled while the engine runs is tried again like any other."""
    engine = local.engine()
    tries = 0

    async def drain(conversation: str) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncio.CancelledError

    async with running(engine, drain):
        await engine.wake("a")
        await local.pass_time(1.5)
    assert tries == 2


async def test_wakes_of_a_stopped_run_are_kept_for_the_next(local: LocalHarness) -> None:
    """An engine that is stopped and run again drains what was running and what waited."""
    engine = LocalEngine(local.agenda, local.clock, parallel=1)
    gate = local.drain.hold["a"] = asyncio.Event()
    await engine.wake("a")
    await engine.wake("b")
    async with running(engine, local.drain):
        await eventually(lambda: local.drain.begun["a"] == 1)
        waiter = asyncio.create_task(engine.idle())
        await asyncio.sleep(0)
    await waiter
    gate.set()
    async with running(engine, local.drain):
        await eventually(lambda: local.drain.ended == {"a": 1, "b": 1})


async def test_running_twice_is_refused(local: LocalHarness) -> None:
    """One engine runs once at a time."""
    engine = local.engine()
    async with running(engine, local.drain):
        await engine.idle()
        with pytest.raises(BugError):
            await engine.run(local.drain)


async def test_a_wake_runs_within_a_millisecond(local: LocalHarness) -> None:
    """From wake to run takes under a millisecond in the median."""
    engine = local.engine(real_time=True)
    took: list[float] = []

    async def drain(conversation: str) -> None:
        took.append(time.perf_counter() - woken)

    async with running(engine, drain):
        for _ in range(200):
            woken = time.perf_counter()
            await engine.wake("a")
            await engine.idle()
    assert sorted(took)[100] < 0.001
