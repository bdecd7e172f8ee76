from typing import Any

import pytest
from pydantic import ValidationError

from core.domain.errors import BadPlanError
from core.domain.plan import MAX_TASKS, Plan, PlannedTask, check_plan

AGENTS = frozenset({"executor", "assistant"})


def made(*tasks: dict[str, Any]) -> Plan:
    """Return a plan of tasks with their missing fields filled in."""
    return Plan.model_validate(
        {"title": "A plan", "tasks": [{"agent": "executor", "input": {}, **t} for t in tasks]}
    )


def test_a_good_plan_comes_back() -> None:
    """A plan whose tasks and references fit is returned as it is."""
    plan = made({"id": "a"}, {"id": "b", "needs": ["a"], "input": {"x": "{{ a.y }}"}})
    assert check_plan(plan, AGENTS) is plan


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ([{"id": "a"}, {"id": "a"}], "two tasks with the id 'a'"),
        (
            [{"id": "a", "agent": "wizard"}],
            "Task 'a' names the unknown agent 'wizard'; there are: assistant, executor.",
        ),
        ([{"id": "a", "needs": ["z"]}], "Task 'a' refers to 'z', which is no task"),
        ([{"id": "a", "input": {"x": ["{{ z.y }}"]}}], "Task 'a' refers to 'z'"),
        ([{"id": "a", "needs": ["a"]}], "a → a wait for one another"),
        ([{"id": "a", "input": {"x": "{{ a }}"}}], "a → a wait for one another"),
        (
            [{"id": "a", "needs": ["b"]}, {"id": "b", "input": {"x": "{{ a.z }}"}}],
            "wait for one another",
        ),
    ],
)
def test_a_plan_that_cannot_run_is_refused(tasks: list[dict[str, Any]], problem: str) -> None:
    """Duplicate ids, unknown agents, missing needs and cycles are refused, naming the task."""
    with pytest.raises(BadPlanError) as caught:
        check_plan(made(*tasks), AGENTS)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "task",
    [
        {"id": "1a"},
        {"id": ""},
        {"id": "a b"},
        {"id": "a" * 33},
        {"id": "a", "confidence": 1.1},
        {"id": "a", "confidence": -0.1},
        {"id": "a", "extra": 1},
        {"id": "a", "input": "text"},
    ],
)
def test_a_task_out_of_schema_is_refused(task: dict[str, Any]) -> None:
    """Ids that templates cannot name, impossible confidences and unknown fields do not parse."""
    with pytest.raises(ValidationError):
        made(task)


def test_a_plan_has_one_to_fifty_tasks() -> None:
    """No tasks and too many tasks do not parse."""
    with pytest.raises(ValidationError):
        made()
    with pytest.raises(ValidationError):
        made(*({"id": f"t{n}"} for n in range(MAX_TASKS + 1)))


def test_the_action_of_a_task() -> None:
    """Only executor tasks have an action; wrong shapes have none and no arguments."""
    good = PlannedTask(id="a", agent="executor", input={"action": "x.y", "args": {"z": 1}})
    assert (good.action, good.args) == ("x.y", {"z": 1})
    assert PlannedTask(id="a", agent="assistant", input={"action": "x.y"}).action is None
    odd = PlannedTask(id="a", agent="executor", input={"action": 3, "args": []})
    assert (odd.action, odd.args) == (None, {})
