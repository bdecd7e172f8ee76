"""What is true of a goal, folded from its events."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.domain.cards import Ruling
from core.domain.plan import Plan, PlannedTask
from core.domain.sources import Taint
from core.domain.templates import Output

TaskStatus = Literal[
    "pending",  # waits for its needs
    "started",  # an agent works on it
    "asked",  # a card waits for the owner
    "joined",  # an equal question waits on another card
    "cleared",  # may run
    "running",  # an effect was begun
    "rejected",  # the owner said no; not yet closed
    "expired",  # the card expired; not yet closed
    "finished",
    "failed",
]
Clearance = Literal["auto", "owner", "grant"]
TERMINAL = frozenset({"finished", "failed"})


@dataclass(slots=True)
class TaskState:
    """One task: where it stands, and its operation where it has one."""

    planned: PlannedTask
    status: TaskStatus = "pending"
    output: Output | None = None
    said: str | None = None
    error: str | None = None
    failure: str | None = None
    marker: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    ruling: Ruling | None = None
    card: str | None = None
    primary: str | None = None
    cleared_by: Clearance = "auto"
    attempt: int = 0
    committing: bool = False
    retry_at: datetime | None = None
    reason: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in TERMINAL


@dataclass(slots=True)
class GoalState:
    """One goal: its messages, plan, tasks and end. `version` is that of its stream."""

    id: str
    conversation: str = ""
    origin: str = "message"
    title: str = ""
    messages: tuple[str, ...] = ()
    sources: Taint = ()
    version: int = 0
    revision: int = 0
    plan: Plan | None = None
    plan_agent: str = "planner"
    plan_sources: Taint = ()
    tasks: dict[str, TaskState] = field(default_factory=dict)
    waiting: tuple[str, ...] | None = None
    until: datetime | None = None
    outcome: str | None = None
    budget: Literal["asked", "raise", "cheaper", "stop"] | None = None
    budget_card: str | None = None
    budget_args: dict[str, Any] = field(default_factory=dict)
    last: int = 0

    @property
    def ended(self) -> bool:
        """Whether the goal finished or was stopped."""
        return self.outcome is not None

    def outputs(self) -> dict[str, Output]:
        """Return the outputs of the finished tasks by task id."""
        return {name: task.output for name, task in self.tasks.items() if task.output is not None}

    def by_card(self, card: str) -> list[TaskState]:
        """Return the tasks that wait on a card, in order of the plan."""
        return [task for task in self.tasks.values() if task.card == card]
