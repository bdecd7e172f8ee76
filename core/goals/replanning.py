"""Planning again when tasks failed: what was done stays, what is left is planned another way."""

from functools import partial
from typing import Any

from core.agents.prompts import fenced
from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import BadPlanError, RefusedError
from core.domain.events import NewEvent
from core.domain.events.goals import PlanProposed
from core.domain.plan import Plan
from core.domain.sources import Taint, merged
from core.domain.templates import references, renamed
from core.goals.finishing import Replies, finish_goal
from core.goals.planning import (
    ask_planner,
    asked,
    planner_event,
    prompt,
    read_plan,
    said_by,
    taken_along,
)
from core.goals.state import GoalState, TaskState
from core.goals.steps import went_wrong
from core.kernel import Kernel
from core.memory.context import Context
from core.ports.model import ModelAnswer, ModelMessage

SHORT = 300
SETTLED = frozenset({"rejected", "denied", "expired"})


async def replan_goal(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """Append a further revision of the plan, or end the goal with an account of how it stands.

    Where an error may quote outside text, the planner gets no private memory beside it, and the
    plan is tainted as a whole.
    """
    heard = merged(state.plan_sources, *(task.error_sources for task in went_wrong(state)))
    text = await asked(kernel, state)
    recalled = kernel.recall.bare() if heard else None
    context = recalled or await kernel.recall.build(state.conversation, text, said_by(state))
    told = ModelMessage(role="user", content=standing(state, heard))
    messages = (*prompt(kernel, text, context), told)
    events = [planner_event(state, context.recalled)]
    read = partial(_read, kernel, state, context.referable)
    try:
        called, plan = await ask_planner(kernel, state, messages, events, read)
    except RefusedError:
        await finish_goal(kernel, replies, state, before=events)
        return
    if called.fallback or plan is None:
        said = "" if called.fallback else called.answer.text.strip()
        await finish_goal(kernel, replies, state, said, before=events)
        return
    await _propose(kernel, state, plan, events, (called.call, heard, context))


async def _propose(
    kernel: Kernel,
    state: GoalState,
    plan: Plan,
    events: list[NewEvent],
    made: tuple[str, Taint, Context],
) -> None:
    revision, (call, heard, context) = state.revision + 1, made
    fresh = freshened(plan, revision, frozenset(state.tasks))
    proposed = PlanProposed(
        revision=revision,
        plan=Erasable.of(kernel.redactor.redact(fresh.model_dump(mode="json"))),
        call=call,
        sources=heard,
        given=taken_along(fresh, context),
    )
    event = planner_event(state, proposed, key=f"{state.id}:plan:{revision}")
    await kernel.log.append([*events, event], expect={f"goal:{state.id}": state.version})


def freshened(plan: Plan, revision: int, taken: frozenset[str]) -> Plan:
    """Return the plan with ids that no earlier revision used: `t1` becomes `r2-t1`."""
    names: dict[str, str] = {}
    for number, task in enumerate(plan.tasks, 1):
        name = f"r{revision}-{task.id}"
        fits = len(name) <= 32 and name not in taken  # noqa: PLR2004 - the longest id
        names[task.id] = name if fits else f"r{revision}_{number}"
    tasks = [
        task.model_copy(
            update={
                "id": names[task.id],
                "needs": tuple(names.get(need, need) for need in task.needs),
                "input": renamed(task.input, names),
            }
        )
        for task in plan.tasks
    ]
    return plan.model_copy(update={"tasks": tuple(tasks)})


def standing(state: GoalState, heard: Taint) -> str:
    """Tell the planner what was done and what was not; outside text is fenced, outputs are not."""
    lines = ["Your plan ran and part of it failed."]
    lines += [f"Done, stays done ({{{{ id }}}} refers to it):\n{_lines(state, _done)}"]
    lines += [f"Not done:\n{_lines(state, _undone)}"]
    lines += ["Failed:"]
    for task in went_wrong(state):
        error = (task.error or "")[:SHORT]
        if task.error_sources:
            names = ", ".join(source.told for source in task.error_sources)
            error = fenced(error, names)
        lines.append(f"- {_named(task)} {canonical(task.planned.input)[:SHORT]}: {error}")
    lines += [
        "Plan only what is left, another way, without repeating what is done; or, where there is "
        "no other way, say so in plain text." + (" It will all be asked." if heard else "")
    ]
    return "\n".join(lines)


def _lines(state: GoalState, told: Any) -> str:  # noqa: ANN401 - one of the two below
    found = [f"- {line}" for task in state.tasks.values() if (line := told(task))]
    return "\n".join(found) or "- nothing"


def _done(task: TaskState) -> str:
    if task.status != "finished" or task.output is None:
        return ""
    said = "(outside text, not shown)" if task.output.sources else (task.said or "")[:SHORT]
    return f"{_named(task)}: {said}"


def _undone(task: TaskState) -> str:
    words = {"rejected": "the owner said no", "denied": "not allowed", "expired": "not answered"}
    if task.status != "failed" or task.failure not in words | {"skipped": ""}:
        return ""
    return f"{_named(task)}: {words.get(task.failure, 'not begun')}"


def _named(task: TaskState) -> str:
    return f"{task.planned.id} {task.planned.action or task.planned.agent}"


def _read(
    kernel: Kernel, state: GoalState, hands: frozenset[str], answer: ModelAnswer
) -> Plan | None:
    done = frozenset(n for n, task in state.tasks.items() if task.status == "finished")
    done |= state.at_hand.keys() | hands
    plan = read_plan(kernel, answer, done)
    for task in plan.tasks if plan else ():
        for other in state.tasks.values():
            settled = other.status == "finished" or other.failure in SETTLED
            if settled and _same(kernel, task.action, task.args, other):
                was = "was done" if other.status == "finished" else "was not allowed"
                message = f"Task {task.id!r} repeats {other.planned.id!r}, which {was}."
                raise BadPlanError(message)
    return plan


def _same(kernel: Kernel, action: str | None, args: dict[str, Any], other: TaskState) -> bool:
    """Return whether a new task would have the effect of an earlier one."""
    if action is None or action != other.planned.action:
        return False
    if kernel.actions.get(action).declared == "none":
        return False
    return _plain(kernel, action, args) == _plain(kernel, action, other.planned.args)


def _plain(kernel: Kernel, action: str, args: dict[str, Any]) -> str:
    if references(args):
        return canonical(args)
    return canonical(kernel.actions.validate(action, args).model_dump(mode="json"))
