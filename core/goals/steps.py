"""What a goal does next: a pure function of its state and the time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.goals.state import GoalState, TaskState

StepKind = Literal[
    "budget", "plan", "replan", "review", "gate", "agent", "operate", "close", "finish"
]
WRONG = frozenset({"refused", "failed"})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `key` is what may not run twice at a time."""

    kind: StepKind
    goal: str
    tasks: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What may not run twice at a time in one drain."""
        first = self.tasks[0] if self.tasks and self.kind != "gate" else ""
        return (self.goal, "task" if first else self.kind, first)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a goal may do.

    `leaving` are the actions whose content is reviewed, `roaming` the agents that read by
    themselves, `replans` says how often a goal is planned again.
    """

    leaving: frozenset[str] = frozenset()
    replans: int = 0
    roaming: frozenset[str] = frozenset()


def next_steps(state: GoalState, now: datetime, scope: Scope | None = None) -> list[Step]:
    """Return the steps that can run now, independent ones side by side; none: it waits or ended."""
    scope = scope or Scope()
    if state.ended or state.budget == "asked":
        return []
    if state.budget is not None:
        return [Step("budget", state.id)]
    if state.plan is None:
        return [Step("plan", state.id)]
    if all(task.ended for task in state.tasks.values()):
        return [Step("replan" if _replans(state, scope) else "finish", state.id)]
    return _task_steps(state, now, scope)


def went_wrong(state: GoalState) -> list[TaskState]:
    """Return the tasks that came to nothing by themselves, and that no newer plan took up."""
    return [
        task
        for task in state.tasks.values()
        if task.status == "failed" and task.failure in WRONG and not task.superseded
    ]


def _replans(state: GoalState, scope: Scope) -> bool:
    mine = state.plan_agent == "planner"
    return mine and state.revision <= scope.replans and bool(went_wrong(state))


def _task_steps(state: GoalState, now: datetime, scope: Scope) -> list[Step]:
    kinds = {name: _next(state, task, now, scope) for name, task in state.tasks.items()}
    to_gate = tuple(name for name, kind in kinds.items() if kind == "gate")
    if "review" in kinds.values():
        to_gate = ()  # what is asked at the same time is one card
    steps = [
        Step(kind, state.id, (name,))
        for name, kind in kinds.items()
        if kind is not None and kind != "gate"
    ]
    return [*steps, Step("gate", state.id, to_gate)] if to_gate else steps


def wake_at(state: GoalState) -> datetime | None:
    """Return when a goal that waits for a time goes on by itself."""
    times = [t.retry_at for t in state.tasks.values() if t.status == "cleared" and t.retry_at]
    return min(times, default=None)


def open_cards(state: GoalState) -> tuple[str, ...]:
    """Return the cards the goal waits for, each once."""
    waiting = (t.card for t in state.tasks.values() if t.status in {"asked", "joined"} and t.card)
    asked = (state.budget_card,) if state.budget == "asked" and state.budget_card else ()
    return (*asked, *dict.fromkeys(waiting))


def _next(state: GoalState, task: TaskState, now: datetime, scope: Scope) -> StepKind | None:
    if task.status == "pending":
        return _begin(state, task, scope)
    if task.status == "started":
        return "agent" if _ready(state, task) else None
    if task.status in {"rejected", "expired"}:
        return "close"
    if task.status == "running" or (
        task.status == "cleared" and (task.retry_at is None or task.retry_at <= now)
    ):
        return "operate" if task.planned.agent == "executor" else "agent"
    return None


def _ready(state: GoalState, task: TaskState) -> bool:
    return all(need.status == "finished" for need in state.needs(task))


def _gated(state: GoalState, task: TaskState, scope: Scope) -> bool:
    """Whether the owner may have to be asked before an agent works.

    In a plan that was made with outside text in sight every task is; elsewhere one that reads by
    itself, where it would know something private. It is asked once: a writer that a review sends
    back was ruled on before.
    """
    if task.ruling is not None:
        return False
    reads = task.planned.agent in scope.roaming
    return bool(state.plan_sources) or (reads and bool(state.private(task)))


def _begin(state: GoalState, task: TaskState, scope: Scope) -> StepKind | None:
    if any(need.status == "failed" for need in state.needs(task)):
        return "close"
    if not _ready(state, task):
        return None
    if task.planned.agent != "executor":
        return "gate" if _gated(state, task, scope) else "agent"
    return "review" if task.review is None and task.planned.action in scope.leaving else "gate"
