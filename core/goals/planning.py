"""Planning: one model call turns the owner's words into a reply or a plan that can be run."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError

from core.agents.calls import Called
from core.agents.prompts import SUBMIT_PLAN, planner_messages, submit_plan
from core.agents.registry import PLANNER
from core.domain.coercion import validated
from core.domain.erasable import Erasable
from core.domain.errors import (
    BadInputError,
    BadPlanError,
    ModelRefusedError,
    RefusedError,
    StorageError,
)
from core.domain.events import NewEvent
from core.domain.events.goals import Given, PlanProposed
from core.domain.explain import explain
from core.domain.plan import Plan, PlannedTask, check_plan
from core.domain.sources import PROVIDER, Taint, merged
from core.domain.templates import references
from core.domain.whole_text import read_json
from core.goals.budgeting import call_model
from core.goals.finishing import Replies
from core.goals.plan_forms import joined, mended
from core.goals.private_parts import carried
from core.goals.replay import planned_before
from core.goals.state import GoalState
from core.goals.taking_in import came_with, take_in, transcript_of
from core.goals.wordless import SENT, problems, told
from core.kernel import Kernel
from core.memory.at_hand import file_source
from core.memory.context import Context
from core.ports.chat_surface import Progress
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest, ToolCall

MAX_TEXT = 100_000


async def plan_goal(kernel: Kernel, replies: Replies, state: GoalState) -> None:
    """Append the plan of a goal, or its reply when the answer needs no plan.

    An answer that does not validate is sent back once with what was wrong with it.
    """
    if state.revision:
        problem = "The plan of this goal was erased, so it cannot go on: please ask again."
        await _refuse(kernel, replies, state, [], problem)
        return
    await take_in(kernel, state)
    if await _told_without_words(kernel, replies, state):
        return
    text = await asked(kernel, state)
    if len(text) > MAX_TEXT:
        problem = (
            f"The message has {len(text):,} characters and I can work from {MAX_TEXT:,} at the "
            "most: it is kept, but please send the long part as a file or in pieces."
        )
        await _refuse(kernel, replies, state, [], problem)
        return
    await _plan(kernel, replies, state, text)


async def _plan(kernel: Kernel, replies: Replies, state: GoalState, text: str) -> None:
    recalled = kernel.recall.bare() if state.sources else None  # outside text is in the prompt
    context = recalled or await kernel.recall.build(state.conversation, text, said_by(state))
    await note_stated(kernel, state, context.recalled.facts)
    events = [planner_event(state, context.recalled)]
    messages = prompt(kernel, text, context)
    read = partial(read_plan, kernel, done=context.referable)
    try:
        called, plan = await ask_planner(kernel, state, messages, events, read)
    except StorageError:
        raise
    except RefusedError as error:
        others = isinstance(error, ModelRefusedError) and error.plain != str(error)
        quoted = (PROVIDER,) if others else ()
        await _refuse(kernel, replies, state, events, str(error), quoted)
        return
    if plan is None:
        said = called.answer.text.strip()
        closing = replies.finish(state, said, "answered")
        await kernel.log.append([*events, *closing])
        return
    proposed = PlanProposed(
        revision=1,
        plan=Erasable.of(kernel.redactor.redact(plan.model_dump(mode="json"))),
        call=called.call,
        sources=state.sources,
        given=taken_along(plan, context),
        carries=await carried(kernel, state, plan, context.held, text),
    )
    events.append(planner_event(state, proposed, key=f"{state.id}:plan:1"))
    await kernel.log.append(events, expect={f"goal:{state.id}": state.version})


async def _told_without_words(kernel: Kernel, replies: Replies, state: GoalState) -> bool:
    """Tell what could not be read; end a goal without words where only the offline model is there.

    Returns whether it ended.
    """
    files = await came_with(kernel, state)
    read = any(row.state == "read" for row in files)
    if files and not await words_of(kernel, state) and (kernel.calls.offline or not read):
        quoted = merged(tuple(file_source(row) for row in files if row.doc["error"]))
        await kernel.log.append(replies.finish(state, told(files), "answered", quoted))
        return True
    if events := problems(state, files, kernel):
        await kernel.log.append(events)
    return False


def taken_along(plan: Plan, context: Context) -> tuple[Given, ...]:
    """Return the texts at hand that a plan refers to."""
    wanted = frozenset(name for task in plan.tasks for name in task.all_needs())
    wanted &= context.referable
    return tuple(hand.given() for hand in context.hands if hand.id in wanted)


def said_by(state: GoalState) -> tuple[str, ...]:
    """Return the messages of a goal, with those that hold the words of its voice messages."""
    return (*state.messages, *(transcript_of(message) for message in state.messages))


async def words_of(kernel: Kernel, state: GoalState) -> str:
    """Return what the owner wrote or said, empty where nothing was."""
    rows = [await kernel.rows.get("messages", message) for message in said_by(state)]
    refs = [row.doc["text"]["ref"] for row in rows if row is not None]
    values = await kernel.log.values(refs)
    return "\n".join(said for ref in refs if (said := str(values.get(ref) or "")))


async def note_stated(kernel: Kernel, state: GoalState, facts: Sequence[str]) -> None:
    """Write down which secrets the owner's words and the facts beside them state.

    From then on they stand in every prompt as references, also where they are told bare.
    """
    if state.sources:
        return
    rows = [await kernel.rows.get("messages", message) for message in said_by(state)]
    rows += [await kernel.rows.get("facts", fact) for fact in facts]
    refs = [row.doc["text"]["ref"] for row in rows if row is not None]
    values = await kernel.log.values(refs)
    await kernel.calls.shield.note({ref: str(value) for ref, value in values.items()})


async def asked(kernel: Kernel, state: GoalState) -> str:
    """Return the owner's words, or what stands for them where only files came."""
    found = await words_of(kernel, state)
    return found or (SENT if await came_with(kernel, state) else state.title)


