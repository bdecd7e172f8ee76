from typing import Any, ClassVar

import pytest

from core.domain.cards import Impact
from core.domain.errors import RefusedError, UnknownThingError
from core.domain.events.goals import GoalFinished
from core.domain.events.operations import OperationStarted, OperationUndone
from core.operations.undo import ask_undo
from core.operations.undo_action import UndoAction, UndoArgs
from core.ports.action import ActionContext, ActionResult
from tests.core.support.actions import Crash, Low
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World


async def undo(world: World, name: str | None = None) -> str:
    """Ask for an undo and accept its card; return the last text."""
    await ask_undo(world.kernel, HERE, name, "owner")
    await world.drain(HERE)
    assert world.card.kind == "undo"
    await world.decide()
    return world.surface.texts[-1]


async def test_undo_asks_before_it_undoes() -> None:
    """The card says what is undone, cannot be edited, and nothing happens before it is accepted."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x", text="hi")))
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    (item,) = world.card.items
    assert item.title.text == "Undo probe.low"
    assert (item.args.value["said"], "said" in item.control) == ("Sent 'hi' to x.", True)
    assert item.editable == ()
    assert len(world.probe("probe.low").effects) == 1
    await world.decide()
    assert world.probe("probe.low").effects == []
    assert world.surface.texts[-1] == "Took it back from x."
    assert len(world.events(OperationUndone)) == 1
    await world.still()


@pytest.mark.parametrize("by", ["marker", "prefix", "goal", "card"])
async def test_what_is_undone_can_be_named(by: str) -> None:
    """An operation is found by its marker, the start of it, its goal or its card."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x")))
    await world.say("send", plan({**do("a", "probe.low", to="y"), "confidence": 0.4}))
    await world.decide()
    await world.say("more", plan(do("a", "probe.low", to="z")))
    started = world.events(OperationStarted)[1]
    goals = [row.key for row in await world.rows("goals")]
    names = {
        "marker": started.marker,
        "prefix": started.marker[:8].upper(),
        "goal": sorted(goals, key=lambda goal: int(goal[1:]))[1],
        "card": started.card,
    }
    assert await undo(world, names[by]) == "Took it back from y."


@pytest.mark.parametrize(
    ("action", "args", "gone"),
    [
        ("task.add", {"title": "Call"}, ("todos", "removed")),
        ("reminder.set", {"text": "x", "at": "in 1 hour"}, ("reminders", "cancelled")),
        ("memory.remember", {"text": "Bob likes tea"}, ("facts", "forgotten")),
    ],
)
@pytest.mark.parametrize("restarted", [False, True])
async def test_own_actions_can_be_undone(
    action: str,
    args: dict[str, str],
    gone: tuple[str, str],
    restarted: bool,  # noqa: FBT001 - a parameter
) -> None:
    """To-dos, reminders and facts are taken back, also after a restart."""
    world = World()
    await world.say("do", plan(do("a", action, **args)))
    if restarted:
        world.restart()
    await undo(world)
    (row,) = await world.rows(gone[0])
    assert row.state == gone[1]
    await world.still()


async def test_a_done_to_do_is_opened_again() -> None:
    """Undoing `task.done` opens the to-do, undoing `task.add` then takes it back."""
    world = World()
    await world.say("do", plan(do("a", "task.add", title="Call")))
    (row,) = await world.rows("todos")
    await world.say("done", plan(do("a", "task.done", id=row.key)))
    assert world.surface.texts[-1] == "Done: Call."
    assert await undo(world) == f"To-do {row.key} is open again."
    assert [row.state for row in await world.rows("todos")] == ["open"]
    assert await undo(world) == f"To-do {row.key} is gone again."


