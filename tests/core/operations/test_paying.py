"""Paid actions: their money is reserved before they run and settled with what they cost."""

from decimal import Decimal

import pytest

from core.domain.errors import OutcomeUnknownError, RefusedError, TransientError
from core.domain.events.goals import TaskFailed
from core.domain.events.models import BudgetEased, BudgetReserved, BudgetSettled
from core.domain.events.operations import OperationFinished, OperationUnknown
from core.gates.budget import Caps
from core.ports.action import ActionResult
from tests.core.support.actions import Crash, Found_, Low, Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World

PRICE = Decimal("0.20")
CHARGED = Decimal("0.15")
NONE = Decimal(0)


class Paid(Low):
    """Own data, undoable, idempotent; may cost 20 cents and costs 15."""

    name = "paid.low"

    def __init__(self) -> None:
        super().__init__()
        self.usd = PRICE

    def _result(self, args: ProbeArgs) -> ActionResult:
        return super()._result(args).model_copy(update={"usd": CHARGED})


class PaidPlain(Paid):
    """As paid, but it can neither be repeated nor looked up."""

    name = "paid.plain"
    idempotent = False


class PaidFound(Paid, Found_):
    """As paid, but it can be looked up, not repeated."""

    name = "paid.found"
    idempotent = False
    can_look_up = True


class PaidLookup(Paid):
    """It only reads, and costs whenever it is asked for."""

    name = "paid.lookup"
    declared = "none"
    undo_hint = None


def paying(**caps: str) -> World:
    """Return a core with paid actions."""
    actions: list[Probe] = [Paid(), PaidPlain(), PaidFound(), PaidLookup()]
    world = World(Setup(actions=actions, caps=Caps.model_validate(caps)))
    world.probes |= {action.name: action for action in actions}
    return world


async def money(world: World) -> tuple[Decimal, Decimal]:
    """Return what is spent and what is still reserved."""
    rows = await world.rows("spend", group="month")
    spent = sum((Decimal(row.doc["spent"]) for row in rows), Decimal(0))
    return spent, sum((Decimal(row.doc["reserved"]) for row in rows), Decimal(0))


async def counted(world: World) -> Decimal:
    """Return what the cost report would sum up."""
    rows = await world.rows("costs", "all")
    return sum((Decimal(row.doc["usd"]) for row in rows), Decimal(0))


async def test_money_is_reserved_before_and_settled_after() -> None:
    """The most it can cost before it runs, what it did cost after; both count everywhere."""
    world = paying()
    await world.say("buy", plan(do("a", "paid.low")))
    types = [t for t in world.store.types() if t.startswith(("budget", "operation"))]
    assert types == [
        *("budget.reserved.v1", "operation.started.v1"),
        *("operation.finished.v1", "budget.settled.v1"),
    ]
    (reserved,) = world.events(BudgetReserved)
    assert (reserved.agent, reserved.tier, reserved.model) == ("executor", "action", "paid.low")
    assert (reserved.usd, world.events(BudgetSettled)[0].usd) == (PRICE, CHARGED)
    assert await money(world) == (CHARGED, NONE)
    assert await counted(world) == CHARGED
    assert (await world.rows("goals"))[0].doc["usd"] == str(CHARGED)
    assert world.events(OperationFinished)[0].day == "2026-11-02"
    await world.still()


async def test_a_free_action_leaves_no_trace_of_money() -> None:
    """What costs nothing reserves nothing."""
    world = paying()
    await world.say("do", plan(do("a", "probe.low")))
    assert world.events(BudgetReserved) == []
    assert await counted(world) == 0


@pytest.mark.parametrize("error", [RefusedError("No."), TransientError("Later.")])
async def test_what_did_not_happen_costs_nothing(error: Exception) -> None:
    """A refused or failed attempt gives its money back; a later one reserves anew."""
    world = paying()
    world.probe("paid.low").before.append(error)
    await world.say("buy", plan(do("a", "paid.low")))
    assert await money(world) == (NONE, NONE)
    world.clock.advance(60)
    await world.drain(HERE)
    again = isinstance(error, TransientError)
    assert await money(world) == (CHARGED if again else NONE, NONE)
    assert len(world.events(BudgetReserved)) == 1 + again
    await world.still()


