from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.goals.plan_forms import mended

ACTIONS = frozenset({"note.append", "task.list"})
NOTE = {"action": "note.append", "args": {"text": "x"}}


def tasks(*given_tasks: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """Return the mended tasks of a plan."""
    found = mended({"title": "x", "tasks": list(given_tasks)}, ACTIONS)
    assert found["title"] == "x"
    return list(found["tasks"])


@pytest.mark.parametrize(
    "task",
    [
        {"agent": "note.append", "input": {"text": "x"}},
        {"agent": "note.append", "input": {"args": {"text": "x"}}},
        {"agent": "note.append", "input": NOTE},
        {"agent": "executor", "input": {"action": "note.append", "text": "x"}},
        {"agent": "executor", "input": NOTE},
    ],
)
def test_an_action_is_found_where_models_put_it(task: dict[str, Any]) -> None:
    """In place of the agent, or with its arguments beside it: there is one thing to be meant."""
    assert tasks({"id": "a", **task}) == [{"id": "a", "agent": "executor", "input": NOTE}]


@pytest.mark.parametrize(
    "task",
    [
        {"id": "a", "agent": "wizard", "input": NOTE},
        {"id": "a", "agent": "note.delete", "input": {"text": "x"}},
        {"id": "a", "agent": "assistant", "input": {"text": "x"}},
        {"id": "a", "agent": "note.append", "input": "x"},
    ],
)
def test_what_could_mean_anything_stays_as_it_is(task: dict[str, Any]) -> None:
    """An unknown agent, an unknown action, an input of another kind: the planner is asked."""
    assert tasks(task) == [task]


def test_an_executor_without_an_action_names_none() -> None:
    """The check that follows says so."""
    (task,) = tasks({"id": "a", "agent": "executor", "input": {"text": "x"}})
    assert task["input"] == {"action": "", "args": {"text": "x"}}


def test_ids_that_cannot_stay_are_replaced_wherever_they_stand() -> None:
    """Numbers, spaces, none at all; good ones and texts that only look like references stay."""
    given_tasks = [
        {"id": 1, "agent": "assistant", "input": {"instruction": "x"}},
        {"id": "t1", "agent": "assistant", "input": {"a": ["{{ 1 }}", "{{ t1 }}"]}, "needs": [1]},
        {"agent": "assistant", "input": {"a": {"b": "{{1.text}} {{ 2 }} 1"}}, "needs": ["my task"]},
        {"id": "my task", "agent": "assistant", "input": "{{ my task.text }}"},
    ]
    first, second, third, fourth = tasks(*given_tasks)
    assert [t["id"] for t in (first, second, third, fourth)] == ["t2", "t1", "t3", "t4"]
    assert second["input"] == {"a": ["{{ t2 }}", "{{ t1 }}"]}
    assert (second["needs"], third["needs"]) == (["t2"], ["t4"])
    assert third["input"] == {"a": {"b": "{{ t2.text }} {{ 2 }} 1"}}
    assert fourth["input"] == "{{ t4.text }}"


def test_two_tasks_with_one_id_are_left_for_the_check() -> None:
    """Which of the two a reference means cannot be known."""
    twice = [{"id": 1, "agent": "assistant", "input": {}}] * 2
    assert [task["id"] for task in tasks(*twice)] == ["1", "1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
TASKS = st.fixed_dictionaries(
    {},
    optional={"id": JSON, "agent": JSON, "input": JSON, "needs": JSON, "confidence": JSON},
)


@given(JSON | st.fixed_dictionaries({"tasks": JSON | st.lists(TASKS | JSON, max_size=4)}))
def test_anything_at_all_is_taken(plan: Any) -> None:  # noqa: ANN401 - any JSON value
    """What is no plan comes back as it is, and nothing raises."""
    found = mended(plan, ACTIONS)
    assert (found == plan) or isinstance(found["tasks"], list)
