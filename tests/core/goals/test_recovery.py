import asyncio
from typing import ClassVar

import pytest

from core.domain.errors import DiskError, OutcomeUnknownError, RefusedError, TransientError
from core.domain.events.gates import CardOpened
from core.domain.events.goals import GoalFinished, GoalWaiting, TaskFailed
from core.domain.events.operations import (
    OperationFailed,
    OperationFinished,
    OperationStarted,
    OperationUnknown,
)
from core.goals.agenda import RowAgenda
from core.ports.action import ActionContext, ActionResult, Found, Trace
from tests.core.support.actions import Crash, Low, Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World


async def dies(world: World, action: str, *, after: bool) -> None:
    """Let the process die in the action, before or after its effect, and start again."""
    probe = world.probe(action)
    (probe.after if after else probe.before).append(Crash())
    world.model.then(plan(do("a", action, text="x")))
    await world.hear("do it")
    with pytest.raises(Crash):
        await world.drain(HERE)
    world.restart()
    assert HERE in await RowAgenda(world.store).unfinished()
    await world.drain(HERE)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("action", ["probe.low", "probe.found"])
async def test_a_crash_around_an_effect_that_can_be_told(
    action: str,
    after: bool,  # noqa: FBT001 - a parameter
) -> None:
    """What is idempotent is run again, what can be looked up is looked up: one effect, no card."""
    world = World()
    await dies(world, action, after=after)
    assert len(world.probe(action).effects) == 1
    assert world.surface.shown == []
    assert world.surface.texts == ["Sent 'x' to home."]
    found = action == "probe.found" and after
    assert [p.next for p in world.events(OperationUnknown)] == ["found" if found else "repeat"]
    await world.still()


async def test_a_crash_before_the_commit_point_is_repeated() -> None:
    """A start without a commit is known to have had no effect, so it is run again."""
    world = World()
    await dies(world, "probe.commits", after=False)
    assert len(world.probe("probe.commits").effects) == 1
    assert [p.next for p in world.events(OperationUnknown)] == ["repeat"]
    await world.still()


@pytest.mark.parametrize("action", ["probe.commits", "probe.plain"])
@pytest.mark.parametrize("verdict", ["accept", "reject"])
async def test_a_crash_after_the_effect_that_nobody_can_tell_is_asked(
    action: str, verdict: str
) -> None:
    """Past the commit point, or with nothing to tell by, only the owner can say."""
    world = World()
    await dies(world, action, after=True)
    assert len(world.probe(action).effects) == 1
    assert world.card.kind == "unknown"
    assert world.card.title == "Do it again? Send to home"
    assert world.card.why == (
        "It may have happened: Equerry stopped while it was under way. You asked: “do it” (G1)."
    )
    assert world.card.items[0].editable == ()
    await world.decide(verdict)
    assert len(world.probe(action).effects) == (2 if verdict == "accept" else 1)
    assert [p.next for p in world.events(OperationUnknown)] == ["ask"]
    await world.still()


@pytest.mark.parametrize(
    ("looked", "asked"),
    [
        (Found(Trace.UNCLEAR), True),
        (Found(Trace.APPLIED), True),
        (TransientError("away"), True),
        (RefusedError("no rights"), True),
        (Found(Trace.ABSENT), False),
    ],
)
async def test_a_look_up_that_tells_nothing_is_asked(
    looked: Found | Exception,
    asked: bool,  # noqa: FBT001 - a parameter
) -> None:
    """An unclear or failed look-up asks the owner; one that found nothing repeats."""
    world = World()
    world.probe("probe.found").looked.append(looked)
    await dies(world, "probe.found", after=False)
    assert bool(world.surface.shown) is asked
    assert len(world.probe("probe.found").effects) == (not asked)


