"""A task of an agent that uses a model: one call, one repair, an output that validates."""

import json

from pydantic import ValidationError

from core.agents.contract import Contract
from core.agents.prompts import ASSISTANT_RULES, submit_result
from core.domain.base import Frozen
from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, ModelRefusedError, RefusedError
from core.domain.events import NewEvent
from core.domain.events.goals import TaskFailed, TaskFinished, TaskStarted
from core.domain.explain import explain
from core.domain.sources import merged
from core.domain.templates import resolve
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.ports.chat_surface import Progress
from core.ports.model import ModelAnswer, ModelMessage, ModelRequest


async def run_agent(kernel: Kernel, state: GoalState, task: TaskState) -> None:
    """Run a model agent's task and append its output or its failure."""
    contract = kernel.agents.get(task.planned.agent)
    started = TaskStarted(task=task.planned.id, agent=contract.name, attempt=task.attempt + 1)
    await kernel.log.append([_event(state, started)])
    kernel.progress(Progress(state.conversation, state.id, status=f"{contract.name} works"))
    try:
        resolved = resolve(task.planned.input, state.outputs())
        given = _input(contract, resolved.args)
        sources = merged(state.plan_sources, *resolved.taint.values())
        events, output = await _answer(kernel, state, contract, given)
    except RefusedError as error:
        failed = TaskFailed(
            task=task.planned.id, agent=contract.name, error=Erasable.of(str(error)), kind="refused"
        )
        await kernel.log.append([_event(state, failed, key=_key(state, task))])
        return
    finished = TaskFinished(
        task=task.planned.id,
        agent=contract.name,
        output=Erasable.of(output.model_dump(mode="json")),
        said=Erasable.of(getattr(output, "text", canonical(output.model_dump(mode="json")))),
        sources=sources,
    )
    await kernel.log.append([*events, _event(state, finished, key=_key(state, task))])


def _input(contract: Contract, given: dict[str, object]) -> Frozen:
    try:
        return contract.input.model_validate(given)
    except ValidationError as error:
        message = f"The input does not fit the agent {contract.name}: {explain(error)}."
        raise BadInputError(message) from error


async def _answer(
    kernel: Kernel, state: GoalState, contract: Contract, given: Frozen
) -> tuple[list[NewEvent], Frozen]:
    tool = submit_result(contract.output.model_json_schema())
    request = ModelRequest(
        agent=contract.name,
        tier=contract.tier or "balanced",
        messages=(
            ModelMessage(role="system", content=ASSISTANT_RULES, stable=True),
            ModelMessage(role="user", content=canonical(given.model_dump(mode="json"))),
        ),
        tools=(tool,),
        require=tool.name,
    )
    called = await kernel.calls.complete(state.id, request)
    events = called.events
    try:
        return events, read_result(contract, called.answer)
    except BadInputError as error:
        problem = ModelMessage(role="user", content=f"Not accepted: {error}")
    said = ModelMessage(role="assistant", content=called.answer.text or "(no text)")
    again = request.model_copy(update={"messages": (*request.messages, said, problem)})
    called = await kernel.calls.complete(state.id, again)
    events += called.events
    try:
        return events, read_result(contract, called.answer)
    except BadInputError as error:
        await kernel.log.append(events)
        message = f"The {contract.name}'s answer could not be used, also after one repair: {error}"
        raise ModelRefusedError(message) from error


def read_result(contract: Contract, answer: ModelAnswer) -> Frozen:
    """Return the validated output in an answer. Raises BadInputError with what was wrong."""
    raw = next((c.arguments for c in answer.tool_calls if c.name == "submit_result"), None)
    if raw is None:
        if set(contract.output.model_fields) == {"text"} and answer.text.strip():
            return contract.output.model_validate({"text": answer.text.strip()})
        message = "Call submit_result with the result."
        raise BadInputError(message)
    try:
        return contract.output.model_validate(json.loads(raw))
    except json.JSONDecodeError as error:
        message = f"The result is not valid JSON: {error.msg} at character {error.pos}."
        raise BadInputError(message) from error
    except ValidationError as error:
        message = f"The result does not fit the schema: {explain(error)}."
        raise BadInputError(message) from error


def _key(state: GoalState, task: TaskState) -> str:
    return f"{state.id}:{task.planned.id}:end"


def _event(
    state: GoalState, payload: TaskStarted | TaskFinished | TaskFailed, key: str | None = None
) -> NewEvent:
    return NewEvent(
        stream=f"goal:{state.id}", payload=payload, goal=state.id, actor=payload.agent, key=key
    )
