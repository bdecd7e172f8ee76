"""The part of the engine's contract that takes real processes, which are killed and frozen."""

import asyncio
import random
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from core.ports.event_log import EventQuery
from tests.contracts.engine_parts import eventually
from tests.contracts.engine_rival import STREAM, open_store, rival
from tests.contracts.engine_world import World

ROOT = Path(__file__).parents[2]
WORLD = "tests.contracts.engine_world"
RIVAL = "tests.contracts.engine_rival"


class EngineKilledContract:
    """What every engine does though its process ends or stands still.

    A subclass names `module:function`, which makes an engine from an agenda and a folder.
    """

    factory: str

    async def test_work_is_finished_though_the_process_is_killed(self, tmp_path: Path) -> None:
        """Killed at random moments and started again, an engine does all work once, in order."""
        world = World(tmp_path)
        for number in range(6):
            world.add(f"c{number}", 40)
        moments = random.Random(1)
        for _ in range(5):
            before = world.left()
            async with engine_process(self.factory, tmp_path):
                await eventually(partial(self._progressed, world, before))
                await asyncio.sleep(moments.uniform(0, 0.03))
            assert world.left() > 0, "the process was never killed in the middle of its work"
        async with engine_process(self.factory, tmp_path):
            await eventually(lambda: world.left() == 0)
        done = world.effects()
        for number in range(6):
            works = [work for conversation, work in done if conversation == f"c{number}"]
            assert works == sorted(set(works))
            assert len(works) == 40

    @staticmethod
    def _progressed(world: World, before: int) -> bool:
        return world.left() < before

    async def test_a_timer_that_came_while_killed_fires_at_start(self, tmp_path: Path) -> None:
        """Work that became due while no process lived is done when one is started."""
        world = World(tmp_path)
        world.add("now", 1)
        async with engine_process(self.factory, tmp_path):
            await eventually(lambda: world.left() == 0)
        world.add("timed", 1, due=datetime.now(UTC) + timedelta(seconds=0.2))
        await asyncio.sleep(0.3)
        async with engine_process(self.factory, tmp_path):
            await eventually(lambda: world.left() == 0)
        assert [name for name, _ in world.effects()] == ["now", "timed"]

    async def test_a_timer_that_came_while_frozen_fires_afterwards(self, tmp_path: Path) -> None:
        """A process that was stopped over the time of a timer fires it once it goes on."""
        world = World(tmp_path)
        world.add("now", 1)
        world.add("timed", 1, due=datetime.now(UTC) + timedelta(seconds=2))
        async with engine_process(self.factory, tmp_path) as process:
            await eventually(lambda: world.left() == 1)
            await asyncio.sleep(0.3)  # a process that rests, not one that holds the file's lock
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(2.2)
            assert world.left() == 1
            process.send_signal(signal.SIGCONT)
            await eventually(lambda: world.left() == 0)

    async def test_a_frozen_process_loses_the_race(self, tmp_path: Path) -> None:
        """Frozen between fold and claim, a process finds the stream moved on and does nothing."""
        lines = tmp_path / "lines"
        async with engine_process(self.factory, tmp_path, RIVAL) as process:
            await eventually(lambda: lines.exists() and "folded by" in lines.read_text())
            process.send_signal(signal.SIGSTOP)
            store = await open_store(tmp_path)
            await rival(store, tmp_path, "the quick", lambda: asyncio.sleep(0))("a")
            process.send_signal(signal.SIGCONT)
            await eventually(lambda: "nothing left" in lines.read_text())
            events = await store.read(EventQuery(stream=STREAM))
            await store.close()
        assert lines.read_text().splitlines() == [
            "folded by the frozen",
            "folded by the quick",
            "effect of the quick",
            "conflict of the frozen",
            "nothing left for the frozen",
        ]
        assert [event.payload["marker"] for event in events] == ["by-the quick"]


@asynccontextmanager
async def engine_process(
    factory: str, folder: Path, program: str = WORLD
) -> AsyncIterator[Process]:
    """Run an engine in a process of its own meanwhile, and `kill -9` it at the end."""
    command = (sys.executable, "-m", program, factory, str(folder))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        yield process
        assert process.returncode is None, "the engine ended by itself"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