async def test_undo_twice_is_refused() -> None:
    """What was undone is not undone again, by whatever name."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x")))
    marker = world.events(OperationStarted)[0].marker
    await undo(world)
    with pytest.raises(RefusedError, match=r"probe.low was already undone\."):
        await ask_undo(world.kernel, HERE, marker, "owner")
    with pytest.raises(RefusedError, match=r"probe.low was already undone\."):
        await ask_undo(world.kernel, HERE, "G1", "owner")
    with pytest.raises(UnknownThingError, match="nothing that can be undone"):
        await ask_undo(world.kernel, HERE, None, "owner")


async def test_two_requests_for_one_undo_share_a_card() -> None:
    """Asking twice before answering is one question and one undo."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x"), do("b", "probe.low", to="y")))
    marker = world.events(OperationStarted)[0].marker
    await ask_undo(world.kernel, HERE, marker, "owner")
    await world.drain(HERE)
    await ask_undo(world.kernel, HERE, marker, "owner")
    await world.drain(HERE)
    assert len(world.surface.shown) == 1
    await world.decide()
    assert len(world.probe("probe.low").effects) == 1
    assert len(world.events(OperationUndone)) == 1
    await world.still()


async def test_what_cannot_be_undone_says_so() -> None:
    """An action without an undo, and a name that means nothing, are one sentence each."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide()
    with pytest.raises(RefusedError, match=r"probe.high cannot be undone\."):
        await ask_undo(world.kernel, HERE, "G1", "owner")
    with pytest.raises(UnknownThingError, match="There is no operation, goal or card 'G99'"):
        await ask_undo(world.kernel, HERE, "G99", "owner")


async def test_a_rejected_undo_leaves_everything() -> None:
    """A rejected undo undoes nothing and can be asked again."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x")))
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide("reject")
    assert len(world.probe("probe.low").effects) == 1
    assert [p.outcome for p in world.events(GoalFinished)] == ["done", "rejected"]
    assert await undo(world) == "Took it back from x."


class Stuck(Low):
    """Cannot be taken back any more."""

    name: ClassVar[str] = "probe.stuck"
    declared: ClassVar[Impact] = "low"

    async def undo(self, undo: dict[str, Any], context: ActionContext) -> ActionResult:
        """Refuse."""
        message = f"{self.name} has changed since."
        raise RefusedError(message)


async def test_an_undo_that_is_refused_says_why() -> None:
    """An undo that cannot be done any more ends with its reason, and nothing counts as undone."""
    world = World(Setup(actions=[Stuck()]))
    await world.say("do", plan(do("a", "probe.stuck", to="x")))
    assert "probe.stuck has changed since." in await undo(world)
    assert world.events(OperationUndone) == []


async def test_a_crash_in_an_undo_is_taken_up() -> None:
    """An undo that was cut by a crash is finished after the restart, once."""
    world = World()
    await world.say("do", plan(do("a", "task.add", title="Call")))
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    for offset in (3, 2):
        world.store.crash_at, world.store.late = world.store.appends + offset, True
        try:
            await (world.decide() if offset == 3 else world.drain(HERE))
        except Crash:
            world.store.crash_at = None
            world.restart()
    world.store.crash_at = None
    await world.drain(HERE)
    assert len(world.events(OperationUndone)) == 1
    assert [row.state for row in await world.rows("todos")] == ["removed"]
    await world.still()


async def test_asking_again_under_one_key_opens_nothing() -> None:
    """A repeated command opens one goal."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x")))
    for _ in range(2):
        await ask_undo(world.kernel, HERE, None, "owner", key="line-1")
    assert len(await world.rows("goals")) == 2


async def test_an_unbound_undo_is_refused() -> None:
    """An undo action without a kernel says so instead of failing."""
    world = World()
    await world.say("do", plan(do("a", "probe.low", to="x")))
    args = UndoArgs(marker="m" * 32, action="probe.low", said="x")
    context = world.probe("probe.low").contexts[0]
    with pytest.raises(RefusedError, match="not bound"):
        await UndoAction().run(args, context)
    bound = UndoAction()
    bound.bind(world.kernel)
    with pytest.raises(RefusedError, match="cannot be undone"):
        await bound.run(args, context)
