"""After a crash, or a stop for money, no answer that was paid for is asked for again."""

import asyncio
from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel, called
from adapters.offline.model import OfflineModel
from adapters.when.words import WordsWhen
from core.domain.errors import StorageError
from core.domain.events.gates import CardOpened
from core.domain.events.models import BudgetExceeded, ModelCalled
from core.gates.budget import Caps
from core.goals.stop import stop_goals
from core.ports.model import ModelAnswer, ModelRequest, OnDelta
from tests.core.support.plans import do, plan, result, write
from tests.core.support.stores import FragileStore
from tests.core.support.world import HERE, Setup, World

PRICE = Decimal("0.05")
MOST = Decimal("0.10")
THERE = "memory:2"
GONE = StorageError("The process is gone.")


class Mortal(ScriptedModel):
    """A model during one of whose calls the process dies: nothing is written any more."""

    store: FragileStore
    dies_at = 0

    async def complete(self, request: ModelRequest, on_delta: OnDelta | None = None) -> ModelAnswer:
        """Answer, or take the store away."""
        if len(self.requests) + 1 == self.dies_at:
            self.requests.append(request)
            self.store.failure = GONE
            raise GONE
        return await super().complete(request, on_delta)


def priced(answer: ModelAnswer) -> ModelAnswer:
    """Return a model's answer with a price."""
    return answer.model_copy(update={"usd": PRICE})


def paying(**caps: str) -> World:
    """Return a core with a model whose calls may cost ten cents, and an offline one beside it."""
    limits = Caps.model_validate(caps)
    world = World(Setup(caps=limits, offline=OfflineModel(WordsWhen())))
    world.model = model = Mortal(most=MOST)
    model.store = world.store
    world.restart()
    return world


async def spent(world: World) -> Decimal:
    """Return what is spent; nothing is left reserved."""
    (row,) = await world.rows("spend", group="month")
    assert Decimal(row.doc["reserved"]) == 0
    return Decimal(row.doc["spent"])


async def crash_at_call(world: World, number: int, text: str) -> None:
    """Say something, die while the call of that number is under way, and come back."""
    assert isinstance(world.model, Mortal)
    world.model.dies_at = number
    await world.hear(text)
    with pytest.raises(StorageError):
        await world.drain(HERE)
    world.model.dies_at, world.store.failure = 0, None
    world.restart()
    assert await world.kernel.ledger.settle_orphans() == 1
    await world.drain(HERE)


async def test_a_crash_during_the_repair_of_a_plan_repeats_only_the_repair() -> None:
    """The first answer is on the log: it is paid once, the call that was cut off is made again."""
    world = paying()
    bad, good = plan(do("a", "no.such")), plan(do("a", "probe.low", text="ok"))
    world.model.then(priced(bad), priced(good))
    await crash_at_call(world, 2, "do it")
    assert len(world.model.requests) == 3
    outcomes = [(p.outcome, p.usd) for p in world.events(ModelCalled)]
    assert outcomes == [("ok", PRICE), ("unknown", MOST), ("ok", PRICE)]
    lost = world.events(ModelCalled)[1]
    assert (lost.agent, lost.tier, lost.model) == ("planner", "balanced", "scripted")
    assert "counted at its highest cost" in lost.error
    assert await spent(world) == 2 * PRICE + MOST
    assert len(world.probe("probe.low").effects) == 1
    await world.still()


async def test_a_crash_during_the_repair_of_an_agent_repeats_only_the_repair() -> None:
    """The same for an agent's answer: neither the plan nor the first draft is paid again."""
    world = paying()
    wrong = called("submit_result", {"words": 1})
    world.model.then(priced(plan(write("a", "Write"))), priced(wrong), priced(result("Better.")))
    await crash_at_call(world, 3, "write")
    assert world.surface.texts == ["Better."]
    assert [p.outcome for p in world.events(ModelCalled)] == ["ok", "ok", "unknown", "ok"]
    assert await spent(world) == 3 * PRICE + MOST
    await world.still()


async def test_a_second_restart_counts_nothing_twice() -> None:
    """What a crash left open is settled once."""
    world = paying()
    world.model.then("Hello.")
    await crash_at_call(world, 1, "hi")
    assert await world.kernel.ledger.settle_orphans() == 0
    assert await spent(world) == MOST


async def test_a_stop_for_money_in_the_middle_goes_on_where_it_was() -> None:
    """A plan whose second text would pass the cap: the first is neither lost nor paid again."""
    world = paying(goal="0.17")
    both = plan(write("a", "Write one"), write("b", "Write two: {{ a.text }}"))
    said = await world.say("write", priced(both), priced(result("One.")), priced(result("Two.")))
    assert said == []
    assert [p.cap for p in world.events(BudgetExceeded)] == ["goal"]
    world.restart()
    await world.drain(HERE)
    assert len(world.events(CardOpened)) == 1
    await world.decide()
    assert world.surface.texts[-1] == "Two."
    assert len(world.model.requests) == 3
    assert await spent(world) == 3 * PRICE
    await world.still()


async def test_finishing_cheaper_keeps_what_was_paid_for() -> None:
    """After `then=cheaper` the offline model does the rest of the plan."""
    world = paying(goal="0.17")
    both = plan(
        write("a", "Write one"), do("n", "probe.low", text="{{ a.text }}"), write("b", "{{ n }}")
    )
    await world.say("write", priced(both), priced(result("One.")))
    (item,) = world.card.items
    await world.decide("edit", edits={item.marker: {"then": "cheaper"}})
    assert [args.text for args in world.probe("probe.low").effects] == ["One."]
    assert len(world.model.requests) == 2
    assert [p.model for p in world.events(ModelCalled)] == ["scripted", "scripted", "offline"]
    assert await spent(world) == 2 * PRICE
    await world.still()


async def test_parallel_tasks_of_a_goal_ask_once() -> None:
    """Two drafts at the same time that would both pass the cap are one card, and both wait."""
    world = paying(goal="0.12")
    both = plan(write("a", "Write one"), write("b", "Write two"))
    await world.say("write", priced(both))
    assert len(world.events(CardOpened)) == 1
    assert world.surface.texts == []
    world.model.then(priced(result("One.")), priced(result("Two.")))
    await world.decide("edit", edits={world.card.items[0].marker: {"raise_usd": "5"}})
    assert world.surface.texts[-1] in {"One.", "Two."}
    assert len(world.model.requests) == 3
    await world.still()


async def test_goals_side_by_side_ask_once_about_a_day() -> None:
    """Two conversations that pass the day's cap at the same moment: one card, the other offline."""
    world = paying(day="0.05")
    await world.hear("hi")
    await world.hear("hi", where=THERE)
    await asyncio.gather(world.drain(HERE), world.drain(THERE))
    assert len(world.events(CardOpened)) == 1
    assert len(world.surface.shown) == 1
    assert any(world.card.card in text for text in world.surface.texts)


async def test_a_goal_that_is_stopped_takes_its_question_back() -> None:
    """After /stop the card is closed, and the next goal asks anew."""
    world = paying(goal="0.05")
    await world.say("hi")
    await stop_goals(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    assert await world.rows("cards", "open") == []
    await world.say("hi again")
    assert len(await world.rows("cards", "open")) == 1
