"""What a task asks to do: arguments resolved, validated and settled, with their taint."""

from dataclasses import dataclass, field
from typing import Any

from core.domain.errors import BadInputError
from core.domain.files import Pin
from core.domain.sources import Taint, merged
from core.domain.templates import resolve
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.context import action_context
from core.ports.action import Action, ActionArgs


@dataclass(frozen=True, slots=True)
class Case:
    """One operation before the gate: typed arguments, their JSON form, taint, and files.

    `origins` are the outside sources of each argument by its name.
    """

    action: Action[Any]
    args: ActionArgs
    wire: dict[str, Any]
    control: Taint
    content: Taint
    pins: tuple[Pin, ...] = ()
    origins: dict[str, Taint] = field(default_factory=dict)


def prepare(kernel: Kernel, state: GoalState, task: TaskState) -> Case:
    """Return what a task asks to do. Raises RefusedError with one sentence where it cannot be."""
    name = task.planned.action
    if name is None:
        message = f"Task {task.planned.id!r} names no action."
        raise BadInputError(message)
    form = kernel.actions.get(name).Args
    resolved = resolve(task.planned.args, state.outputs(), form)
    return settle_args(kernel, state, task, resolved.args, resolved.taint)


def settle_args(
    kernel: Kernel,
    state: GoalState,
    task: TaskState,
    args: dict[str, Any],
    taint: dict[str, Taint] | None = None,
) -> Case:
    """Validate arguments, make relative words absolute, and split their taint.

    Raises RefusedError with one sentence for arguments that do not fit.
    """
    name = task.planned.action or ""
    action = kernel.actions.get(name)
    typed = kernel.actions.validate(name, args)
    typed = action.settled(typed, action_context(kernel, state, task))
    tainted = taint or {}
    return Case(
        action=action,
        args=typed,
        wire=typed.model_dump(mode="json"),
        control=merged(*(s for n, s in tainted.items() if n in action.control)),
        content=merged(*(s for n, s in tainted.items() if n not in action.control)),
        origins=tainted,
    )


def settled_case(kernel: Kernel, task: TaskState) -> Case:
    """Return the case of a task whose arguments were settled before: validated, nothing moved."""
    name = task.planned.action or ""
    typed = kernel.actions.validate(name, task.args)
    return Case(
        action=kernel.actions.get(name),
        args=typed,
        wire=typed.model_dump(mode="json"),
        control=(),
        content=(),
        pins=task.pins,
        origins=task.origins,
    )
