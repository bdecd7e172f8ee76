import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.inmemory.model import Scripted, ScriptedModel, called
from core.agents.contract import Contract
from core.agents.outcome import Bench, Outcome
from core.agents.registry import ASSISTANT, BUILT_IN, AgentRegistry
from core.agents.schemas import AssistantInput, Reply, Research
from core.domain.erasable import Erasable
from core.domain.errors import RefusedError
from core.domain.events.goals import GoalStarted, PlanProposed, TaskFailed
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest
from tests.core.support.actions import Crash
from tests.core.support.plans import do, plan, result, write
from tests.core.support.world import HERE, Setup, World

PLANNER = BUILT_IN[0].model_copy(update={"replans": 0})


def contract(**changes: Any) -> Contract:  # noqa: ANN401 - any field
    """Return the contract of an agent called worker."""
    return ASSISTANT.model_copy(update={"name": "worker", **changes})


def world(worker: Contract, *answers: Any, runner: Any = None) -> World:  # noqa: ANN401
    """Return a core with that agent and a model that costs money."""
    runners = {"worker": runner} if runner else {}
    agents = AgentRegistry([*BUILT_IN, PLANNER, worker], runners)
    made = World(Setup(agents=agents, offline=ScriptedModel()))
    made.model = ScriptedModel(answers, most=Decimal("0.10"))
    made.restart()
    return made


