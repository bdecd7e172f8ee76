"""Chats that take nothing: written down, and left alone."""

from core.domain.errors import UndeliverableError
from core.domain.events import NewEvent
from core.domain.events.gates import CardShown, CardUndeliverable
from core.domain.events.messages import MessageSent, MessageUndeliverable
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

BLOCKED = UndeliverableError("Blocked by the user.")


async def test_a_message_to_a_blocked_chat_is_not_tried_for_ever() -> None:
    """One attempt, one event; what is said later is tried again."""
    world = World(None, "Hello.", "Welcome back.")
    world.surface.failures.append(BLOCKED)
    await world.say("hi")
    await world.drain(HERE)
    (event,) = world.events(MessageUndeliverable)
    assert (event.channel, event.error) == ("memory", "Blocked by the user.")
    assert world.surface.sent == []
    world.restart()
    await world.drain(HERE)
    assert world.surface.sent == []
    await world.say("again")
    assert world.surface.texts[0] == "Welcome back."
    assert len(world.events(MessageSent)) == 2


async def test_what_was_lost_is_named_once_the_chat_takes_again() -> None:
    """Once, whatever happens in between; words of others are not repeated in it."""
    world = World(None, "Hello, Ada.", "Welcome back.", "And again.", "Lost too.", "Once more.")
    world.surface.failures.append(BLOCKED)
    await world.say("hi")
    world.restart()
    (welcome, named) = await world.say("again")
    assert welcome == "Welcome back."
    assert named.startswith("One message could not be delivered here")
    assert "“Hello, Ada.” (G1: /why G1)" in named
    assert await world.say("and again") == ["And again."]
    world.surface.failures.append(BLOCKED)
    await world.say("are you there")
    (_, named) = await world.say("hello")
    assert "Lost too." in named
    assert "Hello, Ada." not in named
    await world.still()


async def test_a_notice_that_is_lost_itself_is_made_anew() -> None:
    """It names everything that was lost, itself apart."""
    world = World(None, "One.", "Two.", "Three.")
    world.surface.failures.append(BLOCKED)
    await world.say("a")
    world.surface.failures.extend([None, BLOCKED])
    await world.say("b")
    (_, named) = await world.say("c")
    assert "“One.”" in named
    assert named.startswith("One message")


async def test_a_card_to_a_blocked_chat_waits_in_the_inbox() -> None:
    """It is open, can be decided elsewhere, and its effect happens once."""
    world = World()
    world.surface.failures.append(BLOCKED)
    await world.say("send", plan(do("a", "probe.high", text="x")))
    (event,) = world.events(CardUndeliverable)
    assert event.final
    await world.drain(HERE)
    assert world.surface.shown == []
    row = await world.store.get("cards", event.card)
    assert row is not None
    assert row.state == "open"
    await world.decide(card=event.card)
    assert len(world.probe("probe.high").effects) == 1


async def test_a_surface_that_follows_shows_what_came_of_a_card() -> None:
    """First that it was decided, then the result; a restart in between changes nothing."""
    world = World()
    world.surface.follows_results = True
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide()
    first, last = world.surface.updated[0][0], world.surface.updated[-1][0]
    assert first.verdict == last.verdict == "accept"
    assert last.results == ("Sent 'x' to home.",)
    world.restart()
    await world.drain(HERE)
    assert world.surface.updated[-1][0] == last
    await world.still()


async def test_a_result_that_comes_while_the_verdict_is_shown_is_shown_too() -> None:
    """The surface is slow: the operation ends while the card is being rewritten."""
    world = World()
    world.surface.follows_results = True
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.decide()
    verdict_only = CardShown(
        card=world.card.card,
        conversation=HERE,
        channel="memory",
        receipt="memory-card-1",
        state="decided",
        follows=True,
    )
    updates = len(world.surface.updated)
    event = NewEvent(stream=f"card:{world.card.card}", payload=verdict_only)
    await world.kernel.log.append([event])
    await world.drain(HERE)
    assert len(world.surface.updated) == updates + 1
    assert world.surface.updated[-1][0].results == ("Sent 'x' to home.",)
    await world.still()
