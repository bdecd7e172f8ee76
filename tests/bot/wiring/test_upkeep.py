"""Work beside the engine never ends in silence: it begins again and makes up for what it missed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from adapters.inmemory.clock import FakeClock
from bot.wiring.upkeep import close_all, keep_going, learn
from core.domain.errors import StorageError, StoreAwayError
from core.domain.events import NewEvent
from core.domain.events.memory import FactLearned
from tests.core.support.world import World
from tests.waiting import PATIENCE_S

FULL = StorageError("The disk is full.")


async def passes(clock: FakeClock, holds: Callable[[], object]) -> None:
    """Let time pass until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            clock.advance(1)
            await asyncio.sleep(0)


@pytest.mark.parametrize("error", [FULL, OSError("no space"), RuntimeError("a bug")])
async def test_work_that_breaks_off_begins_again(error: Exception) -> None:
    """Whatever broke it, as often as it breaks."""
    clock, begun = FakeClock(), 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        raise error

    running = asyncio.create_task(keep_going("work", work, clock))
    await passes(clock, lambda: begun >= 5)
    assert not running.done()
    running.cancel()


async def test_a_part_that_does_not_close_keeps_no_other_open() -> None:
    """The store and the lock of data_dir are let go of after them, too."""
    closed: list[str] = []

    class Part:
        def __init__(self, name: str) -> None:
            self.name = name

        async def close(self) -> None:
            closed.append(self.name)
            if self.name == "first":
                raise ConnectionError

    await close_all([Part("first"), object(), Part("second")])
    assert closed == ["first", "second"]


@pytest.mark.parametrize("error", [FULL, StoreAwayError("It does not answer.")])
async def test_what_could_not_be_learned_is_learned_when_the_store_is_well(
    error: Exception,
) -> None:
    """The store fails for a while just then: the fact is there afterwards, once."""
    world = World()
    world.store.meanwhile = _fails_at("fact.learned.v1", error, times=3)
    running = asyncio.create_task(learn(world.kernel))
    await asyncio.sleep(0)
    await world.say("My sister is called Anna.", "Noted.")
    await passes(world.clock, lambda: world.events(FactLearned))
    running.cancel()
    assert len(world.events(FactLearned)) == 1


def _fails_at(
    kind: str, error: Exception, times: int
) -> Callable[[Sequence[NewEvent]], Awaitable[bool]]:
    left = [times]

    async def meanwhile(events: Sequence[NewEvent]) -> bool:
        if left[0] and any(new.payload.wire == kind for new in events):
            left[0] -= 1
            raise error
        return not left[0]

    return meanwhile