async def test_an_action_that_would_pass_a_cap_waits_for_the_owner() -> None:
    """Nothing runs before the card is answered; accepting raises the cap and it runs once."""
    world = paying(goal="0.10")
    await world.say("buy", plan(do("a", "paid.low")))
    assert world.card.kind == "budget"
    assert world.probe("paid.low").effects == []
    world.restart()
    await world.decide()
    assert len(world.probe("paid.low").effects) == 1
    assert await money(world) == (CHARGED, NONE)
    await world.still()


async def test_who_spends_no_more_gets_no_paid_action() -> None:
    """`then=cheaper` ends the task with a sentence: an action has no cheaper way."""
    world = paying(goal="0.10")
    await world.say("buy", plan(do("a", "paid.low"), do("b", "probe.low", to="x")))
    (item,) = world.card.items
    await world.decide("edit", edits={item.marker: {"then": "cheaper"}})
    assert len(world.events(BudgetEased)) == 1
    assert world.probe("paid.low").effects == []
    assert [p.task for p in world.events(TaskFailed)] == ["a"]
    assert "you chose to spend no more here" in world.surface.texts[-1]
    assert len(world.probe("probe.low").effects) == 1
    await world.still()


async def test_who_stops_gets_nothing() -> None:
    """A rejected budget card ends the goal with the money where it was."""
    world = paying(goal="0.10")
    await world.say("buy", plan(do("a", "paid.low")))
    await world.decide("reject")
    assert world.probe("paid.low").effects == []
    assert await money(world) == (NONE, NONE)
    await world.still()


@pytest.mark.parametrize("name", ["paid.low", "paid.found"])
@pytest.mark.parametrize("late", [False, True])
async def test_a_crash_around_the_effect_pays_once(name: str, late: bool) -> None:  # noqa: FBT001
    """Repeated under its marker or looked up: one effect, one price, nothing left reserved."""
    world = paying()
    queue = world.probe(name).after if late else world.probe(name).before
    queue.append(Crash())
    with pytest.raises(Crash):
        await world.say("buy", plan(do("a", name)))
    assert (await money(world))[1] == PRICE
    world.restart()
    await world.kernel.ledger.settle_orphans()
    await world.drain(HERE)
    assert len(world.probe(name).effects) == 1
    assert await money(world) == (CHARGED, NONE)
    assert await counted(world) == CHARGED
    await world.still()


async def test_an_outcome_that_nobody_knows_counts_at_its_highest_cost() -> None:
    """The owner is asked whether to do it again; meanwhile it counts as paid, and says so."""
    world = paying()
    world.probe("paid.plain").after.append(OutcomeUnknownError("No answer."))
    await world.say("buy", plan(do("a", "paid.plain")))
    (unknown,) = world.events(OperationUnknown)
    assert (unknown.next, unknown.usd, unknown.day) == ("ask", PRICE, "2026-11-02")
    assert await money(world) == (PRICE, NONE)
    await world.decide()
    assert await money(world) == (PRICE + CHARGED, NONE)
    assert await counted(world) == PRICE + CHARGED
    await world.still()


@pytest.mark.parametrize(
    ("error", "owed"),
    [
        (TransientError("It broke off."), PRICE),
        (RefusedError("No."), NONE),
        (TimeoutError(), PRICE),
    ],
)
async def test_a_lookup_that_broke_off_is_counted(error: Exception, owed: Decimal) -> None:
    """What only reads is charged whenever it was asked for; whoever says no charges nothing."""
    world = paying()
    world.probe("paid.lookup").before.append(error)
    await world.say("look", plan(do("a", "paid.lookup")))
    world.clock.advance(60)
    await world.drain(HERE)
    again = not isinstance(error, RefusedError)
    assert await money(world) == (owed + (CHARGED if again else NONE), NONE)
    assert await counted(world) == owed + (CHARGED if again else NONE)
    await world.still()


async def test_a_crash_during_a_lookup_pays_for_both() -> None:
    """It is made again, and the service may charge for the first one too."""
    world = paying()
    world.probe("paid.lookup").before.append(Crash())
    with pytest.raises(Crash):
        await world.say("look", plan(do("a", "paid.lookup")))
    world.restart()
    await world.kernel.ledger.settle_orphans()
    await world.drain(HERE)
    assert await money(world) == (PRICE + CHARGED, NONE)
    assert await counted(world) == PRICE + CHARGED
    await world.still()
