import pytest

from core.domain.errors import BadInputError, UnknownThingError
from core.domain.events.memory import FactLearned
from core.domain.events.personal import TodoAdded
from core.operations.registry import ActionRegistry
from core.ports.action import ActionResult, Found, Trace
from tests.core.support.actions import Low, Probe, ProbeArgs
from tests.core.support.plans import do, plan
from tests.core.support.world import World


async def test_a_to_do_has_its_due_time_and_project() -> None:
    """A due time in words becomes an ISO time, and the account names what was written down."""
    world = World()
    args = {"title": "Call Bob", "due": "tomorrow 10am", "project": "Acme"}
    (said,) = await world.say("add", plan(do("a", "task.add", **args)))
    (row,) = await world.rows("todos")
    assert said == (f"To-do {row.key}: Call Bob (due Tue 03 Nov 2026 10:00, project Acme).")
    assert (row.group, row.state) == ("Acme", "open")
    assert len(world.events(TodoAdded)) == 1


async def test_an_unknown_to_do_names_the_open_ones() -> None:
    """Marking what is not there as done lists what is."""
    world = World()
    (said,) = await world.say("done", plan(do("a", "task.done", id="TXXXXXX")))
    assert "There is no to-do 'TXXXXXX'; open ones: none." in said
    await world.say("add", plan(do("a", "task.add", title="Call")))
    (row,) = await world.rows("todos")
    said = (await world.say("done", plan(do("a", "task.done", id="TXXXXXX"))))[-1]
    assert f"open ones: {row.key}." in said


async def test_a_due_time_that_is_none_is_refused() -> None:
    """Words that name no time fail the task with a sentence."""
    world = World()
    (said,) = await world.say("add", plan(do("a", "task.add", title="x", due="someday maybe")))
    assert said.startswith("Failed (task.add): ")
    assert await world.rows("todos") == []


async def test_facts_are_kept_and_found() -> None:
    """A remembered fact is found by its words, and nothing is found for other words."""
    world = World()
    await world.say("remember", plan(do("a", "memory.remember", text="Bob likes green tea")))
    assert len(world.events(FactLearned)) == 1
    (said,) = await world.say("search", plan(do("a", "memory.search", query="tea?")))
    assert said == "- Bob likes green tea"
    (said,) = await world.say("search", plan(do("a", "memory.search", query="zebras")))
    assert said == "I have nothing on that."


async def test_own_actions_say_on_a_card_what_they_would_do() -> None:
    """Each own action has a preview that a card can show."""
    world = World()
    low = {"confidence": 0.1}
    await world.say("x", plan({**do("a", "task.add", title="Call", project="Acme"), **low}))
    assert world.card.title == "Add a to-do: Call"
    assert world.card.items[0].body.text == "project Acme"
    at = "2026-11-03T09:00:00+00:00"
    args = {"text": "stand up", "at": at, "repeat": "FREQ=DAILY"}
    await world.say("x", plan({**do("a", "reminder.set", **args), **low}))
    assert world.card.title == "Remind you at Tue 03 Nov 2026 09:00 (UTC+0000), repeats every day"
    await world.say("x", plan({**do("a", "reminder.cancel", id="R1"), **low}))
    assert world.card.title == "Cancel reminder R1"
    await world.say("x", plan({**do("a", "task.done", id="T1"), **low}))
    assert world.card.title == "Mark to-do T1 as done"
    await world.say("x", plan({**do("a", "memory.remember", text="Bob likes tea"), **low}))
    assert (world.card.title, world.card.items[0].body.text) == (
        "Remember a fact",
        "Bob likes tea",
    )
    search = world.kernel.actions.get("memory.search")
    assert search.preview(search.Args(query="x")).title == "Search memory for 'x'"


def test_the_registry_offers_what_a_plan_may_use() -> None:
    """Internal actions are there but not offered; unknown ones are refused with what there is."""

    class Hidden(Low):
        internal = True
        name = "probe.hidden"

    registry = ActionRegistry([Probe(), Hidden()])
    assert [action.name for action in registry.offered()] == ["probe.high"]
    assert registry.get("probe.hidden").name == "probe.hidden"
    with pytest.raises(UnknownThingError, match=r"'probe.hidden' here; there are: probe.high\."):
        registry.plannable("probe.hidden")
    with pytest.raises(BadInputError, match="tags: input should be a valid list"):
        registry.validate("probe.high", {"tags": "x"})


async def test_the_defaults_of_an_action_are_careful() -> None:
    """An action that declares nothing is high, free, not repeatable, and cannot be undone."""
    world = World()
    await world.say("do", plan(do("a", "probe.low")))
    context = world.probe("probe.low").contexts[0]
    bare, args = Probe(), ProbeArgs()
    assert bare.impact(args) == "high"
    assert not bare.repeatable(args)
    assert bare.undo_hint is None
    assert Found(Trace.UNCLEAR).result is None
    assert ActionResult(output={}, said="").undo is None
    assert context.attempt == 1
