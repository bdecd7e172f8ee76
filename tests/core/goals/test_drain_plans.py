import asyncio
from decimal import Decimal

import pytest

from adapters.inmemory.model import ScriptedModel, called
from core.domain.errors import ModelRefusedError
from core.domain.events.goals import GoalFinished, PlanProposed, TaskFailed, TaskFinished
from core.domain.events.models import ModelCalled
from core.ports.action import ActionContext, ActionResult
from core.ports.model import ModelAnswer
from tests.core.support.actions import Low, ProbeArgs
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, Setup, World
from tests.waiting import PATIENCE_S


@pytest.mark.parametrize("paid", [False, True])
async def test_a_plan_runs_and_is_planned_once(paid: bool) -> None:  # noqa: FBT001 - a parameter
    """A plan of one low-impact task runs at once, whatever the model costs, and is made once."""
    world = World(Setup(offline=ScriptedModel() if paid else None))
    said = await world.say("note x", plan(do("t1", "probe.low", to="x", text="hello")))
    assert said == ["Sent 'hello' to x."]
    assert len(world.model.requests) == 1
    assert [args.text for args in world.probe("probe.low").effects] == ["hello"]
    assert [p.outcome for p in world.events(GoalFinished)] == ["done"]
    await world.still()


async def test_references_carry_values_and_order() -> None:
    """A task that refers to another runs after it, with the value in its place."""
    world = World()
    await world.say(
        "chain",
        plan(
            do("b", "probe.low", to="y", text="got {{ a.text }}"),
            do("a", "probe.low", to="x", text="first"),
        ),
    )
    assert [args.text for args in world.probe("probe.low").effects] == ["first", "got first"]


class Meeting(Low):
    """Ends only when two of it run at the same time."""

    name = "probe.meeting"

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.met = asyncio.Event()

    async def run(self, args: ProbeArgs, context: ActionContext) -> ActionResult:
        """Wait for the other one."""
        self.inside += 1
        if self.inside == 2:
            self.met.set()
        async with asyncio.timeout(PATIENCE_S):
            await self.met.wait()
        return await super().run(args, context)


async def test_independent_tasks_run_at_the_same_time() -> None:
    """Two tasks without a need between them are under way together."""
    meeting = Meeting()
    world = World(Setup(actions=[meeting]))
    await world.say(
        "both", plan(do("a", "probe.meeting", to="x"), do("b", "probe.meeting", to="y"))
    )
    assert sorted(args.to for args in meeting.effects) == ["x", "y"]
    await world.still()


async def test_an_assistant_writes_the_reply() -> None:
    """The last assistant task's text is the reply; the executor's account is left out."""
    world = World()
    said = await world.say(
        "write",
        plan(do("a", "probe.low", text="facts"), write("b", "Sum up", facts="{{ a.text }}")),
        result("All is well."),
    )
    assert said == ["All is well."]
    prompt = world.model.requests[1].messages[1].content
    assert "facts" in prompt
    assert "{{" not in prompt
    await world.still()


async def test_an_assistant_is_repaired_once() -> None:
    """An agent's answer that does not validate goes back once, and the second one counts."""
    world = World()
    wrong = called("submit_result", {"words": 1})
    said = await world.say("write", plan(write("a", "Write")), wrong, result("Better."))
    assert said == ["Better."]
    assert "Not accepted" in world.model.requests[2].messages[-1].content


@pytest.mark.parametrize(
    "wrong",
    [
        called("submit_result", "{broken"),
        called("submit_result", "[" * 10_000),
        called("submit_result", '{"text": ' + "1" * 5000 + "}"),
        called("other", {"text": "x"}),
        "",
    ],
)
async def test_an_assistant_fails_with_a_sentence(wrong: ModelAnswer | str) -> None:
    """An agent that answers wrongly twice fails its task; the owner reads why."""
    world = World()
    (said,) = await world.say("write", plan(write("a", "Write")), wrong, wrong)
    assert said.startswith("Failed (assistant): The assistant's answer could not be used")
    assert [p.kind for p in world.events(TaskFailed)] == ["refused"]
    await world.still()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (called("submit_plan", "{nonsense"), "The plan is not valid JSON"),
        (called("submit_plan", "[" * 10_000), "nested deeper than 98 levels"),
        (called("submit_plan", '{"a":' * 5000 + "1" + "}" * 5000), "nested deeper than 98 levels"),
        (called("submit_plan", '{"title": 1e999}'), "inf is no number"),
        (called("submit_plan", '{"title": NaN}'), "nan is no number"),
        (called("submit_plan", '{"title": ' + "1" * 5000 + "}"), "a number that is too long"),
        (called("submit_plan", {"title": "x"}), "tasks: field required"),
        (called("reply", {}), "The tool 'reply' does not exist"),
        ("", "The answer was empty"),
        (plan(do("a", "probe.low"), do("a", "probe.low")), "two tasks with the id 'a'"),
        (plan({**do("a", "x.y"), "agent": "wizard"}), "unknown agent 'wizard'"),
        (plan({**do("a", "x.y"), "agent": "planner"}), "unknown agent 'planner'"),
        (plan(do("a", "no.such")), "There is no action 'no.such'"),
        (plan(do("a", "no.such", to="{{ b.x }}"), do("b", "probe.low")), "There is no action"),
        (plan(do("a", "probe.low", count=101)), "count: input should be less"),
        (plan(do("a", "probe.low", colour=1)), "colour: extra inputs are not permitted"),
        (plan({**write("a", ""), "input": {"instruction": ""}}), "does not fit assistant"),
        (plan(do("a", "probe.low", to="{{ b }}")), "refers to 'b', which is no task"),
        (
            plan(do("a", "probe.low", to="{{ b }}"), do("b", "probe.low", to="{{ a }}")),
            "wait for one another",
        ),
        (
            plan(do("a", "operation.undo", marker="m" * 32, action="x", said="y")),
            "There is no action 'operation.undo'",
        ),
    ],
)
async def test_a_bad_plan_is_sent_back_once_then_told(
    answer: ModelAnswer | str, problem: str
) -> None:
    """A plan that cannot be used goes back with what is wrong; then the owner is told."""
    world = World()
    (said,) = await world.say("do it", answer, answer)
    assert said.startswith("The model's plan could not be used, also after one repair:")
    assert problem in said
    assert problem in world.model.requests[1].messages[-1].content
    assert len(world.model.requests) == 2
    assert [p.outcome for p in world.events(GoalFinished)] == ["failed"]
    assert len(world.events(ModelCalled)) == 2
    await world.still()


