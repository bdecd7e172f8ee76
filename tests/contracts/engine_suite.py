"""The contract of `Engine`: an implementation subclasses `EngineContract` and gives a harness."""

import asyncio
import logging
import time
from datetime import timedelta

import pytest

from tests.contracts.engine_parts import EngineHarness, eventually, running, stopped

WAITING = 10_000


class EngineContract:
    """What every engine does, within one process."""

    @pytest.fixture
    async def harness(self) -> EngineHarness:
        """Give the implementation under test."""
        raise NotImplementedError

    async def test_a_wake_runs_a_drain(self, harness: EngineHarness) -> None:
        """A wake causes at least one drain of its conversation."""
        engine = harness.engine()
        async with running(engine, harness.drain):
            await engine.wake("a")
            await eventually(lambda: harness.drain.ended["a"] >= 1)

    async def test_a_wake_before_run_is_kept(self, harness: EngineHarness) -> None:
        """A conversation that is woken before the engine runs is drained once it does."""
        engine = harness.engine()
        await engine.wake("a")
        async with running(engine, harness.drain):
            await eventually(lambda: harness.drain.ended["a"] == 1)

    async def test_many_wakes_are_few_drains(self, harness: EngineHarness) -> None:
        """A hundred wakes of one conversation while it is drained are one more drain."""
        engine = harness.engine()
        gate = harness.drain.hold["a"] = asyncio.Event()
        async with running(engine, harness.drain):
            await engine.wake("a")
            await eventually(lambda: harness.drain.begun["a"] == 1)
            for _ in range(100):
                await engine.wake("a")
            gate.set()
            await eventually(lambda: harness.drain.ended["a"] == 2)
            await engine.idle()
        assert harness.drain.begun["a"] == 2

    async def test_a_wake_during_a_drain_is_not_lost(self, harness: EngineHarness) -> None:
        """What is woken while its drain is about to end is drained again afterwards."""
        engine = harness.engine()
        gate = harness.drain.hold["a"] = asyncio.Event()
        async with running(engine, harness.drain):
            await engine.wake("a")
            await eventually(lambda: harness.drain.begun["a"] == 1)
            await engine.wake("a")
            gate.set()
            await eventually(lambda: harness.drain.ended["a"] == 2)

    async def test_drains_of_one_conversation_exclude_each_other(
        self, harness: EngineHarness
    ) -> None:
        """However often it is woken, a conversation has one drain at a time."""
        engine = harness.engine()
        async with running(engine, harness.drain):
            for number in range(200):
                harness.agenda.work.setdefault("a", []).append(number)
                await engine.wake("a")
                await asyncio.sleep(0)
            await eventually(lambda: not harness.agenda.work["a"])
            await engine.idle()
        assert harness.drain.most_inside == 1
        assert harness.drain.did["a"] == list(range(200))

    async def test_conversations_run_side_by_side(self, harness: EngineHarness) -> None:
        """A conversation that takes long holds up no other."""
        engine = harness.engine()
        gate = harness.drain.hold["slow"] = asyncio.Event()
        async with running(engine, harness.drain):
            await engine.wake("slow")
            await eventually(lambda: harness.drain.begun["slow"] == 1)
            for number in range(10):
                await engine.wake(f"quick {number}")
            await eventually(lambda: sum(harness.drain.ended.values()) == 10)
            assert harness.drain.ended["slow"] == 0
            gate.set()
            await eventually(lambda: harness.drain.ended["slow"] == 1)

    async def test_unfinished_work_is_woken_at_start(self, harness: EngineHarness) -> None:
        """A new engine drains every conversation with unfinished work, unasked."""
        harness.agenda.work = {"a": [1, 2], "b": [3], "c": []}
        async with running(harness.engine(), harness.drain):
            await eventually(lambda: harness.drain.did == {"a": [1, 2], "b": [3]})
        assert harness.drain.begun["c"] == 0

    async def test_a_timer_wakes_at_its_time(self, harness: EngineHarness) -> None:
        """A conversation whose timer comes is drained then, and not before."""
        due = harness.now() + timedelta(seconds=2)
        harness.agenda.timers = {"a": [due]}

        async def drain(conversation: str) -> None:
            harness.agenda.fire(conversation, harness.now())
            await harness.drain(conversation)

        async with running(harness.engine(), drain):
            await harness.pass_time(0.5)
            assert harness.drain.begun["a"] == 0
            await harness.pass_time(1.6)
            await eventually(lambda: harness.drain.ended["a"] == 1)

    async def test_a_timer_that_came_while_down_fires_at_start(
        self, harness: EngineHarness
    ) -> None:
        """What was due while no engine ran is drained when one starts."""
        harness.agenda.timers = {"a": [harness.now() - timedelta(days=3)]}

        async def drain(conversation: str) -> None:
            harness.agenda.fire(conversation, harness.now())
            await harness.drain(conversation)

        async with running(harness.engine(), drain):
            await eventually(lambda: harness.drain.ended["a"] == 1)

    async def test_a_wake_for_later_runs_then(self, harness: EngineHarness) -> None:
        """`wake(at=…)` drains at that time, though an engine rests until a later one."""
        engine = harness.engine()
        harness.agenda.timers = {"z": [harness.now() + timedelta(days=1)]}
        async with running(engine, harness.drain):
            await harness.pass_time(0.1)
            await engine.wake("a", at=harness.now() + timedelta(seconds=1))
            await harness.pass_time(0.4)
            assert harness.drain.begun["a"] == 0
            await harness.pass_time(0.7)
            await eventually(lambda: harness.drain.ended["a"] == 1)
        assert harness.drain.begun["z"] == 0

    async def test_a_timer_that_stays_due_does_not_spin(self, harness: EngineHarness) -> None:
        """A drain that leaves its timer due is repeated after growing pauses; others are served."""
        past = harness.now() - timedelta(seconds=1)
        harness.agenda.timers = {"stuck": [past], "well": [harness.now() + timedelta(seconds=2)]}

        async def drain(conversation: str) -> None:
            if conversation == "well":
                harness.agenda.fire(conversation, harness.now())
            await harness.drain(conversation)

        async with running(harness.engine(), drain):
            await harness.pass_time(3.5)
            await eventually(lambda: harness.drain.ended["well"] == 1)
            assert 1 <= harness.drain.begun["stuck"] <= 6

    async def test_a_failing_drain_is_tried_again_while_others_go_on(
        self, harness: EngineHarness, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A drain that raises shows in `health`, is retried after a pause, and harms no other."""
        caplog.set_level(logging.INFO)
        engine = harness.engine()
        harness.drain.broken = {"bad"}
        async with running(engine, harness.drain):
            await engine.wake("bad")
            await engine.wake("good")
            await eventually(lambda: harness.drain.ended["good"] == 1)
            await eventually(lambda: harness.drain.begun["bad"] >= 1)
            await asyncio.sleep(0.05)
            health = await engine.health()
            assert health.failures == 1
            assert "bad" in str(health.problem)
            assert harness.drain.begun["bad"] == 1
            harness.drain.broken.clear()
            await harness.pass_time(1.1)
            await eventually(lambda: harness.drain.ended["bad"] == 1)
            await engine.idle()
            assert (await engine.health()).problem is None
        assert "secret" not in f"{health.problem}{caplog.text}"

    async def test_idle_waits_for_all_that_is_asked(self, harness: EngineHarness) -> None:
        """`idle` returns after everything unfinished and everything woken has been drained."""
        harness.agenda.work = {f"c{number}": [number] for number in range(50)}
        engine = harness.engine()
        async with running(engine, harness.drain):
            await engine.idle()
            assert len(harness.drain.did) == 50
            gate = harness.drain.hold["a"] = asyncio.Event()
            await engine.wake("a")
            waiter = asyncio.create_task(engine.idle())
            await asyncio.sleep(0.02)
            assert not waiter.done()
            gate.set()
            await waiter
            assert harness.drain.ended["a"] >= 1

    async def test_cancelling_run_ends_the_drains(self, harness: EngineHarness) -> None:
        """When `run` is cancelled its drains are cancelled and have ended before it returns."""
        engine = harness.engine()
        harness.drain.hold = {"a": asyncio.Event(), "b": asyncio.Event()}
        async with running(engine, harness.drain) as run:
            await engine.wake("a")
            await engine.wake("b")
            await eventually(lambda: harness.drain.inside.total() == 2)
            await stopped(run)
            assert run.cancelled()
            assert sorted(harness.drain.cancelled) == ["a", "b"]
            assert harness.drain.inside.total() == 0

    async def test_work_goes_on_after_a_restart(self, harness: EngineHarness) -> None:
        """A second engine over the same agenda finishes what the first was stopped in."""
        harness.agenda.work = {"a": [1, 2]}
        gate = harness.drain.hold["a"] = asyncio.Event()
        async with running(harness.engine(), harness.drain):
            await eventually(lambda: harness.drain.begun["a"] == 1)
        gate.set()
        async with running(harness.engine(), harness.drain):
            await eventually(lambda: harness.drain.did.get("a") == [1, 2])

    async def test_ten_thousand_waiting_cost_no_time(self, harness: EngineHarness) -> None:
        """At rest with 10,000 timers and 10,000 later wakes an engine uses near to no CPU."""
        engine = harness.engine(real_time=True)
        later = harness.now() + timedelta(days=400)
        harness.agenda.timers = {f"t{n}": [later + timedelta(hours=n)] for n in range(WAITING)}
        async with running(engine, harness.drain):
            for number in range(WAITING):
                await engine.wake(f"w{number}", at=later + timedelta(hours=number))
            await engine.idle()
            before = time.process_time()
            await asyncio.sleep(1.5)
            used = time.process_time() - before
            assert len(asyncio.all_tasks()) < 20
        assert used < 0.05
        assert not harness.drain.begun
