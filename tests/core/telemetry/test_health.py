"""Health is said whatever state the log is in, and is on it as soon as it can be."""

import errno

import pytest

from core.domain.erasable import Erasable
from core.domain.errors import StorageError, StoreAwayError
from core.domain.events.goals import TaskFailed
from core.domain.events.health import HealthChanged
from core.telemetry.health import Health, reweigh, weigh
from tests.core.support.world import World

FAULTS = [
    StorageError("The disk is full."),
    StoreAwayError("The database server does not answer; try again."),
    OSError(errno.ENOSPC, "No space left on device"),
    RuntimeError("something else"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_what_cannot_be_written_is_said_from_memory_and_written_later(
    fault: Exception,
) -> None:
    """It raises nothing; the newest state counts, and how it came to be is written in order."""
    world = World()
    health = Health(world.store, world.store)
    world.store.failure = fault
    await health.say("telegram", "failing", "It does not answer.")
    await health.say("telegram", "failing", "It does not answer still.")
    assert [(one["part"], one["reason"]) for one in await health.failing()] == [
        ("telegram", "It does not answer still.")
    ]
    await health.say("telegram", "well")
    assert await health.failing() == []
    assert world.events(HealthChanged) == []
    world.store.failure = None
    assert await health.write()
    assert [event.state for event in world.events(HealthChanged)] == ["failing", "well"]
    await health.say("telegram", "well")
    assert len(world.events(HealthChanged)) == 2


async def test_what_is_over_before_it_is_written_does_not_grow() -> None:
    """A part that comes and goes while nothing can be written keeps two changes at most."""
    world = World()
    health = Health(world.store, world.store)
    await health.say("redis", "failing", "away")
    world.store.failure = FAULTS[0]
    for _ in range(50):
        await health.say("redis", "well")
        await health.say("redis", "failing", "away again")
    world.store.failure = None
    assert await health.write()
    states = [event.state for event in world.events(HealthChanged)]
    assert states[-1] == "failing"
    assert len(states) <= 3


async def test_an_error_budget_that_could_not_be_weighed_is_weighed_later() -> None:
    """Its work is done and stays so; the budget is on the log when that takes it again."""
    world = World()
    error = Erasable.of("It does not answer.")
    for number in range(6):
        failed = TaskFailed(task=f"t{number}", agent="researcher", error=error, kind="refused")
        await world.append("goal:G1", failed, "G1")
    world.store.failure = FAULTS[0]
    await weigh(world.store, world.store, "agent:researcher")
    world.store.failure = None
    assert world.events(HealthChanged) == []
    await reweigh(world.store, world.store)
    (event,) = world.events(HealthChanged)
    assert (event.part, event.state) == ("agent:researcher", "failing")
