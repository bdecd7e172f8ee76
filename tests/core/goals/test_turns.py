"""What is sent in pieces is one turn, where a surface lets it settle."""

from datetime import timedelta

from core.domain.events.goals import GoalFinished, GoalStarted, TaskFinished
from core.domain.events.messages import MessageQueued, MessageReceived
from core.domain.events.operations import OperationFinished
from core.domain.inbound import Attachment
from core.goals.starting import MOST_AT_ONCE
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

SOON = timedelta(seconds=0.7)


async def test_pieces_are_one_turn_once_they_have_settled() -> None:
    """Nothing is planned before; then one goal answers all of them, in their order."""
    world = World()
    for text in ("first the milk", "then the bread"):
        await world.hear(text, settles=world.clock.now() + SOON)
        world.clock.advance(0.3)
    await world.drain(HERE)
    assert world.events(GoalStarted) == []
    assert world.wakes[-1][1] is not None
    world.clock.advance(1)
    world.model.then("All noted.")
    await world.drain(HERE)
    (started,) = world.events(GoalStarted)
    assert len(started.messages) == 2
    assert world.model.requests[-1].messages[-1].content == "first the milk\nthen the bread"
    assert world.surface.texts == ["All noted."]


async def test_what_is_the_same_text_is_stored_once() -> None:
    """A short message is its goal's title, a reply its end, a result that of its task."""
    world = World()
    await world.say("note milk", plan(do("a", "probe.low", text="milk")))
    (received,), (started,) = world.events(MessageReceived), world.events(GoalStarted)
    (finished,), (queued,) = world.events(GoalFinished), world.events(MessageQueued)
    (done,), (task,) = world.events(OperationFinished), world.events(TaskFinished)
    assert started.title.ref == received.text.ref
    assert finished.reply == queued.text
    assert (done.output, done.said) == (task.output, task.said)
    (told,) = await world.told(GoalStarted)
    assert told.title.text == "note milk"
    assert (await world.store.verify()).problem is None


async def test_a_long_message_has_a_title_of_its_own() -> None:
    """Its first line, or as much of that as a list has room for."""
    world = World()
    await world.say("buy milk\nand bread", "Fine.")
    (received,), (started,) = world.events(MessageReceived), await world.told(GoalStarted)
    assert started.title.ref != received.text.ref
    assert started.title.text == "buy milk"


async def test_what_settled_before_is_a_turn_of_its_own() -> None:
    """A message that comes after the other has settled is not drawn into it."""
    world = World()
    await world.hear("one", settles=world.clock.now() + SOON)
    world.clock.advance(1)
    await world.hear("two", settles=world.clock.now() + SOON)
    world.clock.advance(1)
    world.model.then("1", "2")
    await world.drain(HERE)
    assert world.surface.texts == ["1", "2"]


async def test_what_was_sent_hours_apart_is_no_turn_though_it_came_together() -> None:
    """Messages from a time of absence come at once and are answered one by one."""
    world, now = World(), None
    for hours in (3, 1):
        now = world.clock.now()
        sent = now - timedelta(hours=hours)
        await world.hear(f"sent {hours} h ago", settles=now + SOON, sent_at=sent)
    world.clock.advance(10)
    world.model.then("1", "2")
    await world.drain(HERE)
    assert len(world.events(GoalStarted)) == 2


async def test_a_turn_has_an_end() -> None:
    """Twenty messages at the most; what comes beyond is the next turn."""
    world = World()
    for number in range(MOST_AT_ONCE + 1):
        await world.hear(f"piece {number}", settles=world.clock.now() + SOON)
    world.clock.advance(1)
    world.model.then("1", "2")
    await world.drain(HERE)
    assert [len(started.messages) for started in world.events(GoalStarted)] == [MOST_AT_ONCE, 1]


async def test_what_nobody_lets_settle_is_looked_at_at_once() -> None:
    """Lines of a terminal stay what they were: each its own goal."""
    world = World()
    await world.hear("one")
    await world.hear("two")
    world.model.then("1", "2")
    await world.drain(HERE)
    assert world.surface.texts == ["1", "2"]


async def test_a_message_that_waits_is_due_after_a_restart() -> None:
    """The engine finds it by the agenda: no timer of the process that took it in is needed."""
    world = World()
    await world.hear("hello", settles=world.clock.now() + SOON)
    (row,) = await world.rows("messages", "new")
    assert row.due == world.clock.now() + SOON
    world.clock.advance(1)
    world.restart()
    world.model.then("Hi.")
    await world.drain(HERE)
    assert world.surface.texts == ["Hi."]
    (row,) = await world.rows("messages", "taken")
    assert row.due is None


async def test_what_was_edited_while_it_settled_is_looked_at_in_its_new_form_alone() -> None:
    """Its first form begins nothing; the other pieces of the turn stay."""
    world = World()
    await world.hear("buy milk", settles=world.clock.now() + SOON, dedupe="first")
    await world.hear("and bread", settles=world.clock.now() + SOON)
    await world.hear("buy oat milk", settles=world.clock.now() + SOON, replaces="first")
    world.clock.advance(1)
    world.model.then("Noted.")
    await world.drain(HERE)
    assert world.model.requests[-1].messages[-1].content == "and bread\nbuy oat milk"
    assert len(world.events(GoalStarted)) == 1


async def test_what_is_written_with_a_file_means_that_file() -> None:
    """Two files, each with words, are two turns, however soon one follows the other."""
    world = World()
    for number in range(2):
        world.surface.files[f"f{number}"] = b"text"
        sent = Attachment(name="a.txt", media_type="text/plain", size=4, ref=f"f{number}")
        settles = world.clock.now() + SOON
        await world.hear(f"note this {number}", settles=settles, attachments=(sent,))
        await world.hear("", settles=settles, attachments=(sent,))
    world.clock.advance(1)
    world.model.then("1", "2")
    await world.drain(HERE)
    assert [len(started.messages) for started in world.events(GoalStarted)] == [2, 2]
    asked = [request.messages[-1].content for request in world.model.requests]
    assert asked == ["note this 0", "note this 1"]
