"""What runs at the same time, and what waits for what."""

import asyncio
from collections.abc import Callable

from adapters.inmemory.model import ScriptedModel
from bot.app import Overrides
from core.ports.model import ModelAnswer, ModelRequest
from tests.scenarios.places import Place
from tests.scenarios.plans import does, plan, writes
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.slow import Slow
from tests.waiting import PATIENCE_S


def planner(request: ModelRequest) -> ModelAnswer | str:
    """Plan a slow task for `slow NAME`, answer anything else at once."""
    words = request.messages[-1].content.split()
    if "slow" in words:
        return plan(does("t1", "test.slow", {"name": words[words.index("slow") + 1]}))
    return "Right away."


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - whoever makes it true knows nothing of this test
            await asyncio.sleep(0.01)


async def test_a_long_task_does_not_hold_up_the_next_message(stored_place: Place) -> None:
    """A message that comes while a task runs is planned and answered before that task ends."""
    slow = Slow()
    overrides = Overrides(model=ScriptedModel(planner), actions=[slow])
    async with sitting(stored_place, overrides) as talk:
        await talk.hand_in("slow one")
        await asyncio.wait_for(slow.news.wait(), PATIENCE_S)
        await talk.hand_in("hello")
        await until(lambda: talk.said == ["Right away."])
        assert slow.ended == []
        slow.go.set()
        await until(lambda: talk.said == ["Right away.", "one is through."])


async def test_conversations_run_side_by_side(place: Place) -> None:
    """One that works holds up no other, and each is told its own."""
    slow = Slow()
    overrides = Overrides(model=ScriptedModel(planner), actions=[slow])
    async with sitting(place, overrides) as talk:
        other = Sitting(talk.app, "phone:7")
        await talk.hand_in("slow one")
        await other.hand_in("slow two")
        await until(lambda: len(slow.begun) == 2)
        slow.go.set()
        await until(lambda: talk.said == ["one is through."])
        await until(lambda: other.said == ["two is through."])


async def test_independent_tasks_of_a_plan_run_at_the_same_time(place: Place) -> None:
    """Both branches are under way before either ends; what joins them sees both outputs."""
    slow = Slow()
    model = ScriptedModel(
        [
            plan(
                does("left", "test.slow", {"name": "left"}),
                does("right", "test.slow", {"name": "right"}),
                does("both", "note.append", {"text": "{{ left.name }} and {{ right.name }}"}),
            )
        ]
    )
    async with sitting(place, Overrides(model=model, actions=[slow])) as talk:
        await talk.hand_in("do both")
        await until(lambda: sorted(slow.begun) == ["left", "right"])
        assert not place.note().exists()
        slow.go.set()
        await talk.app.engine.idle()
        assert place.note().read_text("utf-8") == "left and right\n"


async def test_a_failed_branch_leaves_the_other_alone(place: Place) -> None:
    """What depends on the failure is not begun and says so; the rest is done."""
    model = ScriptedModel(
        [
            plan(
                does("bad", "note.append", {"text": "x", "file": "{{ good.nothing }}"}),
                does("after", "note.append", {"text": "after"}, "bad"),
                does("good", "task.add", {"title": "call Acme"}),
                writes("end", "say it", {"todo": "{{ good }}"}),
            ),
            "All told.",
        ]
    )
    async with sitting(place, Overrides(model=model)) as talk:
        said = await talk.say("go")
        assert "points to nothing: 'good' has no 'nothing'" in said
        assert "Not begun (note.append): bad did not succeed" in said
        (finished,) = await talk.events("goal.finished.v1")
        assert finished.payload["outcome"] == "partly"
    assert not place.note().exists()
