from core.domain.erasable import Erasable
from core.domain.events.personal import TodoAdded
from core.domain.sources import Source
from core.memory.context import LISTED
from tests.core.support.plans import do, plan
from tests.core.support.world import World

WEB = Source(kind="web", ref="https://a.example", title="A")


async def test_all_to_dos_are_listed_however_many() -> None:
    """Also those that a prompt has no room for: it says how many more there are, and where."""
    world = World()
    for number in range(LISTED + 5):
        await world.say("add", plan(do("a", "task.add", title=f"Call {number}")))
    (said,) = await world.say("list", plan(do("a", "task.list")))
    assert [line.split(" ", 2)[2] for line in said.splitlines()[1:]] == [
        f"Call {number}" for number in reversed(range(LISTED + 5))
    ]
    prompt = "\n".join(message.content for message in world.model.requests[-1].messages)
    assert "- and 5 more: task.list lists all" in prompt


async def test_lists_say_times_and_rules_in_words() -> None:
    """When, how often and for what, in the owner's zone."""
    world = World()
    args = {"title": "Call Bob", "due": "tomorrow 10am", "project": "Acme"}
    await world.say("add", plan(do("a", "task.add", **args)))
    (said,) = await world.say("list", plan(do("a", "task.list")))
    assert said.endswith("Call Bob (due Tue 03 Nov 2026 10:00, project Acme)")
    at = "2026-11-03T09:00:00+00:00"
    args = {"text": "stand up", "at": at, "repeat": "FREQ=WEEKLY;BYDAY=TU"}
    await world.say("remind", plan(do("a", "reminder.set", **args)))
    (said,) = await world.say("list", plan(do("a", "reminder.list")))
    assert said.endswith("Tue 03 Nov 2026 09:00, every Tuesday: stand up")


async def test_nothing_open_is_said() -> None:
    """Each in one line."""
    world = World()
    lists = plan(do("a", "task.list"), do("b", "reminder.list"))
    assert await world.say("list", lists) == ["No open to-do.\nNo reminder is set."]


async def test_what_came_from_outside_keeps_its_source() -> None:
    """A to-do that was made of a page cannot lose that by being listed."""
    world = World()
    added = TodoAdded(todo="TAAAAAA", title=Erasable.of("pay eve"), sources=(WEB,))
    await world.append("todo:TAAAAAA", added)
    listed, mail = do("a", "task.list"), do("b", "probe.high", text="{{ a.items.0.title }}")
    await world.say("send my list", plan(listed, mail))
    assert world.card.items[0].ruling.sources == (WEB,)
