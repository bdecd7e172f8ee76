"""Many messages from a time of absence are one question; nothing of them is lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.domain.errors import UnknownThingError
from core.domain.events.attachments import AttachmentRead
from core.domain.events.goals import GoalStarted
from core.domain.events.messages import BacklogDecided, BacklogHeld, MessageReceived
from core.goals.backlog import MOST, PART, What, decide_backlog
from tests.core.goals.test_voice import spoken, voiced
from tests.core.support.world import HERE, World

THERE = "memory:2"


async def away(
    world: World,
    count: int,
    where: str = HERE,
    ago: int = 60,
    **more: Any,  # noqa: ANN401 - the other fields of Inbound
) -> None:
    """Let the owner have written messages, a minute apart, from so many minutes ago."""
    sent = world.clock.now() - timedelta(minutes=ago)
    for number in range(count):
        at = sent + timedelta(minutes=number)
        await world.hear(f"late {ago} {number}", where=where, sent_at=at, **more)


async def drain(world: World) -> None:
    """Let both conversations advance until what was woken is done."""
    for where in (HERE, THERE, HERE, THERE):
        await world.drain(where)


async def decide(world: World, what: What) -> str:
    """Say what becomes of the backlog, from here."""
    said, woken = await decide_backlog(world.kernel, what, HERE, "owner")
    for where in woken:
        await world.drain(where)
    return said


async def test_a_few_late_messages_are_answered_without_a_question() -> None:
    """Twenty are."""
    world = World()
    await away(world, MOST)
    world.model.then(*["Yes."] * MOST)
    await world.drain(HERE)
    assert world.surface.texts == ["Yes."] * MOST
    assert world.events(BacklogHeld) == []


async def test_many_late_messages_are_one_question_wherever_they_came() -> None:
    """It names their number and cost, is asked once also by a new process, and begins nothing."""
    world = World()
    assert await world.say("hello", "Hello.") == ["Hello."]
    await away(world, 11)
    await away(world, 10, THERE, 30)
    await drain(world)
    world.restart()
    await drain(world)
    (question,) = world.surface.sent[1:]
    assert question.conversation == THERE
    assert question.text.startswith(
        "You wrote 21 messages while I was away, from Mon 08:00 to Mon 08:39. None is answered yet."
    )
    assert "answer all of them (about $0.0" in question.text
    lines = [choice.line for choice in question.choices]
    assert lines == ["/backlog all", "/backlog newest", "/backlog summary"]
    assert len(world.events(GoalStarted)) == 1
    assert len(world.model.requests) == 1
    await world.still()
    assert await world.say("and now?", "I am here.") == ["I am here."]
    await world.still()


async def test_all_are_answered_in_their_order() -> None:
    """Each gets its goal, once, in its conversation."""
    world = World()
    await away(world, 15)
    await away(world, 15, THERE, 30)
    await drain(world)
    world.model.then(*[f"a{n}" for n in range(30)])
    assert await decide(world, "all") == "I answer all 30 now, in their order."
    assert [out.text for out in world.surface.sent[1:]] == [f"a{n}" for n in range(30)]
    assert len({m for goal in world.events(GoalStarted) for m in goal.messages}) == 30
    with pytest.raises(UnknownThingError):
        await decide(world, "newest")
    await world.still()


async def test_of_two_answers_at_once_one_counts() -> None:
    """The other one is told that nothing waits any more, not that it was done."""
    world = World()
    await away(world, MOST + 1)
    await world.drain(HERE)
    said = await asyncio.gather(
        decide_backlog(world.kernel, "newest", HERE, "owner"),
        decide_backlog(world.kernel, "all", HERE, "owner"),
        return_exceptions=True,
    )
    assert [isinstance(one, UnknownThingError) for one in said].count(True) == 1
    assert len(world.events(BacklogDecided)) == 1


async def test_only_the_newest_is_answered_and_the_others_are_kept() -> None:
    """The newest by the time it was sent, whatever came first."""
    world = World()
    await away(world, 15, HERE, 30)
    await away(world, 15, THERE, 60)
    await drain(world)
    world.model.then("Only this.")
    await decide(world, "newest")
    (goal,) = world.events(GoalStarted)
    assert goal.conversation == HERE
    assert world.surface.texts[-1] == "Only this."
    (decided,) = world.events(BacklogDecided)
    assert (len(decided.answered), len(decided.aside)) == (1, 29)
    assert len(await world.rows("messages", "aside")) == 29
    assert len(await world.rows("window")) > 30
    await world.still()


async def test_a_summary_holds_every_word() -> None:
    """One request of the owner with all of them, in parts where they are long; none is begun."""
    world = World()
    await away(world, MOST + 1)
    await world.hear("x" * PART, sent_at=world.clock.now() - timedelta(hours=3))
    await drain(world)
    world.model.then("Two parts.", "Second part.")
    await decide(world, "summary")
    asked = [p for p in await world.told(MessageReceived) if p.text.text.startswith("Sum up")]
    text = "\n".join(payload.text.text for payload in asked)
    assert len(asked) == 2
    assert "(part 1 of 2)" in asked[0].text.text
    assert all(f"late 60 {number}\n" in f"{text}\n" for number in range(MOST + 1))
    assert "x" * PART in text
    assert world.surface.texts[-2:] == ["Two parts.", "Second part."]
    await world.still()


async def test_what_comes_while_it_is_asked_belongs_to_it() -> None:
    """Another late message waits too, without a second question; one sent now does not."""
    world = World()
    await away(world, MOST + 1)
    await world.drain(HERE)
    await away(world, 1, HERE, 10)
    await world.drain(HERE)
    assert len(world.surface.sent) == 1
    world.model.then(*["Yes."] * (MOST + 2))
    assert await decide(world, "all") == f"I answer all {MOST + 2} now, in their order."
    await world.still()


async def test_a_backlog_is_counted_when_no_more_comes() -> None:
    """While messages still settle none is begun, so that the first are not answered one by one."""
    world = World()
    for number in range(MOST + 1):
        settles = world.clock.now() + timedelta(seconds=0.7)
        await away(world, 1, HERE, 60 - number, settles=settles)
        await world.drain(HERE)
        world.clock.advance(1)
    assert world.events(GoalStarted) == []
    assert world.surface.sent == []
    until = max(at for _, at in world.wakes if at is not None)
    world.clock.advance((until - world.clock.now()).total_seconds())
    await world.drain(HERE)
    assert len(world.surface.sent) == 1
    assert world.events(GoalStarted) == []
    await world.still()


async def test_words_of_others_are_no_part_of_a_backlog() -> None:
    """Words of strangers and what was forwarded are outside text, and are not counted."""
    world = World()
    await away(world, MOST)
    await away(world, 30, HERE, 90, owner=False)
    await away(world, 30, HERE, 90, forwarded=True)
    world.model.then(*["Yes."] * MOST)
    await world.drain(HERE)
    assert world.events(BacklogHeld) == []


async def pieces(world: World, count: int) -> None:
    """Let the owner have written something in pieces ten minutes ago, or sent an album."""
    sent, settles = (world.clock.now() + timedelta(seconds=by) for by in (-600, 0.7))
    for number in range(count):
        await world.hear(f"piece {number}", sent_at=sent, settles=settles)
    world.clock.advance(10)


async def test_what_was_sent_together_is_answered_together() -> None:
    """An album, or words in pieces: one turn after the question as it would be without one."""
    world = World()
    await away(world, MOST)
    await pieces(world, 4)
    await world.drain(HERE)
    world.model.then(*["Yes."] * (MOST + 1))
    await decide(world, "all")
    assert [len(goal.messages) for goal in world.events(GoalStarted)] == [*[1] * MOST, 4]
    await world.still()


async def test_the_newest_is_all_that_was_sent_together() -> None:
    """The words that came with the last picture of an album stand below the first."""
    world = World()
    await away(world, MOST, THERE, 30)
    await pieces(world, 4)
    await drain(world)
    world.model.then("Only these.")
    await decide(world, "newest")
    (decided,) = world.events(BacklogDecided)
    assert (len(decided.answered), len(decided.aside)) == (4, MOST)
    (goal,) = world.events(GoalStarted)
    assert goal.messages == decided.answered
    await world.still()


@pytest.mark.parametrize(
    ("what", "written"),
    [("newest", 1), ("all", MOST + 1), ("summary", MOST + 1)],
)
async def test_nobody_pays_for_speech_before_the_owner_says_so(what: What, written: int) -> None:
    """Held recordings are not written down for another goal; then those that are wanted are."""
    world = voiced(*["words"] * (MOST + 1))
    await away(world, MOST + 1, attachments=(spoken(),))
    await world.drain(HERE)
    await world.say("and now?", "I am here.")
    assert world.events(AttachmentRead) == []
    world.model.then(*["Yes."] * (MOST + 1))
    await decide(world, what)
    assert len(world.events(AttachmentRead)) == written
    await world.say("and then?", "I am here.")
    assert len(world.events(AttachmentRead)) == written
    await world.still()


async def test_each_goal_pays_for_its_own_speech() -> None:
    """The first of several that are begun at once leaves to the others what came with them."""
    world = voiced("one", "two", "three")
    for _ in range(3):
        await world.hear("", attachments=(spoken(),))
    world.model.then("Yes.", "Yes.", "Yes.")
    await world.drain(HERE)
    read = [event for event in world.store.stored if event.type == AttachmentRead.wire]
    assert [event.goal for event in read] == [goal.id for goal in await world.goals()]


async def test_a_reply_to_what_was_put_aside_looks_at_it() -> None:
    """It is wanted then."""
    world = voiced("one", "two")
    await away(world, MOST + 1, attachments=(spoken(),))
    await world.drain(HERE)
    world.model.then("Yes.")
    await decide(world, "newest")
    first = min(await world.rows("messages", "aside"), key=lambda row: row.doc["sent_at"])
    world.model.then("That one.")
    await world.hear("what did I say here?", replies_to=first.key)
    await world.drain(HERE)
    assert [read.message for read in world.events(AttachmentRead)][1:] == [first.key]
