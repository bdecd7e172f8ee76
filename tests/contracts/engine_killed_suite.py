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

from tests.contracts.engine_parts import eventually
from tests.contracts.engine_world import World

ROOT = Path(__file__).parents[2]


class EngineKilledContract:
    """What every engine does though its process does not live: a subclass names its `factory`."""

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


@asynccontextmanager
async def engine_process(factory: str, folder: Path) -> AsyncIterator[Process]:
    """Run an engine in a process of its own meanwhile, and `kill -9` it at the end."""
    command = (sys.executable, "-m", "tests.contracts.engine_world", factory, str(folder))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    try:
        yield process
        assert process.returncode is None, "the engine ended by itself"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
