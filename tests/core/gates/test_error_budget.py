"""Error budgets at the gate: who fails too often is asked about, until it does well again."""

from core.domain.errors import DiskError, ModelRefusedError, RefusedError
from core.domain.events.gates import GateDecided
from core.domain.events.health import HealthChanged
from core.gates.error_budget import LEAST
from core.gates.thresholds import GatePolicy
from tests.core.support.actions import Low
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, Setup, World

LOW = "probe.low"


async def run(world: World, number: int, *, fails: bool = False) -> None:
    """Have the action run once, accepting a card about it where there is one."""
    if fails:
        world.probe(LOW).before.append(RefusedError("No."))
    shown = len(world.surface.shown)
    await world.say(f"do {number}", plan(do("a", LOW, to=f"place {number}")))
    if len(world.surface.shown) > shown:
        await world.decide()


async def burnt() -> World:
    """Return a core where the action failed in two of five runs."""
    world = World(Setup(policy=GatePolicy(min_decisions=1000)))
    for number in range(LEAST):
        await run(world, number, fails=number < 2)
    return world


async def test_an_action_that_fails_too_often_loses_auto() -> None:
    """Two failures in five are more than a fifth: the next one is a card that says why."""
    world = await burnt()
    assert world.surface.shown == []
    await world.say("do more", plan(do("a", LOW, to="elsewhere")))
    (item,) = world.card.items
    assert item.ruling.route == "review"
    assert item.ruling.rule == "error budget"
    assert "probe.low failed 2 of the last 5 times" in item.ruling.reasons[0]


async def test_auto_comes_back_when_it_does_well_again() -> None:
    """Once failures are a fifth of the newest outcomes at most, nobody is asked any more."""
    world = await burnt()
    for number in range(10, 15):
        await run(world, number)
    routes = [decided.ruling.route for decided in world.events(GateDecided)]
    assert routes == ["auto"] * 5 + ["review"] * 5
    await run(world, 20)
    assert world.events(GateDecided)[-1].ruling.route == "auto"
    await world.still()


async def test_the_log_says_when_it_burnt_and_when_it_recovered() -> None:
    """Each change is one event, with the numbers."""
    world = await burnt()
    (burnt_event,) = world.events(HealthChanged)
    assert (burnt_event.part, burnt_event.state) == (f"action:{LOW}", "failing")
    assert burnt_event.reason == "probe.low failed 2 of the last 5 times"
    for number in range(10, 16):
        await run(world, number)
    assert [event.state for event in world.events(HealthChanged)] == ["failing", "well"]
    (row,) = await world.rows("health")
    assert row.state == "well"


async def test_a_try_that_is_made_again_is_no_failure() -> None:
    """A disk that was full for a while takes auto from nobody: what was to be done was done."""
    world = World()
    full = DiskError("The disk is full.")
    for number in range(LEAST):
        world.probe(LOW).before.extend([full] * 3)
        await world.say(f"do {number}", plan(do("a", LOW, to=f"place {number}")))
        for _ in range(3):
            world.clock.advance(60)
            await world.drain(HERE)
    await run(world, LEAST)
    assert len(world.probe(LOW).effects) == LEAST + 1
    assert world.surface.shown == []
    assert world.events(HealthChanged) == []


async def test_few_outcomes_burn_nothing() -> None:
    """Below five outcomes there is no telling."""
    world = World()
    for number in range(LEAST - 1):
        await run(world, number, fails=True)
    await run(world, 10)
    assert world.surface.shown == []


async def test_an_agent_that_fails_takes_auto_from_what_it_writes() -> None:
    """What comes out of an agent that often fails is asked about; other work is not."""
    world = World()
    for number in range(LEAST):
        good = number >= 2
        answers = [result("text")] if good else [ModelRefusedError("No.")]
        await world.say(f"write {number}", plan(write("w", f"Write {number}")), *answers)
    assert [event.part for event in world.events(HealthChanged)] == ["agent:assistant"]
    await world.say("do it", plan(do("a", LOW, to="x", text="mine")))
    assert world.surface.shown == []
    both = plan(write("w", "Write"), do("a", LOW, to="y", text="{{ w.text }}"))
    await world.say("write and do it", both, result("text"))
    assert "assistant failed 2 of the last 6 times" in world.card.items[0].ruling.reasons[0]


async def test_a_planner_whose_plans_cannot_be_used_loses_auto() -> None:
    """Plans that do not validate count, answers and plans that do count for it."""
    world = World()
    for number in range(LEAST):
        bad = plan(do("a", "no.such"))
        await world.say(f"say {number}", *([bad, bad] if number < 2 else ["Hello."]))
    await world.say("do it", plan(do("a", LOW, to="x")))
    assert "planner failed 2 of the last 6 times" in world.card.items[0].ruling.reasons[0]
    await world.still()


async def test_reading_goes_on() -> None:
    """What only reads cannot do harm by failing."""
    world = World()
    for number in range(LEAST):
        world.probe("probe.read").before.append(RefusedError("No."))
        await world.say(f"read {number}", plan(do("a", "probe.read", to=str(number))))
    await world.say("read again", plan(do("a", "probe.read", to="x")))
    assert world.surface.shown == []
    assert isinstance(world.probe(LOW), Low)
