import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

import pytest

from adapters.inmemory.event_log import MemoryStore
from adapters.inmemory.model import ScriptedModel
from core.domain.erasable import Erasable
from core.domain.errors import BugError, DiskError
from core.domain.events import NewEvent
from core.domain.events.goals import GoalFinished, GoalStarted, TaskFailed
from core.domain.events.operations import OperationFinished
from core.goals.drain import MOST_SPINS
from core.goals.stop import stop_goals
from core.ports.action import ActionContext, ActionResult, Preview
from core.ports.event_log import Appended
from core.ports.model import ModelAnswer, ModelRequest
from tests.core.support.actions import Low, Probe, ProbeArgs
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, Setup, World


class Broken(Probe):
    """Cannot even say what it would do."""

    name: ClassVar[str] = "probe.broken"

    def preview(self, args: ProbeArgs) -> Preview:
        """Fail."""
        message = "secret detail"
        raise KeyError(message)


async def test_a_bug_in_a_step_ends_its_task_with_a_sentence() -> None:
    """Something unforeseen ends the task; the sentence holds no detail of it."""
    world = World(Setup(actions=[Broken()]))
    (said,) = await world.say("do", plan(do("a", "probe.broken")))
    assert said == (
        "Failed (probe.broken): Something broke inside Equerry (KeyError); the log file says more."
    )
    assert [p.kind for p in world.events(TaskFailed)] == ["failed"]
    await world.still()


async def test_a_bug_in_planning_ends_the_goal() -> None:
    """A planner that breaks ends its goal, and the next message is answered."""
    world = World()
    (said,) = await world.say("hi", BugError("A promise was broken."))
    assert said == "A promise was broken."
    assert await world.say("hi", "Hello.") == ["Hello."]
    await world.still()


async def test_a_machine_without_another_thread_fails_no_goal() -> None:
    """The same may be done a moment later: nothing is given up, nothing is set aside."""
    tries = 3

    class Exhausted(Probe):
        name: ClassVar[str] = "probe.exhausted"

        def preview(self, args: ProbeArgs) -> Preview:
            nonlocal tries
            if tries:
                tries -= 1
                message = "can't start new thread"
                raise RuntimeError(message)
            return super().preview(args)

    world = World(Setup(actions=[Exhausted()]))
    world.model.then(plan(do("a", "probe.exhausted", text="x")))
    await world.hear("do")
    with pytest.raises(RuntimeError, match="new thread"):
        await world.drain(HERE)
    while tries:
        with suppress(RuntimeError):  # the engine tries again
            await world.drain(HERE)
    await world.drain(HERE)
    assert world.surface.texts == []
    assert [card.title for card in world.surface.shown] == ["Send to home"]
    await world.still()


async def test_a_goal_that_was_stopped_meanwhile_stays_stopped() -> None:
    """A step that breaks after a stop adds no reply."""
    world = World()

    class Stopping(Low):
        name: ClassVar[str] = "probe.stopping"

        def preview(self, args: ProbeArgs) -> Preview:
            return Preview(title="x")

        async def run(self, args: ProbeArgs, context: object) -> object:  # type: ignore[override]
            await stop_goals(world.kernel, HERE, None, "owner")
            raise BugError("broken")

    world.setup.actions = [Stopping()]
    world.restart()
    await world.say("do", plan(do("a", "probe.stopping")))
    assert world.events(GoalFinished) == []
    assert [row.state for row in await world.rows("goals")] == ["stopped"]


async def test_a_step_that_changes_nothing_is_given_up() -> None:
    """A step that is begun again and again without an event ends with a sentence, and soon."""
    world = World()
    store, tries = world.store, 0
    append = MemoryStore.append

    async def deaf(events: list[NewEvent], **more: object) -> Appended:
        nonlocal tries
        if any(event.payload.wire == "plan.proposed.v1" for event in events):
            tries += 1
            return Appended((), duplicate=True)
        return await append(store, events)

    store.append = deaf  # type: ignore[method-assign,assignment]
    world.model.then(*[plan(do("a", "probe.low"))] * 30)
    await world.hear("do")
    await world.drain(HERE)
    assert tries == MOST_SPINS + 1
    assert "changes nothing" in world.surface.texts[-1]


async def test_a_goal_of_another_origin_is_planned_from_its_title() -> None:
    """A goal without a message is planned from what it is called."""
    world = World(None, "Done.")
    started = GoalStarted(conversation=HERE, origin="schedule", title=Erasable.of("Weekly review"))
    await world.append("goal:G9", started, "G9")
    await world.drain(HERE)
    assert world.model.requests[0].messages[-1].content == "Weekly review"
    assert world.surface.texts == ["Done."]