@pytest.mark.parametrize(
    "error", [OutcomeUnknownError("the line was cut"), ValueError("a bug"), TimeoutError()]
)
async def test_an_effect_in_doubt_without_a_crash(error: Exception) -> None:
    """An unknown outcome, a bug and a time-out are in doubt: never taken for a failure."""
    world = World()
    world.probe("probe.plain").after.append(error)
    await world.say("do", plan(do("a", "probe.plain", text="x")))
    assert world.card.kind == "unknown"
    assert world.events(OperationFailed) == []
    assert world.card.why.startswith("It may have happened: ")
    await world.still()


async def test_a_doubt_about_an_idempotent_action_is_settled_alone() -> None:
    """An idempotent action with an unknown outcome is simply run again under its marker."""
    world = World()
    world.probe("probe.low").after.append(OutcomeUnknownError("the line was cut"))
    assert await world.say("do", plan(do("a", "probe.low", text="x"))) == ["Sent 'x' to home."]
    assert len(world.probe("probe.low").effects) == 1


class Slow(Low):
    """Takes longer than it may."""

    name: ClassVar[str] = "probe.slow"
    idempotent: ClassVar[bool] = False
    timeout_s: ClassVar[float] = 0.01

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Never end."""
        await asyncio.Event().wait()
        return await super().run(args, context)


async def test_an_action_that_takes_too_long_is_in_doubt() -> None:
    """A time-out is said with its seconds and asked."""
    world = World(Setup(actions=[Slow()]))
    await world.say("do", plan(do("a", "probe.slow")))
    assert world.card.why == "It may have happened: no answer in 0 s. You asked: “do” (G1)."


async def test_a_low_impact_failure_is_retried_as_a_row() -> None:
    """A transient failure waits as a row with a time: no sleeping, 2, 10 and 60 seconds."""
    world = World()
    world.probe("probe.low").before.extend(TransientError("busy") for _ in range(3))
    assert await world.say("do", plan(do("a", "probe.low", text="x"))) == []
    for pause in (2, 10, 60):
        (row,) = await world.rows("goals")
        now = world.clock.now()
        assert row.state == "waiting"
        assert row.due is not None
        assert (row.due - now).total_seconds() == pause
        assert await RowAgenda(world.store).next_due() == row.due
        assert world.wakes[-1] == (HERE, row.due)
        assert await RowAgenda(world.store).due(now) == []
        await world.still()
        assert world.clock.sleepers == 0
        world.clock.advance(pause)
        assert await RowAgenda(world.store).due(world.clock.now()) == [HERE]
        world.restart()
        await world.drain(HERE)
    assert world.surface.texts == ["Sent 'x' to home."]
    assert [p.attempt for p in world.events(OperationStarted)] == [1, 2, 3, 4]
    await world.still()


async def test_a_retry_obeys_the_other_side() -> None:
    """A pause that the other side asked for is kept."""
    world = World()
    world.probe("probe.low").before.append(TransientError("busy", retry_after=77))
    await world.say("do", plan(do("a", "probe.low", text="x")))
    (waiting,) = world.events(GoalWaiting)
    assert waiting.until is not None
    assert (waiting.until - world.clock.now()).total_seconds() == 77


@pytest.mark.parametrize("action", ["probe.low", "probe.found"])
async def test_a_full_disk_refuses_nothing_that_may_be_done_again(action: str) -> None:
    """Data of the owner's own that could not be stored is stored once there is room."""
    world = World()
    world.probe(action).before.append(DiskError("The disk is full."))
    await world.say("do", plan(do("a", action, text="x")))
    world.clock.advance(60)
    await world.drain(HERE)
    assert world.surface.texts == ["Sent 'x' to home."]
    await world.still()


async def test_retries_end() -> None:
    """After four attempts a low-impact task fails with the last sentence."""
    world = World()
    world.probe("probe.low").before.extend(TransientError("busy") for _ in range(9))
    await world.say("do", plan(do("a", "probe.low", text="x")))
    for _ in range(3):
        world.clock.advance(60)
        await world.drain(HERE)
    assert world.surface.texts == ["Failed (probe.low): busy"]
    assert len(world.events(OperationFailed)) == 4
    await world.still()


