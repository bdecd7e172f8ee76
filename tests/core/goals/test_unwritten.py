"""What went out while the store failed: written down later, and never sent again for that."""

from collections.abc import Sequence

import pytest

from core.domain.errors import StorageError, StoreAwayError
from core.domain.events import NewEvent
from core.domain.events.gates import CardShown
from core.domain.events.messages import MessageSent
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

FULL = StorageError("The disk is full.")
AWAY = StoreAwayError("The database server does not answer; try again.")


def fails_at(world: World, kind: str, error: Exception, times: int) -> None:
    """Let appends of a type fail so many times."""
    left = [times]

    async def meanwhile(events: Sequence[NewEvent]) -> bool:
        if left[0] and any(new.payload.wire == kind for new in events):
            left[0] -= 1
            raise error
        return not left[0]

    world.store.meanwhile = meanwhile


async def drained(world: World) -> None:
    """Drain as the engine does, until it does not fail any more."""
    for _ in range(5):
        try:
            await world.drain(HERE)
        except (StorageError, StoreAwayError):
            continue
        return
    pytest.fail("it fails for ever")


@pytest.mark.parametrize("error", [FULL, AWAY])
async def test_a_message_that_went_out_is_not_sent_again(error: Exception) -> None:
    """The store failed right after it was sent, twice: one message without a label, one event."""
    world = World(None, "Hello.")
    fails_at(world, "message.sent.v1", error, 2)
    await world.hear("hi")
    await drained(world)
    assert [(one.text, one.repeat) for one in world.surface.sent] == [("Hello.", False)]
    assert len(world.events(MessageSent)) == 1
    await world.still()


@pytest.mark.parametrize("error", [FULL, AWAY])
async def test_a_card_that_was_shown_is_not_shown_again(error: Exception) -> None:
    """It stands there once, and what is decided on it is drawn there."""
    world = World()
    fails_at(world, "card.shown.v1", error, 2)
    world.model.then(plan(do("a", "probe.high", text="x")))
    await world.hear("send it")
    await drained(world)
    assert len(world.surface.shown) == 1
    assert [shown.state for shown in world.events(CardShown)] == ["open"]
    await world.decide()
    assert len(world.probe("probe.high").effects) == 1
    assert len(world.surface.shown) == 1
    await world.still()
