"""However many there are: no answer is made from the newest hundred, or the first thousand."""

from datetime import timedelta

import pytest

from core.access.register import Register
from core.domain.erasable import Erasable
from core.domain.errors import UnknownThingError
from core.domain.events.access import AccessGranted
from core.domain.events.attachments import AttachmentRead
from core.domain.events.gates import GrantGiven
from core.domain.events.memory import FactForgotten, FactLearned
from core.domain.events.messages import MessageQueued, MessageReceived
from core.domain.events.models import BudgetEased
from core.domain.events.operations import OperationFinished, OperationStarted
from core.domain.inbound import Attachment
from core.domain.sources import Source
from core.goals.budgeting import spent_no_more
from core.goals.quiet import quiet_until
from core.goals.taking_in import came_with
from core.memory.at_hand import at_hand
from core.memory.context import OUTSIDE
from core.memory.learning.remember import Said
from core.memory.learning.undone import not_undone
from core.operations.undo import find_undoable
from core.projections.attachments import attachment_id
from core.telemetry.why import find_goal
from tests.core.goals.test_quiet import at_night
from tests.core.support.plans import do, plan
from tests.core.support.world import HERE, World

MANY = 1005


async def operated(world: World, marker: str, *, undo: bool = False, goal: str = "G9") -> None:
    """Append an operation that is done, as somebody else would."""
    same = {"marker": marker, "task": "t1", "action": "probe.low", "attempt": 1}
    started = OperationStarted(
        **same,  # type: ignore[arg-type] # texts and a number
        args=Erasable.of({}),
        impact="low",
        by="auto",
    )
    finished = OperationFinished(
        **same,  # type: ignore[arg-type] # texts and a number
        output=Erasable.of({}),
        said=Erasable.of("Done."),
        undo=Erasable.of({"to": "x"}) if undo else None,
    )
    for payload in (started, finished):
        await world.append(f"goal:{goal}", payload, goal)


async def test_operations_are_found_however_many_came_after() -> None:
    """The newest that can be undone, one by the beginning of its marker, by goal, and in /why."""
    world = World()
    await operated(world, "abcdef0123", undo=True, goal="G1")
    for number in range(MANY):
        await operated(world, f"{number:08}ff")
    for name in (None, "abcdef0123", "ABCDEF", "G1"):
        assert (await find_undoable(world.kernel, name)).key == "abcdef0123"
    assert await find_goal(world.kernel, HERE, "abcdef01") == "G1"
    with pytest.raises(UnknownThingError):
        await find_undoable(world.kernel, "abcde")


async def test_a_grant_among_many_covers() -> None:
    """The one that fits is found behind a thousand that do not."""
    world = World()
    for number in range(MANY):
        grant = f"P{number:06}"
        only = {"to": Erasable.of(f"person {number}")}
        given = GrantGiven(grant=grant, action="probe.high", by="owner", only=only)
        await world.append(f"grant:{grant}", given)
    await world.say("send", plan(do("a", "probe.high", to=f"person {MANY - 1}", text="x")))
    assert len(world.probe("probe.high").effects) == 1


async def test_every_owner_is_an_owner() -> None:
    """The list of owners has all of them, in the order of their pairing."""
    world = World()
    for number in range(MANY):
        payload = AccessGranted(
            channel="memory",
            standing="owner",
            ident=f"{MANY - number}",
            name=Erasable.of("x"),
            how="code",
        )
        await world.append("access:memory", payload)
    owners = await Register(world.kernel, "memory", frozenset({"me"})).owners()
    assert owners == ["me", *(str(MANY - number) for number in range(MANY))]


async def test_a_choice_to_spend_no_more_holds() -> None:
    """A choice of today is found behind those of every other day."""
    world = World()
    await world.say("hello", "hi")
    (state,) = await world.goals()
    for number in range(MANY):
        await world.append("budget", BudgetEased(scope=f"day:{number}", card="C1"))
    assert await spent_no_more(world.kernel, state) is None
    scope = f"day:{world.kernel.ledger.today()}"
    await world.append("budget", BudgetEased(scope=scope, card="C2"))
    assert await spent_no_more(world.kernel, state) == "C2"


