"""A plan: tasks as a directed acyclic graph, inputs that refer to earlier outputs."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import Field, model_validator

from core.domain.base import Frozen, JsonObject
from core.domain.errors import BadPlanError
from core.domain.templates import references

MAX_TASKS = 50
TASK_ID = r"[A-Za-z][A-Za-z0-9_-]{0,31}"


class PlannedTask(Frozen):
    """One task: which agent, with what input, after which others, how sure, and why.

    `literal`: its input is meant as it stands, and what looks like a reference is text. So are the
    tasks that Equerry proposes itself, which may quote words of others.
    """

    id: str = Field(pattern=f"^{TASK_ID}$")
    agent: str
    input: JsonObject
    needs: tuple[str, ...] = ()
    confidence: float = Field(default=0.5, ge=0, le=1)
    why: str = ""
    literal: bool = Field(default=False, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _cannot_say_so_itself(cls, given: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Drop `literal` from what is read: the log tells it by who made the plan."""
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if name != "literal"}

    def refers(self) -> frozenset[str]:
        """Return the ids of the outputs that the input refers to."""
        return frozenset() if self.literal else references(self.input)

    def all_needs(self) -> frozenset[str]:
        """Return the declared needs and those that the input refers to."""
        return frozenset(self.needs) | self.refers()

    @property
    def action(self) -> str | None:
        """The action of an executor task, None for other agents."""
        name = self.input.get("action") if self.agent == "executor" else None
        return name if isinstance(name, str) else None

    @property
    def args(self) -> dict[str, Any]:
        """The raw arguments of an executor task, templates unresolved."""
        args = self.input.get("args")
        return args if isinstance(args, dict) else {}


class Plan(Frozen):
    """What `submit_plan` takes."""

    title: str = Field(max_length=200)
    project: str | None = None
    tasks: tuple[PlannedTask, ...] = Field(min_length=1, max_length=MAX_TASKS)

    def as_literal(self) -> "Plan":
        """Return the plan with tasks whose input refers to nothing."""
        tasks = tuple(task.model_copy(update={"literal": True}) for task in self.tasks)
        return self.model_copy(update={"tasks": tasks})


def check_plan(plan: Plan, agents: frozenset[str], done: frozenset[str] = frozenset()) -> Plan:
    """Return the plan if it can be run; it may refer to the tasks that are `done` already.

    Raises BadPlanError, naming the task, for a duplicate id, an unknown agent, a need or a
    reference that points to no task, and a cycle.
    """
    ids = [task.id for task in plan.tasks]
    for task in plan.tasks:
        if ids.count(task.id) > 1:
            message = f"The plan has two tasks with the id {task.id!r}."
            raise BadPlanError(message)
        if task.agent not in agents:
            known = ", ".join(sorted(agents))
            message = (
                f"Task {task.id!r} names the unknown agent {task.agent!r}; there are: {known}."
            )
            raise BadPlanError(message)
        if missing := sorted(task.all_needs() - set(ids) - done):
            message = f"Task {task.id!r} refers to {missing[0]!r}, which is no task of the plan."
            raise BadPlanError(message)
    try:
        TopologicalSorter({task.id: task.all_needs() for task in plan.tasks}).prepare()
    except CycleError as error:
        message = f"The tasks {' → '.join(error.args[1])} wait for one another."
        raise BadPlanError(message) from error
    return plan
