import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events.gates import GateDecided, GrantGiven, GrantRevoked, GrantUsed
from core.gates.limits import Limits
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

STREAM = "grant:PAAAAAA"


async def given(world: World, action: str, **more: Any) -> None:  # noqa: ANN401 - fields of a grant
    """Give a standing permission."""
    await world.append(STREAM, GrantGiven(grant="PAAAAAA", action=action, by="owner", **more))


async def send(world: World, text: str, action: str = "probe.high", where: str = HERE) -> None:
    """Ask for one more effect."""
    await world.say("send", plan(do("a", action, text=text)), where=where)


async def test_always_carries_the_limits_that_were_said() -> None:
    """What the owner limits is what the gate holds to: number, amount and time."""
    world = World()
    await send(world, "x")
    limits = Limits(usd=Decimal(5), uses=2, lasting=timedelta(days=1))
    await world.decide(always=True, limits=limits)
    (grant,) = world.events(GrantGiven)
    assert (grant.limit_usd, grant.uses) == (Decimal(5), 2)
    assert grant.expires_at == world.clock.now() + timedelta(days=1)
    for text in ("1", "2", "3"):
        await send(world, text)
    assert [args.text for args in world.probe("probe.high").effects] == ["x", "1", "2"]


async def test_a_limit_that_is_over_already_decides_nothing() -> None:
    """A date that is past is said, and the card stays open."""
    world = World()
    await send(world, "x")
    past = (world.clock.now() - timedelta(days=3)).date()
    with pytest.raises(BadInputError, match="would be over already"):
        await world.decide(always=True, limits=Limits(until=past))
    assert len(await world.rows("cards", "open")) == 1


async def test_a_grant_ends_with_its_amount() -> None:
    """What all uses may cost together stays within the limit; the next one is asked."""
    world = World()
    world.probe("probe.high").usd = Decimal("0.20")
    await given(world, "probe.high", limit_usd=Decimal("0.50"))
    for text in ("1", "2", "3"):
        await send(world, text)
    assert [args.text for args in world.probe("probe.high").effects] == ["1", "2"]
    assert [used.usd for used in world.events(GrantUsed)] == [Decimal("0.20")] * 2
    (row,) = await world.rows("grants")
    assert (row.doc["used"], row.doc["spent"]) == (2, "0.40")


async def test_one_plan_cannot_spend_more_than_a_grant_allows() -> None:
    """Operations that are ruled on together count against its amount together."""
    world = World()
    world.probe("probe.high").usd = Decimal("0.20")
    await given(world, "probe.high", limit_usd=Decimal("0.50"))
    await world.say("send", plan(*(do(f"t{n}", "probe.high", text=str(n)) for n in range(4))))
    assert len(world.probe("probe.high").effects) == 2
    assert len(world.card.items) == 2


async def test_two_goals_cannot_both_have_the_last_use() -> None:
    """Conversations that are drained at the same time share one use; the others are asked."""
    world = World()
    await given(world, "probe.high", uses=1)
    places = [f"memory:{n}" for n in range(8)]
    for number, where in enumerate(places):
        world.model.then(plan(do("a", "probe.high", text=str(number))))
        await world.hear("send", where=where)
    await asyncio.gather(*(world.drain(where) for where in places))
    assert len(world.probe("probe.high").effects) == 1
    assert len(world.surface.shown) == 7
    assert len([ruling for ruling in world.events(GateDecided) if ruling.grant]) == 1


async def test_a_grant_revoked_while_the_gate_rules_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ruling is made again where the permission ended between reading it and writing."""
    world = World()
    home = Erasable.of("home")
    await given(world, "probe.high", only={"to": home})
    covers = world.store.values
    revoked: list[bool] = []

    async def slow(refs: list[str]) -> dict[str, Any]:
        if refs == [home.ref] and not revoked:
            revoked.append(True)
            await world.append(STREAM, GrantRevoked(grant="PAAAAAA", by="owner"))
        return await covers(refs)

    monkeypatch.setattr(world.store, "values", slow)
    await send(world, "x")
    assert revoked
    assert world.probe("probe.high").effects == []
    assert len(world.surface.shown) == 1
