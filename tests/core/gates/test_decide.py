from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events import NewEvent
from core.domain.events.gates import (
    CardDecided,
    CardDrafted,
    CardExpired,
    CardShown,
    GrantGiven,
)
from core.domain.events.goals import GoalStopped
from core.domain.events.models import BudgetReserved, BudgetSettled
from core.gates.budget import Caps
from core.gates.decide import OutdatedDraftError
from core.gates.drafts import draft_edit, drop_draft
from core.gates.views import card_view
from core.goals.stop import stop_goals
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, Setup, World


async def asked() -> World:
    """Return a core with one open card."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    return world


def meanwhile(world: World, kind: type, *what: NewEvent) -> None:
    """Let somebody append events right before the first event of a type is."""

    async def hook(events: Sequence[NewEvent]) -> bool:
        if not any(isinstance(event.payload, kind) for event in events):
            return False
        await world.store.append(list(what))
        return True

    world.store.meanwhile = hook


def on_card(world: World, payload: CardShown | CardDecided | CardDrafted | CardExpired) -> NewEvent:
    """Return an event of the newest card."""
    return NewEvent(stream=f"card:{world.card.card}", payload=payload, goal="G1")


async def test_an_answer_survives_that_the_card_is_shown_meanwhile() -> None:
    """A card that moved but is still open takes the answer at its new version."""
    world = await asked()
    shown = CardShown(card=world.card.card, conversation=HERE, channel="memory", receipt="r")
    meanwhile(world, CardDecided, on_card(world, shown))
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1


async def test_a_decision_of_another_day_is_told_with_its_day() -> None:
    """Today's has its time alone."""
    world = await asked()
    await world.decide("reject")
    assert (await card_view(world.kernel, world.card.card)).decided_at == "09:00"
    world.clock.advance(86_400)
    told = (await card_view(world.kernel, world.card.card)).decided_at
    assert told == f"{world.clock.now() - timedelta(days=1):%-d %b %H:%M}"


async def test_of_two_answers_at_once_one_wins() -> None:
    """The answer that comes second by a hair is told who was first."""
    world = await asked()
    other = CardDecided(
        card=world.card.card, conversation=HERE, verdict="reject", by="ada", via="slack"
    )
    meanwhile(world, CardDecided, on_card(world, other))
    with pytest.raises(BadInputError, match=r"already rejected by ada, 09:00"):
        await world.decide()
    await world.drain(HERE)
    assert world.probe("probe.high").effects == []
    assert len(world.events(CardDecided)) == 1


async def test_an_answer_and_an_expiry_at_once() -> None:
    """A card that expires while it is answered is expired."""
    world = await asked()
    expired = CardExpired(card=world.card.card, conversation=HERE, reason="too late")
    meanwhile(world, CardDecided, on_card(world, expired))
    with pytest.raises(BadInputError, match="has expired: too late"):
        await world.decide()


async def test_a_stop_and_an_answer_at_once() -> None:
    """A stop that comes right after the answer does not expire the answered card."""
    world = await asked()
    decided = CardDecided(
        card=world.card.card, conversation=HERE, verdict="accept", by="owner", via="memory"
    )
    meanwhile(world, GoalStopped, on_card(world, decided))
    await stop_goals(world.kernel, HERE, None, "owner")
    assert world.events(CardExpired) == []
    assert len(world.events(GoalStopped)) == 1
    await world.drain(HERE)
    assert world.probe("probe.high").effects == []


async def test_a_card_that_was_never_opened_is_unknown() -> None:
    """A stream without its first event is no card."""
    world = World()
    shown = CardShown(card="C1", conversation=HERE, channel="memory")
    await world.append("card:C1", shown)
    with pytest.raises(UnknownThingError, match="was never opened"):
        await card_view(world.kernel, "C1")


async def test_a_card_that_cannot_be_edited_says_so() -> None:
    """A doubt is accepted or rejected, never edited."""
    world = World()
    world.probe("probe.plain").after.append(ValueError("a bug"))
    await world.say("do", plan(do("a", "probe.plain", text="x")))
    with pytest.raises(BadInputError, match="cannot be edited"):
        await world.decide("edit", edits={world.card.items[0].marker: {"text": "y"}})


async def test_secrets_in_a_reason_are_redacted() -> None:
    """A reason is stored without the secrets in it."""
    world = World(Setup(secrets=["hunter2-hunter2"]))
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide("reject", reason="not with hunter2-hunter2")
    (decided,) = await world.told(CardDecided)
    assert decided.reason is not None
    assert decided.reason.text == "not with [secret]"


