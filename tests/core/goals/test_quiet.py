from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.events.gates import CardShown
from core.goals.drain import Drain
from core.memory.profile.live import LiveProfile
from core.memory.profile.model import OwnerProfile
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

NIGHT = datetime(2026, 11, 2, 23, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)
LATER = timedelta(minutes=11)


def at_night() -> World:
    """Return a core at half past eleven with quiet hours from ten to seven."""
    world = World()
    until = LiveProfile(OwnerProfile(quiet_hours="22:00-07:00")).quiet_until
    world.kernel = replace(world.kernel, quiet_until=until)
    world.drain = Drain(world.kernel, world._wake)
    world.clock.set(NIGHT)
    return world


async def asked(world: World, *, away: timedelta) -> None:
    """Have something asked while the owner has been away for a while."""
    await world.hear("send it")
    world.clock.advance(away.total_seconds())
    world.model.then(plan(do("a", "probe.high", to="bob")))
    await world.drain(HERE)


async def test_a_card_waits_for_the_morning() -> None:
    """At night a card is opened and not shown; the engine is asked to come back at seven."""
    world = at_night()
    await asked(world, away=LATER)
    assert [row.state for row in await world.rows("cards", "open")] == ["open"]
    assert world.surface.shown == []
    assert world.wakes[-1] == (HERE, MORNING)
    world.clock.set(MORNING)
    await world.drain(HERE)
    assert len(world.surface.shown) == 1
    assert len(world.events(CardShown)) == 1


async def test_a_card_that_was_held_back_survives_a_restart() -> None:
    """What the night held back is shown by the process that is there in the morning."""
    world = at_night()
    await asked(world, away=LATER)
    world.restart()
    world.clock.set(MORNING)
    await world.drain(HERE)
    assert len(world.surface.shown) == 1


async def test_who_is_there_and_waits_is_answered_at_night_too() -> None:
    """Right after a message of the owner nothing is held back."""
    world = at_night()
    await asked(world, away=timedelta(minutes=2))
    assert len(world.surface.shown) == 1


async def test_a_card_can_be_answered_while_it_is_held_back() -> None:
    """From the inbox, say: the effect happens, and the card is never shown as open."""
    world = at_night()
    await asked(world, away=LATER)
    (row,) = await world.rows("cards", "open")
    await world.decide("accept", row.key)
    assert len(world.probe("probe.high").effects) == 1
    world.clock.set(MORNING)
    await world.drain(HERE)
    assert [view.state for view in world.surface.shown] == []


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-07:00", NIGHT, MORNING),
        ("22:00-07:00", NIGHT + timedelta(hours=3), MORNING),
        ("22:00-07:00", MORNING, None),
        ("13:00-14:00", datetime(2026, 11, 2, 13, tzinfo=UTC), 14),
        (None, NIGHT, None),
    ],
)
def test_when_quiet_hours_end(
    hours: str | None, now: datetime, until: datetime | int | None
) -> None:
    """Over midnight too; the end itself is not quiet."""
    ends = now.replace(hour=until) if isinstance(until, int) else until
    profile = LiveProfile(OwnerProfile(quiet_hours=hours))
    assert profile.quiet_until(now) == ends
