"""An attempt that stood still while another took over does nothing more."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

import pytest

from core.domain.cards import Impact
from core.domain.errors import RefusedError, TransientError
from core.domain.events import NewEvent
from core.domain.events.gates import CardOpened
from core.domain.events.goals import TaskFailed, TaskFinished
from core.domain.events.operations import (
    OperationCommitting,
    OperationFailed,
    OperationFinished,
    OperationStarted,
)
from core.goals.drain import Drain
from core.ports.action import ActionContext, ActionResult
from tests.core.support.actions import Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World


class Slow(Probe):
    """Its first attempt stands still before the commit point, until it is let go on."""

    name: ClassVar[str] = "probe.slow"
    declared: ClassVar[Impact] = "low"
    undo_hint: ClassVar[str | None] = "take back"
    commits: ClassVar[bool] = True

    def __init__(self) -> None:
        """Hold the first attempt; `fails` is raised when it goes on."""
        super().__init__()
        self.stands, self.go_on = asyncio.Event(), asyncio.Event()
        self.had_effect = asyncio.Event()
        self.fails: Exception | None = None

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Stand still where it is the first, then do as every probe."""
        if context.attempt == 1:
            self.stands.set()
            await self.go_on.wait()
            if self.fails is not None:
                raise self.fails
        result = await super().run(args, context)
        self.had_effect.set()
        return result


async def taken_over(slow: Slow) -> tuple[World, "asyncio.Task[None]"]:
    """Let another process recover an operation whose first attempt stands still; return both."""
    world = World(Setup(actions=[slow]))
    world.model.then(plan(do("a", "probe.slow", text="x")))
    await world.hear("do it")
    frozen = asyncio.create_task(world.drain(HERE))
    await slow.stands.wait()
    other = Drain(world.kernel, world._wake)
    await other(HERE)
    assert len(slow.effects) == 1
    return world, frozen


async def test_an_attempt_that_was_overtaken_cannot_commit() -> None:
    """It goes on after the next attempt has had the effect: there is one effect, and one commit."""
    slow = Slow()
    world, frozen = await taken_over(slow)
    slow.go_on.set()
    await frozen
    assert len(slow.effects) == 1
    assert [event.attempt for event in world.events(OperationCommitting)] == [2]
    assert len(world.events(OperationFinished)) == len(world.events(TaskFinished)) == 1
    assert world.surface.texts == ["Sent 'x' to home."]
    await world.still()


@pytest.mark.parametrize("fails", [TransientError("away"), RefusedError("no"), ValueError("bug")])
async def test_an_attempt_that_was_overtaken_says_nothing_of_its_end(fails: Exception) -> None:
    """However it ends, its task ends as the newer attempt did, and nobody is asked."""
    slow = Slow()
    slow.fails = fails
    world, frozen = await taken_over(slow)
    slow.go_on.set()
    await frozen
    assert world.events(OperationFailed) == []
    assert world.events(TaskFailed) == []
    assert world.events(CardOpened) == []
    await world.still()


async def test_one_that_commits_before_the_other_begins_keeps_it() -> None:
    """Whoever was not overtaken yet commits, and the other one folds again instead of repeating."""
    slow = Slow()
    world = World(Setup(actions=[slow]))
    world.model.then(plan(do("a", "probe.slow", text="x")))
    await world.hear("do it")
    frozen = asyncio.create_task(world.drain(HERE))
    await slow.stands.wait()
    ended = asyncio.Event()

    async def quicker(events: Sequence[NewEvent]) -> bool:
        """Let the first attempt go through between the fold of the second process and its start."""
        if not _starts(events):
            return False
        slow.go_on.set()
        await slow.had_effect.wait()
        ended.set()
        return True

    world.store.meanwhile = quicker
    await Drain(world.kernel, world._wake)(HERE)
    await frozen
    assert ended.is_set()
    assert len(slow.effects) == 1
    assert [event.attempt for event in world.events(OperationStarted)] == [1]
    await world.still()


def _starts(events: Sequence[NewEvent]) -> bool:
    return any(isinstance(event.payload, OperationStarted) for event in events)