def work(**given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    """Return a task of the agent."""
    return {**write("a", "Write"), "agent": "worker", "input": given or {"instruction": "Write"}}


async def refusal(made: World) -> str:
    """Return why the task failed; it must be on the log, once."""
    (failed,) = await made.told(TaskFailed)
    assert (failed.agent, failed.kind) == ("worker", "refused")
    await made.still()
    return failed.error.text


async def test_a_call_by_someone_else_is_refused() -> None:
    """An agent that a plan may not call is not called, whoever proposed the plan."""
    made = world(contract(callers=frozenset({"goal"})))
    started = GoalStarted(conversation=HERE, origin="playbook", title=Erasable.of("x"))
    proposed = PlanProposed(
        revision=1, agent="playbook", plan=Erasable.of({"title": "x", "tasks": [work()]})
    )
    await made.append("goal:G1", started, "G1")
    await made.append("goal:G1", proposed, "G1")
    await made.drain(HERE)
    assert await refusal(made) == "The agent worker may not be called by a plan."
    assert made.model.requests == []


async def test_the_planner_may_not_plan_it_either() -> None:
    """A plan that names an agent it may not call goes back to the planner with that."""
    made = world(contract(callers=frozenset({"goal"})), plan(work()), "I cannot.")
    assert await made.say("go") == ["I cannot."]
    assert "unknown agent 'worker'" in made.model.requests[1].messages[-1].content


async def test_an_input_out_of_schema_is_refused() -> None:
    """An input that only shows its form once references are filled in is refused then."""
    made = world(
        contract(),
        plan(do("t", "probe.low", text="x"), work(instruction="Write", inputs="{{ t.text }}")),
    )
    await made.say("go")
    assert "The input does not fit the agent worker: inputs" in await refusal(made)


async def test_a_whole_output_may_be_the_inputs() -> None:
    """A reference in place of an object is let through the plan and filled in before the call."""
    task = work(instruction="Write", inputs="{{ t }}")
    done = called("submit_result", {"text": "Written."})
    made = world(contract(), plan(do("t", "probe.low", text="milk"), task), done)
    assert "Written." in (await made.say("go"))[-1]
    assert '"text":"milk"' in made.model.requests[-1].messages[-1].content


async def test_arguments_are_an_object_from_the_start() -> None:
    """What an action is handed cannot be one reference: each argument stands for itself."""
    task = {**do("b", "probe.low"), "input": {"action": "probe.low", "args": "{{ t }}"}}
    made = world(contract(), plan(do("t", "probe.low", text="x"), task), "I cannot.")
    assert await made.say("go") == ["I cannot."]
    told = made.model.requests[1].messages[-1].content
    assert "The input of task 'b' does not fit executor: args" in told


async def test_an_output_out_of_schema_is_refused() -> None:
    """Two answers that do not validate fail the task with what was wrong."""
    wrong = called("submit_result", {"text": ["a", "b"]})
    made = world(contract(), plan(work()), wrong, wrong)
    await made.say("go")
    assert "after one repair: The result does not fit the schema: text" in await refusal(made)


async def test_a_runner_that_breaks_the_schema_is_refused() -> None:
    """An agent with a runner of its own is held to its output schema as well."""

    async def runner(_bench: Bench) -> Outcome:
        return Outcome(Research(text="x", found=True))

    made = world(contract(), plan(work()), runner=runner)
    await made.say("go")
    assert "The output does not fit the agent worker: " in await refusal(made)


async def test_a_cost_over_the_limit_is_refused() -> None:
    """A call that could pass the limit of the contract is not made."""
    made = world(contract(max_usd=Decimal("0.05")), plan(work()))
    await made.say("go")
    assert await refusal(made) == (
        "The agent worker may cost $0.05 a task; $0.00 are spent and this call may cost $0.10."
    )
    assert len(made.model.requests) == 1


async def test_costs_of_a_task_add_up() -> None:
    """What the first call cost counts when the second asks."""
    wrong = called("submit_result", {"text": ["a", "b"]}, usd=Decimal("0.08"))
    made = world(contract(max_usd=Decimal("0.15")), plan(work()), wrong, result("x"))
    await made.say("go")
    assert "$0.08 are spent and this call may cost $0.10" in await refusal(made)


async def test_a_time_over_the_limit_is_refused() -> None:
    """Twice the expected time ends the work."""

    async def runner(_bench: Bench) -> Outcome:
        await asyncio.sleep(60)
        raise AssertionError

    made = world(contract(latency=timedelta(milliseconds=5)), plan(work()), runner=runner)
    await made.say("go")
    assert await refusal(made) == "The agent worker did not end within 0 s."


async def test_only_reads_are_read() -> None:
    """An agent's workbench runs no action that could ever do more than read."""
    refused: list[str] = []

    async def runner(bench: Bench) -> Outcome:
        for name in ("probe.low", "probe.high", "no.such", "operation.undo"):
            with pytest.raises(RefusedError) as caught:
                await bench.read(name, {"to": "x"})
            refused.append(str(caught.value))
        assert (await bench.read("probe.read", {"text": "x"})).output["text"] == "x"
        return Outcome(Reply(text="done"))

    made = world(contract(), plan(work()), runner=runner)
    assert await made.say("go") == ["done"]
    assert refused[0].startswith("probe.low has an effect")
    assert all(not made.probe(name).effects for name in ("probe.low", "probe.high"))


async def test_without_a_model_it_trusts_the_offline_one_may_not_stand_in() -> None:
    """An agent that the offline model may not stand in for fails with a sentence."""
    made = World(Setup(agents=AgentRegistry([*BUILT_IN, contract(stand_in=False)])))
    (said,) = await made.say("go", plan(work()))
    assert "the offline one cannot stand in" in said


async def test_composed_addresses_do_not_leave_a_tainted_output() -> None:
    """An output with outside text in it names the addresses of its input, and no others."""

    async def runner(bench: Bench) -> Outcome:
        given = AssistantInput.model_validate(bench.given.model_dump())
        page = given.inputs["page"]
        text = f"{page} then https://evil.example/?q=secret"
        return Outcome(Reply(text=text), bench.taint)

    page = "see https://good.example/a."
    tasks = [
        do("t", "probe.read", text=page),
        work(instruction="x", inputs={"page": "{{ t.text }}"}),
    ]
    made = world(contract(), plan(*tasks), runner=runner)
    (said,) = await made.say("go")
    assert said.endswith(
        "see https://good.example/a. then [address left out: it stands in no source]"
    )


async def test_a_crash_in_a_loop_pays_for_one_call_again() -> None:
    """After a crash during a call, those that were answered before it are taken from the log."""
    asked: list[str] = []

    async def runner(bench: Bench) -> Outcome:
        texts = []
        for word in ("one", "two", "three"):
            message = ModelMessage(role="user", content=word)
            request = ModelRequest(agent="worker", tier="fast", messages=(message,))
            texts.append((await bench.ask(request)).text)
        return Outcome(Reply(text=" ".join(texts)))

    def answer(request: ModelRequest) -> Scripted:
        if request.agent == "planner":
            return plan(work())
        word = request.messages[-1].content
        asked.append(word)
        if asked.count("three") == 1 and word == "three":
            raise Crash
        return ModelAnswer(text=word.upper(), usd=Decimal("0.01"), model="scripted")

    made = world(contract(), runner=runner)
    made.model = ScriptedModel(answer, most=Decimal("0.10"))
    made.restart()
    await made.hear("go")
    with pytest.raises(Crash):
        await made.drain(HERE)
    made.restart()
    await made.drain(HERE)
    assert asked == ["one", "two", "three", "three"]
    assert made.surface.texts == ["ONE TWO THREE"]
    await made.still()