async def test_who_was_there_just_now_is_there() -> None:
    """A hundred replies since the owner's message do not make a night of it; ten minutes do."""
    world = at_night()
    await world.hear("start")
    for number in range(100):
        text = Erasable.of(f"reply {number}")
        queued = MessageQueued(message=f"R{number}", conversation=HERE, kind="reply", text=text)
        await world.append(f"conversation:{HERE}", queued)
    assert await quiet_until(world.kernel, HERE) is None
    world.clock.advance(timedelta(minutes=11).total_seconds())
    assert await quiet_until(world.kernel, HERE) is not None


async def _file(world: World, message: str, number: int) -> str:
    name = attachment_id(message, number)
    read = AttachmentRead(
        attachment=name,
        message=message,
        conversation=HERE,
        kind="file",
        digest="d" * 64,
        size=1,
        title=Erasable.of(""),
        text=Erasable.of(f"text of {name}"),
        characters=5,
    )
    await world.append(f"conversation:{HERE}", read)
    return name


async def _received(world: World, message: str, files: int, replies_to: str | None = None) -> None:
    one = Attachment(name="x.txt", media_type="text/plain", size=1, ref="one")
    received = MessageReceived(
        message=message,
        channel="memory",
        conversation=HERE,
        sender="ada",
        owner=True,
        text=Erasable.of("look"),
        sent_at=world.clock.now(),
        attachments=(one,) * files,
        replies_to=replies_to,
    )
    await world.append(f"conversation:{HERE}", received)


async def test_a_file_is_at_hand_where_its_message_is_answered() -> None:
    """Also the first of many; all that came with the message itself; and the rest is counted."""
    world = World()
    await _received(world, "M1", 1)
    first = await _file(world, "M1", 0)
    await _received(world, "M2", 150)
    for number in range(150):
        await _file(world, "M2", number)
    hands = await at_hand(world.store, HERE)
    assert first not in {hand.id for hand in hands}
    await _received(world, "M3", 0, replies_to="M1")
    meant = {hand.id: hand.told for hand in await at_hand(world.store, HERE, ["M3"])}
    assert meant[first].endswith("the owner answers it")
    own = await at_hand(world.store, HERE, ["M2"])
    assert len(own) == 150
    prompt = (await world.kernel.recall.build(HERE, "what now?")).prompt
    assert "and 139 older: at hand where the owner answers that message" in prompt


async def test_all_files_of_a_message_come_with_it() -> None:
    """A message with many files, and many files since: it has all of its own."""
    world = World()
    await _received(world, "M1", 120)
    for number in range(120):
        await _file(world, "M1", number)
    for number in range(200):
        await _received(world, f"N{number}", 1)
        await _file(world, f"N{number}", 0)
    state = (await world.kernel.goal("G1")).__class__(id="G1", conversation=HERE, messages=("M1",))
    assert len(await came_with(world.kernel, state)) == 120


async def test_open_goals_and_handles_are_counted() -> None:
    """What has no line of its own in a prompt is a number there, never nothing."""
    world = World()
    for number in range(8):
        await world.say(f"send {number}", plan(do("a", "probe.high", to=f"p{number}")))
    source = Source(kind="web", ref="x")
    for number in range(40):
        fact = FactLearned(
            fact=f"K{number}", text=Erasable.of(f"goats eat {number}"), by="x", sources=(source,)
        )
        await world.append(f"fact:K{number}", fact)
    prompt = (await world.kernel.recall.build(HERE, "what do goats eat?")).prompt
    assert "and 3 more open goals: /goals lists them" in prompt
    assert OUTSIDE in prompt


async def test_what_was_taken_back_stays_so() -> None:
    """A fact that was undone long ago is not learned again from the words that told it."""
    world = World()
    at = world.clock.now()
    for name in ("first", *(f"n{number}" for number in range(300))):
        text = Erasable.of("My bank is Acme." if name == "first" else f"My car is number {name}.")
        await world.append(f"fact:{name}", FactLearned(fact=name, text=text, by="G1"))
        await world.append(f"fact:{name}", FactForgotten(fact=name))
    told = [Said("My bank is Acme.", "", "G2", at - timedelta(days=1))]
    assert await not_undone(world.kernel, "G2", told) == []
