"""What is true of a goal, folded from its events."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.domain.cards import Ruling
from core.domain.events.goals import Carried
from core.domain.files import Pin
from core.domain.plan import Plan, PlannedTask
from core.domain.sources import Private, Taint, merged
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


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the review of a task's content came to."""

    verdict: Literal["pass", "revise", "escalate"]
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class TaskState:
    """One task: where it stands, and its operation where it has one.

    `round` counts the reviews of an operation, and how often a writer was sent back: `draft` is
    what it had written then, `remarks` are what was said about it. `superseded` is a failure that a
    newer revision of the plan took up. `plain` says what went wrong in our own words. `card` is the
    newest of its own `cards`, or one it joined. `origins` are the outside sources of each argument.
    """

    planned: PlannedTask
    status: TaskStatus = "pending"
    output: Output | None = None
    said: str | None = None
    error: str | None = None
    failure: str | None = None
    error_sources: Taint = ()
    plain: str = ""
    marker: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()
    origins: dict[str, Taint] = field(default_factory=dict)
    ruling: Ruling | None = None
    card: str | None = None
    cards: tuple[str, ...] = ()
    primary: str | None = None
    cleared_by: Clearance = "auto"
    attempt: int = 0
    committing: bool = False
    retry_at: datetime | None = None
    reason: str | None = None
    review: Reviewed | None = None
    round: int = 0
    draft: Output | None = None
    remarks: tuple[str, ...] = ()
    review_sources: Taint = ()
    review_private: Private = ()
    superseded: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in TERMINAL

    def end_key(self, goal: str) -> str:
        """Return the idempotency key of its end; a writer that is sent back ends once more."""
        again = f":{self.round}" if self.round and self.planned.agent != "executor" else ""
        return f"{goal}:{self.planned.id}:end{again}"


@dataclass(slots=True)
class GoalState:
    """One goal: its messages, plan, tasks and end. `version` is that of its stream.

    `at_hand` are the texts from outside that its plan refers to beside the outputs of tasks,
    `carries` the private values that the planner wrote into a task.
    """

    id: str
    conversation: str = ""
    origin: str = "message"
    by: str = ""
    title: str = ""
    messages: tuple[str, ...] = ()
    sources: Taint = ()
    version: int = 0
    revision: int = 0
    plan: Plan | None = None
    plan_agent: str = "planner"
    plan_sources: Taint = ()
    tasks: dict[str, TaskState] = field(default_factory=dict)
    at_hand: dict[str, Output] = field(default_factory=dict)
    carries: dict[str, tuple[Carried, ...]] = field(default_factory=dict)
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
        """Return what can be referred to: outputs of finished tasks, and what is at hand."""
        done = {name: task.output for name, task in self.tasks.items() if task.output is not None}
        return {**self.at_hand, **done}

    def needs(self, task: TaskState) -> list[TaskState]:
        """Return the tasks that a task waits for."""
        return [self.tasks[n] for n in sorted(task.planned.all_needs()) if n not in self.at_hand]

    def given(self, task: TaskState) -> Taint:
        """Return the outside sources of what a task was given: plan, references, arguments."""
        there = self.outputs()
        outputs = (there.get(name) for name in sorted(task.planned.refers()))
        return merged(
            self.plan_sources,
            *(output.sources for output in outputs if output is not None),
            task.ruling.sources if task.ruling else (),
        )

    def private(self, task: TaskState) -> Private:
        """Return what of the owner's own a task was given: in words, by reference, by a review."""
        there = self.outputs()
        outputs = (there.get(name) for name in sorted(task.planned.refers()))
        return merged(
            tuple(one.source for one in self.carries.get(task.planned.id, ())),
            *(output.private for output in outputs if output is not None),
            task.review_private,
        )

    def touched(self) -> Taint:
        """Return every outside source that anything in the goal is derived from, errors too."""
        tasks = self.tasks.values()
        return merged(
            self.sources,
            self.plan_sources,
            *(task.output.sources for task in tasks if task.output is not None),
            *(text.sources for text in self.at_hand.values()),
            *(task.error_sources for task in tasks),
        )

    def by_card(self, card: str) -> list[TaskState]:
        """Return the tasks that wait on a card, in order of the plan."""
        return [task for task in self.tasks.values() if task.card == card]
