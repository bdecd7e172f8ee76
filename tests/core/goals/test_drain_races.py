from collections.abc import Sequence

import pytest

from core.domain.errors import (
    OutcomeUnknownError,
    StorageError,
    TransientError,
    VersionConflictError,
)
from core.domain.events import NewEvent
from core.domain.events.gates import CardJoined, CardShown
from core.domain.events.goals import GoalFinished, GoalStarted, GoalWaiting, PlanProposed
from core.domain.events.messages import MessageQueued, MessageSending, MessageSent
from core.domain.events.operations import OperationFinished, OperationStarted
from core.goals.agenda import RowAgenda
from core.goals.drain import Drain
from core.goals.finishing import Replies
from core.goals.stop import stop_goals
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

THERE = "memory:2"


def before(kind: type, world: World, *, where: str = HERE, verdict: str = "accept") -> None:
    """Let the owner decide right before an event of this type is appended."""

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, kind) for event in events):
            return False
        await world.decide(verdict, drain=False)
        return True

    world.store.meanwhile = hook


async def test_a_decision_between_the_fold_and_the_waiting_is_not_lost() -> None:
    """A tap that arrives while the goal is about to wait leaves it awake, and is acted on."""
    world = World()
    before(GoalWaiting, world)
    await world.say("send", plan(do("a", "probe.high", text="x")))
    assert HERE in await RowAgenda(world.store).unfinished()
    await world.drain(HERE)
    assert len(world.probe("probe.high").effects) == 1
    await world.still()


@pytest.mark.parametrize("what", [CardShown, OperationStarted, OperationFinished])
async def test_two_drains_of_one_goal_have_one_effect(what: type) -> None:
    """A second worker that drains the same conversation at any moment repeats nothing."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    rival = Drain(world.kernel, world._wake)

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, what) for event in events):
            return False
        await rival(HERE)
        return True

    world.store.meanwhile = hook
    await world.decide()
    await world.drain(HERE)
    assert len(world.probe("probe.high").effects) == 1
    assert len(world.events(OperationFinished)) == 1
    assert len(world.events(GoalFinished)) == 1
    await world.still()


@pytest.mark.parametrize("what", [GoalStarted, PlanProposed, GoalFinished])
async def test_two_drains_of_one_message_answer_it_once(what: type) -> None:
    """A rival at any point leaves one goal, one effect, and one reply besides marked repeats."""
    world = World()
    world.model.then(*[plan(do("a", "probe.low", text="x"))] * 2)
    await world.hear("do it")
    rival = Drain(world.kernel, world._wake)

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, what) for event in events):
            return False
        await rival(HERE)
        return True

    world.store.meanwhile = hook
    await world.drain(HERE)
    assert len(world.probe("probe.low").effects) == 1
    assert len(world.events(GoalFinished)) == 1
    assert [o.text for o in world.surface.sent if not o.repeat] == ["Sent 'x' to home."]
    await world.still()


async def test_a_send_that_another_worker_began_is_repeated_with_a_label() -> None:
    """A loser of a race does not take the winner's send marker for its own."""
    world = World()
    await world.hear("hi")
    world.model.then("one")

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, GoalFinished) for event in events):
            return False
        (state,) = await world.goals()
        await world.store.append(Replies(world.kernel).finish(state, "two", "answered"))
        return True

    world.store.meanwhile = hook
    await world.drain(HERE)
    assert [(o.text, o.repeat) for o in world.surface.sent] == [("two", True)]


async def test_a_join_that_loses_against_the_decision_asks_again() -> None:
    """A goal cannot join a card that was decided meanwhile: it asks its own question."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    before(CardJoined, world)
    await world.say("send", plan(do("a", "probe.high", text="x")), where=THERE)
    await world.drain(HERE)
    await world.drain(THERE)
    assert len(world.events(CardJoined)) == 0
    assert len(world.surface.shown) == 2
    await world.decide("reject")
    assert len(world.probe("probe.high").effects) == 1
    await world.still()


async def test_a_join_that_loses_against_a_stop_is_not_left_behind() -> None:
    """A goal that joins while the asking goal is stopped still gets an end or a card."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, CardJoined) for event in events):
            return False
        await stop_goals(world.kernel, HERE, None, "owner")
        return True

    world.store.meanwhile = hook
    await world.say("send", plan(do("a", "probe.high", text="x")), where=THERE)
    await world.drain(THERE)
    (row,) = await world.rows("goals", group=THERE)
    open_cards = await world.rows("cards", "open", group=THERE)
    assert row.state == "waiting"
    assert row.doc["cards"] == [card.key for card in open_cards] != []


