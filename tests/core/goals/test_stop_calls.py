"""After a stop nothing more of a goal appears, and the model it asked is left."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel
from core.domain.erasable import Erasable
from core.domain.events.goals import GoalFinished
from core.domain.events.messages import MessageQueued, MessageUndeliverable
from core.domain.events.models import ModelCalled
from core.goals.stop import stop_goals
from core.ports.model import ModelAnswer, ModelRequest, OnDelta
from tests.core.support.plans import do, plan, write
from tests.core.support.world import HERE, World
from tests.waiting import PATIENCE_S

MOST = Decimal("0.25")


class HangingModel(ScriptedModel):
    """Says a word, and hangs in every call from the one on that `hangs` tells of."""

    def __init__(self, hangs: Callable[[ModelRequest], bool]) -> None:
        super().__init__(most=MOST)
        self._hangs = hangs
        self.hanging, self.left = asyncio.Event(), asyncio.Event()

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Answer as scripted, or never."""
        if not self._hangs(request):
            return await super().complete(request, on_delta)
        if on_delta is not None:
            on_delta("Well, ")
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError


def _with(model: HangingModel) -> World:
    world = World()
    world.model = model
    world.restart()
    return world


@pytest.mark.parametrize("agent", ["planner", "assistant"])
async def test_a_stop_leaves_the_model_and_says_nothing_more(agent: str) -> None:
    """The call is broken off at once, and counted with the most that it may have cost."""
    model = HangingModel(lambda request: request.agent == agent)
    model.then(plan(write("a", "Write.")))
    world = _with(model)
    await world.hear("do it")
    drain = asyncio.create_task(world.drain(HERE))
    async with asyncio.timeout(PATIENCE_S):
        await model.hanging.wait()
        said = len(world.surface.sent)
        await stop_goals(world.kernel, HERE, None, "owner")
        await model.left.wait()
        await drain
    assert len(world.surface.sent) == said
    assert world.events(GoalFinished) == []
    last = world.events(ModelCalled)[-1]
    assert (last.agent, last.usd) == (agent, MOST)
    await world.still()


async def test_another_goal_of_the_conversation_goes_on() -> None:
    """Only what was stopped is left."""
    model = HangingModel(lambda request: "hang" in request.messages[-1].content)
    model.then("The other one.")
    world = _with(model)
    await world.hear("hang")
    drain = asyncio.create_task(world.drain(HERE))
    async with asyncio.timeout(PATIENCE_S):
        await model.hanging.wait()
        await world.hear("go on")
        await stop_goals(world.kernel, HERE, "G1", "owner")
        await drain
    await world.drain(HERE)
    assert world.surface.texts == ["The other one."]


async def test_what_was_not_sent_yet_is_taken_back() -> None:
    """The chat could not be reached, and now nobody wants it any more."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    queued = MessageQueued(
        message="M1", conversation=HERE, kind="notice", text=Erasable.of("Half of it is done.")
    )
    await world.append(f"conversation:{HERE}", queued, "G1")
    await stop_goals(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    assert world.surface.texts == []
    assert [event.message for event in world.events(MessageUndeliverable)] == ["M1"]
