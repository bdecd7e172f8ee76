"""What a task asks to do: arguments resolved, validated and settled, with their taint."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.domain.errors import BadInputError
from core.domain.files import Pin
from core.domain.sources import Private, Taint, merged
from core.domain.templates import Resolved, resolve
from core.goals.agent_card import agent_work
from core.goals.private_parts import reads_outside
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.operations.context import action_context
from core.ports.action import Action, ActionArgs


@dataclass(frozen=True, slots=True)
class Case:
    """One operation before the gate: typed arguments, their JSON form, labels, and files.

    `origins` are the outside sources of each argument by its name, `private` what of the owner's
    own is in it.
    """

    action: Action[Any]
    args: ActionArgs
    wire: dict[str, Any]
    control: Taint
    content: Taint
    pins: tuple[Pin, ...] = ()
    origins: dict[str, Taint] = field(default_factory=dict)
    private: Mapping[str, Private] = field(default_factory=dict)


def prepare(kernel: Kernel, state: GoalState, task: TaskState) -> Case:
    """Return what a task asks to do. Raises RefusedError with one sentence where it cannot be."""
    name = task.planned.action
    if task.planned.agent != "executor":
        return _agent_case(kernel, state, task)
    if name is None:
        message = f"Task {task.planned.id!r} names no action."
        raise BadInputError(message)
    form = kernel.actions.get(name).Args
    resolved = (
        Resolved(args=task.planned.args, taint={}, private={})
        if task.planned.literal
        else resolve(task.planned.args, state.outputs(), form)
    )
    case = settle_args(kernel, state, task, resolved.args, resolved.taint)
    return replace(case, private=_labels(state, task, resolved.private))


def _agent_case(kernel: Kernel, state: GoalState, task: TaskState) -> Case:
    contract = kernel.agents.get(task.planned.agent)
    resolved = resolve(task.planned.input, state.outputs(), contract.input)
    action = agent_work(contract, outside=reads_outside(kernel, task.planned))
    typed = action.Args.model_validate(resolved.args)
    return Case(
        action=action,
        args=typed,
        wire=typed.model_dump(mode="json"),
        control=merged(*resolved.taint.values(), task.review_sources),
        content=(),
        origins=resolved.taint,
        private=_labels(state, task, resolved.private),
    )


def _labels(
    state: GoalState, task: TaskState, private: Mapping[str, Private]
) -> dict[str, Private]:
    """Return what is private in each argument: by reference, and by what the planner wrote."""
    labels = dict(private)
    for one in state.carries.get(task.planned.id, ()):
        labels[one.argument] = merged(labels.get(one.argument, ()), (one.source,))
    return labels


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