async def test_a_storage_failure_ends_the_drain_and_decides_nothing() -> None:
    """While the store cannot be written the drain raises, and nothing is said to have failed."""
    world = World()
    world.model.then(plan(do("a", "probe.low", text="x")))
    await world.hear("do it")

    async def hook(events: Sequence[NewEvent]) -> bool:
        if any(isinstance(event.payload, OperationFinished) for event in events):
            world.store.failure = StorageError("The disk is full.")
        return False

    world.store.meanwhile = hook
    with pytest.raises(StorageError):
        await world.drain(HERE)
    world.store.failure = world.store.meanwhile = None
    await world.drain(HERE)
    assert world.surface.texts == ["Sent 'x' to home."]
    assert len(world.probe("probe.low").effects) == 1
    await world.still()


async def test_a_send_in_doubt_is_repeated_with_a_label() -> None:
    """A message whose send has no known outcome goes out again and says that it may be a repeat."""
    world = World()
    world.surface.failures.append(OutcomeUnknownError("cut"))
    with pytest.raises(OutcomeUnknownError):
        await world.say("hi", "Hello.")
    await world.drain(HERE)
    assert [(o.text, o.repeat) for o in world.surface.sent] == [("Hello.", True)]
    assert [(p.attempt, p.repeat) for p in world.events(MessageSent)] == [(2, True)]
    await world.still()


async def test_a_send_that_surely_failed_stays_due_without_a_label() -> None:
    """A message that was not sent goes out later as if nothing had been."""
    world = World()
    world.surface.failures.append(TransientError("offline"))
    with pytest.raises(TransientError):
        await world.say("hi", "Hello.")
    assert HERE in await RowAgenda(world.store).unfinished()
    await world.drain(HERE)
    assert [(o.text, o.repeat) for o in world.surface.sent] == [("Hello.", False)]
    await world.still()


async def test_a_crash_between_the_marker_and_the_send_is_in_doubt() -> None:
    """After a restart a begun send is repeated with a label, because nobody knows."""
    world = World()

    async def hook(events: Sequence[NewEvent]) -> bool:
        if any(isinstance(event.payload, MessageSent) for event in events):
            raise Crash
        return False

    world.store.meanwhile = hook
    world.model.then("Hello.")
    await world.hear("hi")
    with pytest.raises(Crash):
        await world.drain(HERE)
    world.store.meanwhile = None
    world.restart()
    await world.drain(HERE)
    assert [(o.text, o.repeat) for o in world.surface.sent] == [("Hello.", False), ("Hello.", True)]
    assert [p.attempt for p in world.events(MessageSending)] == [1, 2]
    assert len(world.events(MessageQueued)) == 1
    await world.still()


async def test_a_card_that_could_not_be_shown_is_shown_later() -> None:
    """A card stays due through a failure of the surface, and is then shown once."""
    world = World()
    world.surface.failures.append(TransientError("offline"))
    with pytest.raises(TransientError):
        await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.drain(HERE)
    assert len(world.surface.shown) == 1
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1
    await world.still()


async def test_a_card_in_doubt_is_on_the_log_and_shown_again() -> None:
    """A card that may not have arrived leaves an event and is shown again."""
    world = World()
    world.surface.failures.append(OutcomeUnknownError("cut"))
    with pytest.raises(OutcomeUnknownError):
        await world.say("send", plan(do("a", "probe.high", text="x")))
    assert "card.undeliverable.v1" in world.store.types()
    await world.drain(HERE)
    assert len(world.surface.shown) == 1
    await world.still()


async def test_a_surface_that_is_away_does_not_hold_up_the_work() -> None:
    """Tasks run and reminders are kept while nothing can be sent."""
    world = World()
    world.surface.failures.extend([TransientError("offline")] * 2)
    world.model.then("Hello.", plan(do("a", "probe.low", text="x")))
    await world.hear("hi")
    await world.hear("do it")
    with pytest.raises(TransientError):
        await world.drain(HERE)
    assert len(world.probe("probe.low").effects) == 1
    assert len(world.surface.failures) == 1
    world.surface.failures.clear()
    await world.drain(HERE)
    assert world.surface.texts == ["Hello.", "Sent 'x' to home."]
    await world.still()


async def test_a_conflict_is_no_error() -> None:
    """A step that finds its stream moved is taken up again from the new state."""
    world = World()

    async def hook(events: Sequence[NewEvent]) -> bool:
        if any(isinstance(event.payload, OperationStarted) for event in events):
            raise VersionConflictError("goal:G1", 1, 2)
        return False

    world.store.meanwhile = hook
    world.model.then(plan(do("a", "probe.low", text="x")))
    await world.hear("do it")
    world.store.meanwhile = None
    await world.drain(HERE)
    assert len(world.probe("probe.low").effects) == 1


async def test_more_than_a_hundred_cards_are_all_shown() -> None:
    """However many cards are open, a new one is shown."""
    world = World()
    for n in range(105):
        await world.hear(f"send {n}")
        world.model.then(plan(do("a", "probe.high", text=str(n))))
    world.surfaces.clear()
    await world.drain(HERE)
    world.surfaces["memory"] = world.surface
    await world.drain(HERE)
    assert len(world.surface.shown) == 105
    await world.say("send more", plan(do("a", "probe.high", text="more")))
    assert len(world.surface.shown) == 106
    await world.still()
