from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.domain.events.goals import GoalFinished
from core.domain.plan import Plan
from core.goals.fold import fold
from core.goals.state import GoalState, TaskState
from core.goals.steps import Scope, Step, next_steps, open_cards, wake_at
from tests.core.support.plans import do, plan, write
from tests.core.support.world import World

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)


def goal(*tasks: dict[str, Any], **states: dict[str, Any]) -> GoalState:
    """Return a goal with these tasks, each changed as said."""
    made = Plan.model_validate({"title": "x", "tasks": list(tasks)})
    state = GoalState(id="G1", plan=made, revision=1)
    for task in made.tasks:
        state.tasks[task.id] = TaskState(planned=task, **states.get(task.id, {}))
    return state


A, B = do("a", "x.y"), do("b", "x.y", text="{{ a.text }}")
FREE = do("c", "x.y")
W = write("w", "Write")


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (GoalState(id="G1"), [Step("plan", "G1")]),
        (GoalState(id="G1", outcome="done"), []),
        (GoalState(id="G1", budget="asked"), []),
        (GoalState(id="G1", budget="raise"), [Step("budget", "G1")]),
        (goal(A), [Step("gate", "G1", ("a",))]),
        (goal(A, B), [Step("gate", "G1", ("a",))]),
        (goal(A, FREE), [Step("gate", "G1", ("a", "c"))]),
        (goal(W, A), [Step("agent", "G1", ("w",)), Step("gate", "G1", ("a",))]),
        (goal(A, a={"status": "asked"}), []),
        (goal(A, a={"status": "joined"}), []),
        (goal(A, a={"status": "cleared"}), [Step("operate", "G1", ("a",))]),
        (goal(A, a={"status": "cleared", "retry_at": LATER}), []),
        (goal(A, a={"status": "cleared", "retry_at": NOW}), [Step("operate", "G1", ("a",))]),
        (goal(A, a={"status": "running"}), [Step("operate", "G1", ("a",))]),
        (goal(A, a={"status": "rejected"}), [Step("close", "G1", ("a",))]),
        (goal(A, a={"status": "expired"}), [Step("close", "G1", ("a",))]),
        (goal(W, w={"status": "started"}), [Step("agent", "G1", ("w",))]),
        (goal(A, B, a={"status": "finished"}), [Step("gate", "G1", ("b",))]),
        (goal(A, B, a={"status": "failed"}), [Step("close", "G1", ("b",))]),
        (goal(A, a={"status": "finished"}), [Step("finish", "G1")]),
        (
            goal(A, B, FREE, a={"status": "running"}, c={"status": "asked"}),
            [Step("operate", "G1", ("a",))],
        ),
    ],
)
def test_what_comes_next(state: GoalState, steps: list[Step]) -> None:
    """Each state of a goal has exactly these steps, and asking changes nothing."""
    assert next_steps(state, NOW) == steps
    assert next_steps(state, NOW, Scope()) == steps


def test_a_step_runs_once_at_a_time() -> None:
    """Two steps of one task have one key; the gate rules on a goal's tasks one batch at a time."""
    assert Step("agent", "G1", ("a",)).key == Step("operate", "G1", ("a",)).key
    assert Step("gate", "G1", ("a",)).key == Step("gate", "G1", ("b",)).key
    assert Step("plan", "G1").key != Step("finish", "G1").key


def test_a_goal_waits_for_its_cards_and_times() -> None:
    """Cards are listed once each, and the earliest retry is the time to wake."""
    state = goal(
        A,
        FREE,
        W,
        a={"status": "asked", "card": "C1"},
        c={"status": "joined", "card": "C1"},
        w={"status": "cleared", "retry_at": LATER},
    )
    assert open_cards(state) == ("C1",)
    assert wake_at(state) == LATER
    assert wake_at(goal(A)) is None
    asked = GoalState(id="G1", budget="asked", budget_card="C2")
    assert open_cards(asked) == ("C2",)


async def test_a_fold_takes_an_erased_plan() -> None:
    """A goal whose texts were erased still folds, whatever it had come to."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x"), do("b", "probe.low")))
    await world.store.erase(list(world.store.contents))
    (state,) = await world.goals()
    assert state.plan is None
    assert state.tasks["a"].status == "asked"
    assert state.tasks["b"].status == "finished"
    assert fold("G1", []) == GoalState(id="G1")


async def test_a_goal_without_its_plan_ends() -> None:
    """An open goal whose plan was erased ends with a sentence instead of planning for ever."""
    world = World()
    await world.say("send", plan(do("a", "probe.high", text="x")))
    await world.store.erase(list(world.store.contents))
    await world.decide("reject")
    assert "was erased" in world.surface.texts[-1]
    assert len(world.model.requests) == 1
    assert [p.outcome for p in world.events(GoalFinished)] == ["failed"]
    await world.still()