@pytest.mark.parametrize("minutes", [5, 15])
async def test_quiet_hours_hold_cards_back(minutes: int) -> None:
    """A card waits for the morning unless the owner just wrote; work and replies go on."""
    world = World()
    morning = world.clock.now() + timedelta(hours=8)

    def quiet(now: datetime) -> datetime | None:
        return morning if now < morning else None

    object.__setattr__(world.kernel, "quiet_until", quiet)
    world.surfaces.clear()
    await world.say("send", plan(do("a", "probe.high", text="x"), do("b", "probe.low")))
    world.surfaces["memory"] = world.surface
    world.clock.advance(minutes * 60)
    await world.drain(HERE)
    assert len(world.surface.shown) == (minutes == 5)
    assert len(world.probe("probe.low").effects) == 1
    if minutes == 15:
        assert (HERE, morning) in world.wakes
        world.clock.set(morning)
        await world.drain(HERE)
        assert len(world.surface.shown) == 1


async def test_nobody_who_is_there_is_nobody() -> None:
    """A stranger's message does not count as the owner being there."""
    world = World()
    morning = world.clock.now() + timedelta(hours=8)
    object.__setattr__(world.kernel, "quiet_until", lambda _now: morning)
    world.surfaces.clear()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    world.surfaces["memory"] = world.surface
    world.clock.advance(3600)
    await world.hear("hello?", owner=False)
    await world.drain(HERE)
    assert world.surface.shown == []


class Waits(Low):
    """Goes on when it is told to."""

    name: ClassVar[str] = "probe.waits"

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Wait, then have the effect."""
        self.begun.set()
        await self.go.wait()
        return await super().run(args, context)


@pytest.mark.parametrize("ends", [True, False])
async def test_a_drain_that_is_cancelled_lets_its_steps_end(
    ends: bool,  # noqa: FBT001 - a parameter
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Steps that were begun get a moment to end; one that does not is cut and taken up later."""
    waits = Waits()
    world = World(Setup(actions=[waits]))
    world.model.then(plan(do("a", "probe.waits", text="x")))
    await world.hear("do")
    monkeypatch.setattr("core.goals.drain.GRACE_S", 5.0 if ends else 0.01)
    draining = asyncio.create_task(world.drain(HERE))
    await waits.begun.wait()
    draining.cancel()
    if ends:
        asyncio.get_running_loop().call_later(0.01, waits.go.set)
    with pytest.raises(asyncio.CancelledError):
        await draining
    assert len(world.events(OperationFinished)) == ends
    waits.go.set()
    world.restart()
    await world.drain(HERE)
    assert len(waits.effects) == 1
    assert world.surface.texts == ["Sent 'x' to home."]
    await world.still()


async def test_a_drain_that_is_cancelled_again_leaves_no_step_behind() -> None:
    """Whoever ends the program is in a hurry then; nothing goes on when the store is closed."""
    waits = Waits()
    world = World(Setup(actions=[waits]))
    world.model.then(plan(do("a", "probe.waits", text="x")))
    await world.hear("do")
    draining = asyncio.create_task(world.drain(HERE))
    await waits.begun.wait()
    steps = [task for task in asyncio.all_tasks() if "Attempts.attempt" in repr(task)]
    assert len(steps) == 1
    while not draining.done():
        draining.cancel()
        await asyncio.wait([draining], timeout=0.01)
    assert all(step.done() for step in steps)
    assert waits.effects == []


APPENDS = 24
"""As many as the story below has, about."""


@pytest.mark.parametrize("number", range(1, APPENDS))
async def test_a_disk_that_is_full_for_one_append_ends_nothing(number: int) -> None:
    """Whichever append it refuses, the work goes on where it was, and is done once."""
    world, left = World(Setup(offline=ScriptedModel())), number
    world.model = ScriptedModel(most=Decimal("0.01"))  # each call is reserved first
    world.restart()

    def answer(request: ModelRequest) -> ModelAnswer:
        steps = (write("w", "a line"), do("a", "probe.low", text="{{w.text}}"))
        return plan(*steps) if request.agent == "planner" else result("the mast")

    async def full(_events: object) -> bool:
        nonlocal left
        left -= 1
        if not left:
            message = "The disk is full."
            raise DiskError(message)
        return left < 0

    world.model.then(*[answer] * APPENDS)
    world.store.meanwhile = full
    try:
        await world.hear("do")
    except DiskError:  # whoever brought it brings it again
        await world.hear("do")
    for _ in range(3):
        with suppress(DiskError):  # the engine tries again
            await world.drain(HERE)
    assert world.surface.texts == ["Sent 'the mast' to home."], world.store.types()
    assert len(world.probe("probe.low").effects) == 1
    await world.still()
