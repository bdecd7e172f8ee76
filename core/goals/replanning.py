"""Planning again when tasks failed: what was done stays, what is left is planned another way."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import BadPlanError, RefusedError, StorageError
from core.domain.events import NewEvent
from core.domain.events.goals import PlanProposed
from core.domain.plan import Plan
from core.domain.private_values import Held
from core.domain.sources import Source, Taint
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
from core.goals.private_parts import carried
from core.goals.state import GoalState, TaskState
from core.goals.steps import went_wrong
from core.goals.unclear_times import unclear
from core.kernel import Kernel
from core.memory.context import Context
from core.ports.model import ModelAnswer, ModelMessage

SHORT = 300
SETTLED = frozenset({"rejected", "denied", "expired"})


async def replan_goal(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """Append a further revision of the plan, or end the goal with an account of how it stands.

    The planner reads no word of outside text: results and errors that may hold some are handles.
    A plan that was made with outside text in sight keeps its taint, and gets no private memory.
    """
    if await asyncio.to_thread(unclear, kernel, state):
        await finish_goal(kernel, replies, state)  # only the owner knows which time is meant
        return
    heard = state.plan_sources
    text = await asked(kernel, state)
    recalled = kernel.recall.bare() if heard else None
    context = recalled or await kernel.recall.build(state.conversation, text, said_by(state))
    told = ModelMessage(role="user", content=standing(state))
    messages = (*prompt(kernel, text, context), told)
    events = [planner_event(state, context.recalled)]
    read = partial(_read, kernel, state, context.referable)
    try:
        called, plan = await ask_planner(kernel, state, messages, events, read)
    except StorageError:
        raise
    except RefusedError:
        await finish_goal(kernel, replies, state, before=events)
        return
    if called.fallback or plan is None:
        said = "" if called.fallback else called.answer.text.strip()
        await finish_goal(kernel, replies, state, said, before=events)
        return
    proposal = _Proposal(plan, called.call, heard, context, text)
    await _propose(kernel, state, events, proposal)


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A new plan, the call it is from, and what stood in its prompt."""

    plan: Plan
    call: str
    heard: Taint
    context: Context
    asked: str


async def _propose(
    kernel: Kernel, state: GoalState, events: list[NewEvent], made: _Proposal
) -> None:
    revision, context = state.revision + 1, made.context
    fresh = freshened(made.plan, revision, frozenset(state.tasks))
    proposed = PlanProposed(
        revision=revision,
        plan=Erasable.of(kernel.redactor.redact(fresh.model_dump(mode="json"))),
        call=made.call,
        sources=made.heard,
        given=taken_along(fresh, context),
        carries=await carried(kernel, state, fresh, [*context.held, *_held(state)], made.asked),
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


def standing(state: GoalState) -> str:
    """Tell the planner what was done and what was not; outside and private text are handles."""
    lines = ["Your plan ran and part of it failed."]
    lines += [f"Done, stays done ({{{{ id }}}} refers to it):\n{_lines(state, _done)}"]
    lines += [f"Not done:\n{_lines(state, _undone)}"]
    lines += ["Failed:"]
    for task in went_wrong(state):
        lines.append(f"- {_named(task)} {_input(state, task)}: {_error(task)}")
    lines += [
        "Plan only what is left, another way, without repeating what is done; or, where there is "
        "no other way, say so in plain text."
        + (" It will all be asked." if state.plan_sources else "")
    ]
    return "\n".join(lines)


def _lines(state: GoalState, told: Any) -> str:  # noqa: ANN401 - one of the two below
    found = [f"- {line}" for task in state.tasks.values() if (line := told(task))]
    return "\n".join(found) or "- nothing"


def _done(task: TaskState) -> str:
    if task.status != "finished" or task.output is None:
        return ""
    if task.output.sources:
        return f"{_named(task)}: (outside text, not shown)"
    if task.output.private:
        return f"{_named(task)}: (private, not shown)"
    return f"{_named(task)}: {(task.said or '')[:SHORT]}"


def _error(task: TaskState) -> str:
    """Return what went wrong: in words of our own, or as a handle where others may have a part."""
    error = task.error or ""
    if not task.error_sources:
        return error[:SHORT]
    kinds = ", ".join(sorted({source.kind for source in task.error_sources}))
    handle = f"an error text of {len(error):,} characters from outside ({kinds}), not shown"
    return f"{task.plain}; {handle}" if task.plain else handle


def _input(state: GoalState, task: TaskState) -> str:
    """Return the input of a task as it was planned; not where outside text was in sight then."""
    return "(not shown)" if state.plan_sources else canonical(task.planned.input)[:SHORT]


def _held(state: GoalState) -> list[Held]:
    """Return the words of errors that the planner reads; they may name what is the owner's."""
    return [
        Held(source=Source(kind="tool", ref=_named(task)), text=task.error or "")
        for task in went_wrong(state)
        if not task.error_sources
    ]


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
