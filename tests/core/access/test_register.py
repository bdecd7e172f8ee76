"""Owners, groups and strangers of a chat app."""

import pytest

from core.access.register import REFUSED_AGAIN, Register
from core.domain.errors import BadInputError, RefusedError
from core.domain.events.access import AccessGranted, AccessMoved, AccessRefused, AccessRevoked
from core.domain.events.operations import OperationStarted
from core.domain.sources import Source
from core.operations.own.access import GrantAccess
from core.operations.proposing import Proposal, propose
from core.operations.undo import ask_undo
from core.telemetry.why import why
from tests.core.support.world import HERE, Setup, World


def register(world: World, *configured: str) -> Register:
    """Return the register of a chat app."""
    return Register(world.kernel, "app", frozenset(configured))


async def ask(world: World, ident: str = "99", standing: str = "owner") -> str:
    """Propose to let somebody in, and drain."""
    args = {"channel": "app", "standing": standing, "ident": ident, "name": "Bob"}
    who = (Source(kind="chat", ref=f"app:{ident}", title="Bob"),)
    proposal = Proposal("access", "Let Bob in", "access.grant", args, f"A{ident}", who)
    goal = await propose(world.kernel, HERE, proposal, "stranger", f"ask:{standing}:{ident}")
    await world.drain(HERE)
    return goal


@pytest.fixture
def world() -> World:
    """Give a core that can let people in."""
    return World(Setup(actions=[GrantAccess()]))


async def test_nobody_is_an_owner_at_first(world: World) -> None:
    """But those of the configuration; pairing makes one, for good."""
    assert await register(world).owners() == []
    assert await register(world, "7").is_owner("7")
    await register(world).pair("42", "Ada", "pair:1")
    await register(world).pair("42", "Ada", "pair:1")
    assert len(world.events(AccessGranted)) == 1
    world.restart()
    assert await register(world).is_owner("42")
    assert not await register(world).is_owner("43")
    assert not await register(world).is_known_group("42")
    assert await register(world, "7").owners() == ["7", "42"]


async def test_a_further_owner_needs_the_owners_card(world: World) -> None:
    """Asked twice, let in by two accepts only; an undo shuts them out again."""
    await ask(world)
    assert not await register(world).is_owner("99")
    (view,) = world.surface.shown
    assert view.title == "Let a further owner in: the id 99 on app, called “Bob” there"
    assert "read everything" in view.items[0].body.text
    assert "spend your budget" in view.items[0].body.text
    await world.decide()
    assert not await register(world).is_owner("99")
    first, second = world.surface.shown
    assert second.title == f"Really? {first.title}"
    assert f"you accepted {first.card}, and nothing has happened yet" in second.why
    world.restart()
    await world.decide()
    assert await register(world).is_owner("99")
    assert len(world.surface.shown) == 2
    await world.still()
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    assert len(world.events(AccessRevoked)) == 1
    assert not await register(world).is_owner("99")


async def test_a_no_to_the_second_card_lets_nobody_in(world: World) -> None:
    """The first accept alone does nothing, however the second question ends."""
    await ask(world)
    await world.decide()
    await world.decide("reject")
    assert not await register(world).is_owner("99")
    assert world.events(OperationStarted) == []
    await world.still()


async def test_the_card_says_who_really_asked(world: World) -> None:
    """A stranger's request is never called the owner's: neither on the cards nor in the story."""
    await ask(world)
    await world.decide()
    for view in world.surface.shown:
        assert "ou did not ask for this" in view.why
        assert "ou asked" not in view.why
    told = await why(world.kernel, HERE, world.card.card)
    assert "Who asked: you did not ask for this" in told
    assert "ou asked" not in told


async def test_a_no_is_remembered(world: World) -> None:
    """Who was turned down is not asked about again."""
    await ask(world)
    await world.decide("reject")
    await ask(world)
    assert len(world.surface.shown) == 1
    assert not await register(world).is_owner("99")


async def test_it_is_never_granted_for_always(world: World) -> None:
    """An always is refused, whoever says it: the card stays open, and nobody is let in."""
    await ask(world)
    with pytest.raises(BadInputError, match="is asked every time"):
        await world.decide(always=True)
    assert [view.state for view in world.surface.shown] == ["open"]
    assert not await register(world).is_owner("99")


async def test_a_group_is_no_owner(world: World) -> None:
    """Each standing is one of its own."""
    await ask(world, "-5", "group")
    await world.decide()
    await world.decide()
    assert await register(world).is_known_group("-5")
    assert not await register(world).is_owner("-5")


async def test_a_refusal_is_said_once_an_hour(world: World) -> None:
    """With an event each time it is said, however often somebody writes."""
    strangers = register(world)
    assert await strangers.refuse("99", "app:99", "m1")
    assert not await strangers.refuse("99", "app:99", "m2")
    assert await strangers.refuse("98", "app:98", "m3")
    world.clock.advance(REFUSED_AGAIN.total_seconds())
    assert await strangers.refuse("99", "app:99", "m4")
    assert len(world.events(AccessRefused)) == 3


async def test_an_argument_that_is_none_is_refused() -> None:
    """A standing that does not exist is no plan."""
    assert issubclass(RefusedError, Exception)
    with pytest.raises(ValueError, match="standing"):
        GrantAccess.Args(channel="app", standing="king", ident="1", name="x")  # type: ignore[arg-type]


async def test_a_group_that_moved_is_the_one_it_was(world: World) -> None:
    """It is let in under its newest id, and shut out with its first one; told twice is once."""
    await ask(world, "-5", "group")
    await world.decide()
    await world.decide()
    for there in ("-1005", "-1005", "-1006"):
        await register(world).move("-5" if there == "-1005" else "-1005", there)
    assert len(world.events(AccessMoved)) == 2
    world.restart()
    assert await register(world).moves() == {"-5": "-1006"}
    assert await register(world).is_known_group("-1006")
    await ask_undo(world.kernel, HERE, None, "owner")
    await world.drain(HERE)
    await world.decide()
    assert not await register(world).is_known_group("-1006")
