"""What the owner took back stays taken back, whenever the goals of before are learned from."""

import pytest

from core.domain.events.memory import FactLearned
from core.memory.learning.learner import Learner
from core.operations.undo import ask_undo
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

OLD, NEW = "My dentist is Ada Vogel", "My dentist is now Hugo Sommer"


async def known(world: World) -> list[str]:
    """Return the facts that count."""
    rows = [row for row in await world.rows("facts") if row.state == "known"]
    values = await world.store.values([row.doc["text"]["ref"] for row in rows])
    return sorted(str(value).rstrip(".!") for value in values.values())


async def remembered(world: World, text: str, kept: str | None = None) -> None:
    """Say that something is to be remembered; `kept` is how the model puts it."""
    world.clock.advance(60)
    await world.say(f"remember that {text}", plan(do("a", "memory.remember", text=kept or text)))


async def undone(world: World) -> None:
    """Take back what was done last."""
    world.clock.advance(60)
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide("accept")
    await world.drain(HERE)


@pytest.mark.parametrize("kept", [NEW, "Dentist: Sommer, Hugo"])
async def test_an_undone_fact_is_not_learned_from_its_own_goal(kept: str) -> None:
    """Nor in the words of the message, where the model had put it in others."""
    world = World()
    await remembered(world, OLD)
    await remembered(world, NEW, kept)
    await undone(world)
    for _ in range(2):
        await Learner(world.kernel).catch_up()
    assert await known(world) == [OLD]


async def test_an_undone_fact_is_not_learned_from_another_goal_of_before() -> None:
    """It was said twice, and known the second time; what is said after the undo counts."""
    world = World()
    await remembered(world, OLD)
    await remembered(world, NEW)
    world.clock.advance(60)
    await world.say(f"{NEW}.", "I see.")
    await Learner(world.kernel).catch_up()
    await undone(world)
    await Learner(world.kernel).catch_up()
    assert await known(world) == [OLD]
    world.clock.advance(60)
    await world.say(f"{NEW}!", "I see.")
    await Learner(world.kernel).catch_up()
    assert await known(world) == [NEW]


async def test_what_else_was_said_before_an_undo_is_learned() -> None:
    """Only what says the same is passed over, however late the learner comes."""
    world = World()
    await world.say("My lawyer is Carla Vogel.", "I see.")
    await world.say("My dentist is Ines Vogel.", "I see.")
    await remembered(world, NEW)
    await undone(world)
    await Learner(world.kernel).catch_up()
    assert await known(world) == ["My dentist is Ines Vogel", "My lawyer is Carla Vogel"]
    assert len(world.events(FactLearned)) == 3