async def test_a_high_impact_failure_is_asked() -> None:
    """What was not sent is not sent again without the owner, and then it is."""
    world = World()
    world.probe("probe.high").before.append(TransientError("busy"))
    await world.say("do", plan(do("a", "probe.high", text="x")))
    await world.decide()
    assert (world.card.kind, world.card.title) == ("operation", "Try again? Send to home")
    assert world.card.why == "It did not happen: “busy”. You asked: “do” (G1)."
    assert len(world.events(CardOpened)) == 2
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1
    assert [p.attempt for p in world.events(OperationStarted)] == [1, 2]
    await world.still()


async def test_a_refusal_is_final() -> None:
    """A refused effect fails its task with the refusal; nothing is tried again."""
    world = World()
    world.probe("probe.high").before.append(RefusedError("The address is wrong."))
    await world.say("do", plan(do("a", "probe.high", text="x")))
    await world.decide()
    assert world.surface.texts == ["Failed (probe.high): The address is wrong."]
    assert [p.kind for p in world.events(TaskFailed)] == ["refused"]
    await world.still()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("action", ["probe.low", "probe.found", "probe.commits"])
async def test_a_crash_at_every_append(action: str, late: bool) -> None:  # noqa: FBT001
    """Wherever the process dies, the restart has the effect once (or asks) and answers."""
    for at in range(1, 40):
        world = World()
        world.model.then(*[plan(do("a", action, text="x"))] * 2)
        world.store.crash_at, world.store.late = at, late
        crashed = await _until_crash(world)
        world.store.crash_at = None
        world.restart()
        if not await world.rows("messages"):
            await world.hear("do it")
        await world.drain(HERE)
        effects = len(world.probe(action).effects)
        assert effects == 1 or (world.surface.shown and action == "probe.commits"), at
        if world.surface.shown:
            await world.decide("reject")
        assert len(world.events(GoalFinished)) == 1
        assert {o.text for o in world.surface.sent} == {world.surface.texts[0]}
        assert len([o for o in world.surface.sent if not o.repeat]) <= 1
        await world.still()
        if not crashed:
            return
    pytest.fail("no run was long enough to end by itself")


async def _until_crash(world: World) -> bool:
    try:
        await world.hear("do it")
        await world.drain(HERE)
    except Crash:
        return True
    return False


@pytest.mark.parametrize("late", [False, True])
async def test_a_crash_at_every_append_around_a_card(late: bool) -> None:  # noqa: FBT001
    """A card is opened once and its decision is kept, wherever the process dies."""
    for at in range(1, 60):
        world = World()
        world.probes["probe.high"] = Asked()
        world.restart()
        world.model.then(*[plan(do("a", "probe.high", text="x"))] * 2)
        world.store.crash_at, world.store.late = at, late
        crashed = await _until_crash(world)
        if not crashed:
            try:
                await world.decide()
            except Crash:
                crashed = True
        world.store.crash_at = None
        world.restart()
        if not await world.rows("messages"):
            await world.hear("do it")
        await world.drain(HERE)
        if await world.rows("cards", "open"):
            await world.decide()
        assert len(world.probe("probe.high").effects) == 1, at
        assert len(world.events(CardOpened)) == 1
        assert len(world.events(OperationFinished)) == 1
        await world.still()
        if not crashed:
            return
    pytest.fail("no run was long enough to end by itself")


class Asked(Probe):
    """High impact, but it can be looked up."""

    can_look_up: ClassVar[bool] = True


async def test_an_operation_that_never_ends_is_asked_after_twenty_starts() -> None:
    """A crash loop around an idempotent action ends in a card."""
    world = World()
    world.model.then(plan(do("a", "probe.low", text="x")))
    world.probe("probe.low").before.extend(Crash() for _ in range(25))
    await world.hear("do it")
    for _ in range(20):
        with pytest.raises(Crash):
            await world.drain(HERE)
        world.restart()
    await world.drain(HERE)
    assert world.card.kind == "unknown"
    assert len(world.events(OperationStarted)) == 20