def prompt(kernel: Kernel, text: str, context: Context) -> tuple[ModelMessage, ...]:
    """Return the planner's messages for the owner's words."""
    contracts = [kernel.agents.get(name) for name in sorted(kernel.agents.plannable())]
    return planner_messages(text, context, contracts, kernel.actions.offered())


async def ask_planner(
    kernel: Kernel,
    state: GoalState,
    messages: tuple[ModelMessage, ...],
    events: list[NewEvent],
    read: Callable[[ModelAnswer], Plan | None],
) -> tuple[Called, Plan | None]:
    """Return the planner's answer and the plan in it; one that cannot be used is sent back once.

    What it answered before a crash, or before its budget was spent, is not asked for again. The
    events of the calls are added to `events`. Raises ModelRefusedError.
    """
    request = ModelRequest(
        agent="planner",
        tier=PLANNER.tier or "balanced",
        messages=messages,
        tools=(submit_plan(sorted(kernel.agents.plannable())),),
        words=next((message.content for message in messages if message.role == "user"), ""),
    )
    show = partial(_show, kernel, state)
    kernel.progress(Progress(state.conversation, state.id, status="thinking"))
    before = await planned_before(kernel, state.id, request)
    called = next(before, None) or await call_model(kernel, state, request, show)
    events.extend(called.events)
    try:
        return called, read(called.answer)
    except RefusedError as error:
        repair = _repair(request, called.answer, str(error))
    called = next(before, None) or await call_model(kernel, state, repair, show)
    events.extend(called.events)
    try:
        return called, read(called.answer)
    except RefusedError as error:
        message = f"The model's plan could not be used, also after one repair: {error}"
        raise ModelRefusedError(message) from error


def _show(kernel: Kernel, state: GoalState, delta: str) -> None:
    kernel.progress(Progress(state.conversation, state.id, delta=delta))


def read_plan(
    kernel: Kernel, answer: ModelAnswer, done: frozenset[str] = frozenset()
) -> Plan | None:
    """Return the plan in an answer, None when the answer is plain text.

    `done` is what it may refer to beside its own tasks: finished ones, and what is at hand.

    Raises RefusedError, in a sentence that the model can act on, for anything else.
    """
    if not answer.tool_calls:
        if not answer.text.strip():
            message = "The answer was empty: reply with text or call submit_plan."
            raise BadPlanError(message)
        return None
    actions = frozenset(action.name for action in kernel.actions.offered())
    try:
        parts = [_submitted(call, actions) for call in answer.tool_calls]
        plan = validated(Plan, joined(parts))
    except BadInputError as error:
        message = f"The plan is {error}."
        raise BadPlanError(message) from error
    except ValidationError as error:
        message = f"The plan does not fit the schema: {explain(error)}."
        raise BadPlanError(message) from error
    check_plan(plan, kernel.agents.plannable(), done)
    for task in plan.tasks:
        _check_input(kernel, task)
    return plan


def _submitted(call: ToolCall, actions: frozenset[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return the plan of one call: submitted, or one action that was called as if it were a tool.

    Raises BadPlanError for a tool that is neither, BadInputError for what is no JSON.
    """
    action = call.name.replace("__", ".")
    if call.name == SUBMIT_PLAN:
        return mended(read_json(call.arguments), actions)
    if action not in actions:
        message = f"The tool {call.name!r} does not exist; the only tool is submit_plan."
        raise BadPlanError(message)
    given = {"action": action, "args": read_json(call.arguments or "{}")}
    return {"title": action, "tasks": [{"id": "t1", "agent": "executor", "input": given}]}


def _check_input(kernel: Kernel, task: PlannedTask) -> None:
    contract = kernel.agents.get(task.agent)
    try:
        validated(contract.input, task.input)
    except ValidationError as error:
        if task.action is not None or not _open_until_filled(task, error):
            message = f"The input of task {task.id!r} does not fit {task.agent}: {explain(error)}."
            raise BadPlanError(message) from error
    if task.action is not None:
        kernel.actions.plannable(task.action)
        if not references(task.args):
            kernel.actions.validate(task.action, task.args)


def _open_until_filled(task: PlannedTask, error: ValidationError) -> bool:
    """Whether all that does not fit are fields whose form shows once references are filled in."""
    fields = {str(found["loc"][0]) if found["loc"] else "" for found in error.errors()}
    return all(references(task.input.get(field)) for field in fields)


def _repair(request: ModelRequest, answer: ModelAnswer, problem: str) -> ModelRequest:
    said = ModelMessage(role="assistant", content=answer.text, tool_calls=answer.tool_calls)
    notes = [
        ModelMessage(role="tool", tool_call_id=call.id, content=f"Not accepted: {problem}")
        for call in answer.tool_calls
    ] or [ModelMessage(role="user", content=f"Not accepted: {problem}")]
    return request.model_copy(update={"messages": (*request.messages, said, *notes)})


async def _refuse(
    kernel: Kernel,
    replies: Replies,
    state: GoalState,
    events: list[NewEvent],
    problem: str,
    quoted: Taint = (),
) -> None:
    closing = replies.finish(state, problem, "failed", quoted)
    await kernel.log.append([*events, *closing])


def planner_event(state: GoalState, payload: Any, key: str | None = None) -> NewEvent:  # noqa: ANN401
    """Return an event of the planner on the stream of its goal."""
    return NewEvent(
        stream=f"goal:{state.id}", payload=payload, goal=state.id, actor="planner", key=key
    )
