"""Goals, what was recalled for them, their plan and their tasks."""

from datetime import datetime
from typing import ClassVar, Literal

from core.domain.base import Frozen
from core.domain.erasable import ERASED, Erasable
from core.domain.events.base import Payload
from core.domain.sources import Private, Source, Taint

GoalOrigin = Literal["message", "schedule", "playbook", "undo", "access", "vouch"]
GoalOutcome = Literal["answered", "done", "partly", "failed", "rejected"]


class GoalStarted(Payload):
    """A piece of work begins; `messages` are the inbound messages it answers.

    `by` is who began it where that was no message: `owner`, or `stranger`.
    """

    wire: ClassVar[str] = "goal.started.v1"
    conversation: str
    origin: GoalOrigin
    title: Erasable
    messages: tuple[str, ...] = ()
    sources: Taint = ()
    by: str = ""


class Recalled(Frozen):
    """One thing that was recalled for the words of a message: how well it fits, and why."""

    ref: str
    kind: Literal["fact", "earlier"]
    score: float
    reason: str


class ContextRecalled(Payload):
    """What went into the prompt, by id, inside a budget of tokens; `items` say why."""

    wire: ClassVar[str] = "context.recalled.v1"
    facts: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    summaries: tuple[str, ...] = ()
    tokens: int
    items: tuple[Recalled, ...] = ()
    sources: Taint = ()


class Given(Frozen):
    """A text from outside that a plan refers to by `id`: of a file, or of a message of others."""

    id: str
    text: Erasable
    source: Source


class Carried(Frozen):
    """A private value that a planner wrote into an argument of a task.

    `source` is what it is from; `told` has the `value`, and the private `text` that it stands in.
    """

    task: str
    argument: str
    source: Source
    told: Erasable

    @property
    def value(self) -> str:
        """The value; `[erased]` when it is gone."""
        return str(self.told.fields.get("value", ERASED))

    @property
    def text(self) -> str:
        """The private text; `[erased]` when it is gone."""
        return str(self.told.fields.get("text", ERASED))


class PlanProposed(Payload):
    """A plan that validated; `plan` holds a Plan as JSON. `revision` counts re-plans.

    `carries` are the private values in it that the owner did not write in this conversation.
    """

    wire: ClassVar[str] = "plan.proposed.v1"
    revision: int
    plan: Erasable
    agent: str = "planner"
    call: str | None = None
    sources: Taint = ()
    given: tuple[Given, ...] = ()
    carries: tuple[Carried, ...] = ()


class TaskStarted(Payload):
    """A task has its inputs and begins; `attempt` counts from 1."""

    wire: ClassVar[str] = "task.started.v1"
    task: str
    agent: str
    attempt: int = 1


class TaskFinished(Payload):
    """A task has an output; `sources` are the outside sources it is derived from.

    `private` is what of the owner's own it is derived from.
    """

    wire: ClassVar[str] = "task.finished.v1"
    task: str
    agent: str
    output: Erasable
    said: Erasable | None = None
    sources: Taint = ()
    confidence: float | None = None
    private: Private = ()


class TaskFailed(Payload):
    """A task ended without an output; `kind` says what happens next.

    `sources` are the outside sources that the words of the error may quote; `plain` says it in
    words of Equerry alone, where there are such.
    """

    wire: ClassVar[str] = "task.failed.v1"
    task: str
    agent: str
    error: Erasable
    kind: Literal["refused", "denied", "rejected", "failed", "skipped", "expired"]
    sources: Taint = ()
    plain: str = ""


class TaskReviewed(Payload):
    """The content of an operation was reviewed before it may leave; `reasons` is a list of texts.

    `rewrite` is the task that writes it again; `sources` are those of the content, and `private`
    is what of the owner's own was in sight.
    """

    wire: ClassVar[str] = "task.reviewed.v1"
    task: str
    verdict: Literal["pass", "revise", "escalate"]
    reasons: Erasable
    round: int
    rewrite: str | None = None
    sources: Taint = ()
    private: Private = ()


class GoalWaiting(Payload):
    """Nothing can go on before the owner decides or a time comes."""

    wire: ClassVar[str] = "goal.waiting.v1"
    conversation: str
    cards: tuple[str, ...] = ()
    until: datetime | None = None


class GoalFinished(Payload):
    """The work ended; `reply` is what the owner was told."""

    wire: ClassVar[str] = "goal.finished.v1"
    conversation: str
    outcome: GoalOutcome
    reply: Erasable | None = None
    message: str | None = None


class GoalStopped(Payload):
    """The owner, or a rule, ended the work before its end."""

    wire: ClassVar[str] = "goal.stopped.v1"
    conversation: str
    by: str
    reason: str = ""


class GoalWoken(Payload):
    """A goal that waited can go on: what it waited for was answered elsewhere."""

    wire: ClassVar[str] = "goal.woken.v1"
    conversation: str
    reason: str