async def test_an_action_that_is_gone_is_told() -> None:
    """A card may outlive its action: accepting it then is one sentence and no effect."""
    world = await asked()
    probe = world.probes.pop("probe.high")
    world.restart()
    await world.decide()
    assert probe.effects == []
    assert "There is no action 'probe.high' here" in world.surface.texts[-1]
    await world.still()


async def test_a_paid_action_is_reserved_and_settled() -> None:
    """What an action may cost is set aside before it runs and replaced by what it did cost."""
    world = World()
    world.probe("probe.low").usd = Decimal("0.10")
    await world.say("do", plan(do("a", "probe.low", text="x")))
    assert [p.usd for p in world.events(BudgetReserved)] == [Decimal("0.10")]
    assert [p.usd for p in world.events(BudgetSettled)] == [Decimal(0)]
    assert await world.rows("spend", group="hold") == []
    await world.still()


async def test_a_paid_action_that_would_pass_a_cap_is_asked() -> None:
    """An action that would pass a cap waits for a card and has no effect before it is answered."""
    world = World(Setup(caps=Caps(goal=Decimal("0.05"))))
    world.probe("probe.low").usd = Decimal("0.10")
    await world.say("do", plan(do("a", "probe.low", text="x")))
    assert world.card.kind == "budget"
    assert world.probe("probe.low").effects == []
    await world.decide()
    assert len(world.probe("probe.low").effects) == 1
    await world.still()


async def drafted(world: World, name: str, **args: str) -> None:
    """Edit the newest card without deciding it."""
    edits = {world.card.items[0].marker: dict(args)}
    await draft_edit(world.kernel, world.card.card, edits, "owner", name)


async def test_an_always_on_an_edited_card_grants_what_the_edit_says() -> None:
    """The permission is tied to the new recipient, and what runs is the edit."""
    world = await asked()
    await drafted(world, "d1", to="eve")
    await world.decide(always=True)
    assert [args.to for args in world.probe("probe.high").effects] == ["eve"]
    (grant,) = await world.told(GrantGiven)
    assert grant.only["to"].value == "eve"


async def test_an_edit_that_comes_while_a_card_is_accepted_is_not_passed_over() -> None:
    """The accept that loses the race by a hair takes the newest edit, never the one before."""
    world = await asked()
    (item,) = world.card.items
    new = CardDrafted(
        card=world.card.card,
        conversation=HERE,
        edits={item.marker: Erasable.of({**item.args.value, "text": "newest"})},
        by="owner",
    )
    meanwhile(world, CardDecided, on_card(world, new))
    decided = await world.decide()
    assert decided.verdict == "edit"
    assert [args.text for args in world.probe("probe.high").effects] == ["newest"]


async def test_an_edit_is_drafted_once_for_a_message_and_shown_once() -> None:
    """Delivered again it is the same edit; the surface shows it, and a still core stays still."""
    world = await asked()
    await drafted(world, "d1", text="y")
    await drafted(world, "d2", to="eve")
    await world.drain(HERE)
    (view, receipt) = world.surface.updated[-1]
    assert (view.state, receipt, view.title) == ("open", "memory-card-1", "Send to eve")
    assert view.difference == ("- text: x", "+ text: y", "- to: home", "+ to: eve")
    assert len(world.surface.updated) == 1
    await world.still()
    world.restart()
    await world.still()


async def test_an_edit_of_yesterdays_form_still_means_what_it_says() -> None:
    """A log may hold edits that name the changed arguments only."""
    world = await asked()
    (item,) = world.card.items
    edits = {item.marker: Erasable.of({"text": "y"})}
    old = CardDrafted(card=world.card.card, conversation=HERE, edits=edits, by="owner")
    await world.store.append([on_card(world, old)])
    await world.decide()
    assert [args.text for args in world.probe("probe.high").effects] == ["y"]


async def test_an_old_edit_is_not_accepted_in_place_of_the_newest() -> None:
    """Who saw another edit than the card means decides nothing."""
    world = await asked()
    await drafted(world, "d1", text="one")
    first = (await card_view(world.kernel, world.card.card)).draft
    await drafted(world, "d2", text="two")
    with pytest.raises(OutdatedDraftError, match="another edit has replaced it"):
        await world.decide(draft=first)
    await drop_draft(world.kernel, world.card.card, "owner", "d3")
    with pytest.raises(OutdatedDraftError, match="it was taken back"):
        await world.decide(draft=first)
    assert world.events(CardDecided) == []
    await world.decide()
    assert [args.text for args in world.probe("probe.high").effects] == ["x"]