async def test_a_repaired_plan_runs() -> None:
    """The second answer of the planner is used when it validates."""
    world = World()
    said = await world.say("do", plan(do("a", "no.such")), plan(do("a", "probe.low", text="ok")))
    assert said == ["Sent 'ok' to home."]


async def test_a_model_that_refuses_ends_the_goal() -> None:
    """A refused call ends the goal with the refusal as its sentence."""
    world = World()
    assert await world.say("hi", ModelRefusedError("The key is wrong.")) == ["The key is wrong."]
    await world.still()


async def test_a_reference_to_a_missing_field_fails_its_task_only() -> None:
    """A reference to a field that is not there fails its task; the others go on."""
    world = World()
    (said,) = await world.say(
        "do", plan(do("a", "probe.low", text="ok"), do("b", "probe.low", text="{{ a.nothing }}"))
    )
    assert said.startswith("Sent 'ok' to home.\nFailed (probe.low): The reference")
    assert [p.outcome for p in world.events(GoalFinished)] == ["partly"]


async def test_what_depends_on_a_failure_is_skipped() -> None:
    """A task whose need failed is not begun, and the account names what failed."""
    world = World()
    (said,) = await world.say(
        "do",
        plan(do("a", "probe.low", to="nowhere"), do("b", "probe.low", text="{{ a.text }}")),
    )
    assert "Failed (probe.low): There is no such place." in said
    assert "Not begun (probe.low): a did not succeed" in said
    assert not world.probe("probe.low").effects
    await world.still()


async def test_an_action_that_is_only_named_at_run_time_is_refused() -> None:
    """An executor task whose action is a reference is no plan."""
    world = World()
    (said,) = await world.say("do", *[plan(do("a", "{{ b.text }}"), do("b", "probe.low"))] * 2)
    assert "There is no action" in said


async def test_a_message_of_more_than_a_hundred_thousand_characters_is_kept_and_refused() -> None:
    """A text too long to plan from calls no model, is kept, and gets one sentence."""
    world = World()
    (said,) = await world.say("x" * 100_001)
    assert "100,001 characters" in said
    assert "it is kept" in said
    assert world.model.requests == []
    row = (await world.rows("messages"))[0]
    ref = row.doc["text"]["ref"]
    assert len((await world.store.values([ref]))[ref]) == 100_001
    await world.still()


async def test_messages_are_planned_in_order_and_one_at_a_time() -> None:
    """Several messages become goals in order, each planned with its own words."""
    world = World(None, "one", "two", "three")
    for text in ("first", "second", "third"):
        await world.hear(text)
    await world.drain(HERE)
    assert world.surface.texts == ["one", "two", "three"]
    asked = [request.messages[-1].content for request in world.model.requests]
    assert asked == ["first", "second", "third"]


async def test_every_call_is_counted() -> None:
    """A paid call is on the log with its price, and so is the goal's sum."""
    world = World(Setup(offline=ScriptedModel()))
    price = Decimal("0.02")
    await world.say("do", plan(do("a", "probe.low"), usd=price))
    assert [p.usd for p in world.events(ModelCalled)] == [price]
    assert [row.doc["usd"] for row in await world.rows("goals")] == ["0.02"]


async def test_a_task_output_is_on_the_log_once() -> None:
    """Each task has one end, and the plan is proposed once."""
    world = World()
    await world.say("do", plan(do("a", "probe.low"), do("b", "probe.low", to="{{ a.to }}")))
    assert [p.task for p in world.events(TaskFinished)] == ["a", "b"]
    assert len(world.events(PlanProposed)) == 1


async def test_more_than_a_hundred_messages_wait_for_a_surface() -> None:
    """All that is due goes out in one drain once the surface is there, in order."""
    world = World(None)
    world.surfaces.clear()
    world.model.then(*(f"reply {n}" for n in range(105)))
    for n in range(105):
        await world.hear(f"m{n}")
    await world.drain(HERE)
    assert world.surface.texts == []
    world.surfaces["memory"] = world.surface
    await world.drain(HERE)
    assert world.surface.texts == [f"reply {n}" for n in range(105)]
    await world.still()
