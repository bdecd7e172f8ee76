from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel
from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.domain.errors import BadInputError, ModelKeyError, ModelUnreachableError
from core.domain.events.goals import GoalFinished, GoalStopped
from core.domain.events.models import (
    BudgetEased,
    BudgetExceeded,
    BudgetRaised,
    BudgetReserved,
    BudgetSettled,
    ModelCalled,
)
from core.gates.budget import Caps
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import Setup, World

THERE = "memory:2"


def spending(most: str, **caps: str) -> World:
    """Return a core whose every call may cost `most` dollars, with these caps."""
    limits = Caps.model_validate(caps)
    world = World(Setup(caps=limits, offline=OfflineModel(WordsWhen())))
    world.model = ScriptedModel(most=Decimal(most))
    world.restart()
    return world


async def test_an_unreachable_model_is_said_honestly() -> None:
    """When no model answers, the offline one does, and the owner reads that it was that one."""
    world = spending("0")
    world.model.then(*[ModelUnreachableError("The model did not answer.", retry_after=0)] * 3)
    said = "\n".join(await world.say("what can you do about quantum gravity?"))
    assert "The model did not answer." in said
    assert "General questions need a model." in said
    assert [p.outcome for p in world.events(ModelCalled)] == ["unreachable"] * 3 + ["ok"]
    assert len(world.events(GoalFinished)) == 1
    await world.still()


async def test_work_goes_on_with_the_offline_model() -> None:
    """The offline model still plans what it knows when the configured one is away."""
    world = spending("0")
    world.model.then(*[ModelUnreachableError("Away.", retry_after=0)] * 3)
    await world.say("remember that the wifi password is on the fridge")
    assert len(await world.rows("facts", "known")) == 1
    await world.still()


async def test_a_spent_budget_is_a_card_and_the_goal_waits() -> None:
    """A call that would pass a cap makes no call: the goal waits for raise, cheaper or stop."""
    world = spending("0.40", goal="0.30")
    assert await world.say("do it", plan(do("a", "probe.low", text="x"))) == []
    assert world.model.requests == []
    assert world.card.kind == "budget"
    assert [p.cap for p in world.events(BudgetExceeded)] == ["goal"]
    assert [row.state for row in await world.rows("goals")] == ["waiting"]
    await world.still()
    await world.decide()
    assert [p.usd for p in world.events(BudgetRaised)] == [Decimal("0.50")]
    assert world.surface.texts[-1].startswith("Sent 'x' to home.")
    await world.still()


async def test_a_spent_budget_can_be_finished_cheaper() -> None:
    """`then=cheaper` lets the offline model finish, without a paid call."""
    world = spending("0.40", goal="0.30")
    await world.say("remember that bob likes tea")
    (item,) = world.card.items
    await world.decide("edit", edits={item.marker: {"then": "cheaper"}})
    assert len(world.events(BudgetEased)) == 1
    assert len(await world.rows("facts", "known")) == 1
    assert world.model.requests == []
    await world.still()


async def test_a_spent_budget_can_stop_the_goal() -> None:
    """A rejected budget card stops the goal with one sentence."""
    world = spending("0.40", goal="0.30")
    await world.say("do it")
    await world.decide("reject")
    assert len(world.events(GoalStopped)) == 1
    assert world.surface.texts == ["Stopped: the budget stays as it is."]
    await world.still()


@pytest.mark.parametrize(
    "edit", [{"raise_usd": "-1"}, {"raise_usd": "x"}, {"raise_usd": "NaN"}, {"then": "later"}]
)
async def test_a_bad_answer_to_a_budget_card_is_refused(edit: dict[str, str]) -> None:
    """An amount that is none, or another way out, is one sentence; the card stays open."""
    world = spending("0.40", goal="0.30")
    await world.say("do it")
    (item,) = world.card.items
    with pytest.raises(BadInputError, match="The answer does not fit"):
        await world.decide("edit", edits={item.marker: edit})
    assert len(await world.rows("cards", "open")) == 1


async def test_a_budget_is_asked_once_for_all_goals() -> None:
    """While one goal asks about a day's budget, another is answered offline and told which card."""
    world = spending("0.40", day="0.30", goal="1")
    await world.say("do it")
    card = world.card.card
    said = "\n".join(await world.say("hi", where=THERE))
    assert card in said
    assert len(world.surface.shown) == 1
    await world.still()


async def test_an_agent_waits_for_a_budget_too() -> None:
    """An assistant whose call would pass the cap waits for the card and then goes on."""
    world = spending("0.20", goal="0.30")
    await world.say("write", plan(write("a", "Write"), usd=Decimal("0.20")), result("Here it is."))
    assert world.card.kind == "budget"
    await world.decide()
    assert world.surface.texts[-1] == "Here it is."
    await world.still()


async def test_a_refused_key_is_asked_once() -> None:
    """A key that the server refuses opens one card; the offline model answers meanwhile."""
    world = spending("0")
    world.model.then(*[ModelKeyError("The key was refused.")] * 4)
    await world.say("hello")
    await world.say("hello again")
    assert [view.kind for view in world.surface.shown] == ["notice"]
    assert "The key was refused." in "\n".join(world.surface.texts)


async def test_three_quarters_of_a_budget_are_told_once() -> None:
    """A budget that runs short is told once, with its numbers."""
    world = spending("0.10", goal="5", day="0.40")
    for _ in range(3):
        world.model.then(plan(do("a", "probe.read"), usd=Decimal("0.10")))
        await world.say("read")
    warned = [text for text in world.surface.texts if "Three quarters" in text]
    assert len(warned) == 1
    assert "$0.30 of $0.40" in warned[0]
    await world.still()


async def test_money_is_settled_to_what_it_cost() -> None:
    """What was reserved is replaced by the price, also when the call failed."""
    world = spending("0.10")
    world.model.then(*[ModelUnreachableError("Away.", retry_after=0)] * 3)
    await world.say("hi")
    await world.say("do", plan(do("a", "probe.low"), usd=Decimal("0.03")))
    reserved = [p.usd for p in world.events(BudgetReserved)]
    assert reserved == [Decimal("0.10")] * 4
    settled = sum(p.usd for p in world.events(BudgetSettled))
    assert settled >= Decimal("0.03")
    rows = await world.rows("spend", group="day")
    assert all(Decimal(row.doc["reserved"]) == 0 for row in rows)
    assert await world.rows("spend", group="hold") == []
