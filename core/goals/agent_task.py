"""A task of an agent that uses a model, held to its contract: caller, schemas, cost, time."""

import asyncio
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from core.agents.addresses import without_composed
from core.agents.contract import Caller, Contract
from core.agents.one_call import one_call
from core.agents.outcome import Bench, Outcome
from core.agents.voice import WRITER, in_voice
from core.domain.base import Frozen
from core.domain.canonical import canonical
from core.domain.coercion import validated
from core.domain.erasable import Erasable
from core.domain.errors import (
    BadInputError,
    EquerryError,
    ModelRefusedError,
    ModelUnreachableError,
    RefusedError,
    StorageError,
)
from core.domain.events import NewEvent
from core.domain.events.goals import TaskFailed, TaskFinished, TaskStarted
from core.domain.explain import explain
from core.domain.sources import PROVIDER, Private, Source, Taint, merged
from core.domain.templates import resolve
from core.goals.finishing import Replies
from core.goals.state import GoalState, TaskState
from core.goals.workbench import Work
from core.kernel import Kernel
from core.ports.chat_surface import Progress
from core.telemetry.health import weigh

PATIENCE = 2


async def run_agent(kernel: Kernel, replies: Replies, state: GoalState, task: TaskState) -> None:
    """Run a model agent's task and append its output or its failure."""
    name = task.planned.agent
    started = TaskStarted(task=task.planned.id, agent=name, attempt=task.attempt + 1)
    await kernel.log.append([_event(state, started)])
    kernel.progress(Progress(state.conversation, state.id, status=f"{name} works"))
    try:
        outcome, private = await _work(kernel, replies, state, task)
    except StorageError:
        raise
    except (RefusedError, ModelUnreachableError) as error:
        told = kernel.redactor.text(str(error))
        failed = TaskFailed(
            task=task.planned.id,
            agent=name,
            error=Erasable.of(told),
            kind="refused",
            sources=_quoted(kernel, state, task, error),
            plain=error.plain,
        )
        await kernel.log.append([_event(state, failed, key=task.end_key(state.id))])
        await weigh(kernel.log, kernel.rows, f"agent:{name}")
        return
    output = kernel.redactor.redact(outcome.output.model_dump(mode="json"))
    finished = TaskFinished(
        task=task.planned.id,
        agent=name,
        output=Erasable.of(output),
        said=Erasable.of(output.get("text", canonical(output))),
        sources=outcome.sources,
        private=private,
    )
    await kernel.log.append([_event(state, finished, key=task.end_key(state.id))])
    await weigh(kernel.log, kernel.rows, f"agent:{name}")


def _quoted(kernel: Kernel, state: GoalState, task: TaskState, error: EquerryError) -> Taint:
    """Return the outside sources that the words of an error may quote."""
    name = task.planned.agent
    reads = kernel.agents.runner(name) is not one_call
    own = (Source(kind="tool", ref=name),) if reads else ()
    model = isinstance(error, ModelRefusedError | ModelUnreachableError)
    said = (PROVIDER,) if model and error.plain != str(error) else ()
    return merged(state.given(task), task.review_sources, own, said)


async def _work(
    kernel: Kernel, replies: Replies, state: GoalState, task: TaskState
) -> tuple[Outcome, Private]:
    """Return what came of the work, and what of the owner's own it knew."""
    contract = called_by(kernel.agents.get(task.planned.agent), "plan")
    contract = in_voice(contract, kernel.profile.voice)
    resolved = resolve(task.planned.input, state.outputs(), contract.input)
    taint = merged(state.plan_sources, task.review_sources, *resolved.taint.values())
    work = Work(kernel, replies, state, contract, resumed=task.attempt > 0)
    given = check_input(contract, revised(resolved.args, task))
    bench = work.bench(given, taint, task)
    outcome = _checked(contract, await in_time(kernel, bench), bench)
    voiced = contract.name == WRITER and bool(kernel.profile.voice)
    voice = (Source(kind="profile", ref="voice"),) if voiced else ()
    return outcome, merged(work.private, voice)


def called_by(contract: Contract, caller: Caller) -> Contract:
    """Return the contract. Raises ModelRefusedError for a caller that it does not name."""
    if caller not in contract.callers:
        message = f"The agent {contract.name} may not be called by a {caller}."
        raise ModelRefusedError(message)
    return contract


async def in_time(kernel: Kernel, bench: Bench) -> Outcome:
    """Let an agent work. Raises ModelRefusedError where it takes twice as long as expected."""
    contract = bench.contract
    longest = contract.latency.total_seconds() * PATIENCE
    try:
        async with asyncio.timeout(longest):
            return await kernel.agents.runner(contract.name)(bench)
    except TimeoutError as error:
        message = f"The agent {contract.name} did not end within {longest:.0f} s."
        raise ModelRefusedError(message) from error


def _checked(contract: Contract, outcome: Outcome, bench: Bench) -> Outcome:
    """Hold an output to its schema, and one with outside text in it to the addresses that text has.

    Raises ModelRefusedError for an output of another form.
    """
    output = outcome.output.model_dump(mode="json")
    if outcome.sources:
        output = without_composed(output, bench.addresses | outcome.addresses)
    try:
        return replace(outcome, output=contract.output.model_validate(output))
    except ValidationError as error:
        message = f"The output does not fit the agent {contract.name}: {explain(error)}."
        raise ModelRefusedError(message) from error


def revised(args: dict[str, Any], task: TaskState) -> dict[str, Any]:
    """Return an assistant's input with what a review asked for."""
    if not task.remarks or task.draft is None:
        return args
    remarks = "\n".join(f"- {remark}" for remark in task.remarks)
    told = f"{args.get('instruction', '')}\n\nYour draft was sent back; write it again:\n{remarks}"
    inputs = {**(args.get("inputs") or {}), "draft": task.draft.value}
    return {**args, "instruction": told, "inputs": inputs}


def check_input(contract: Contract, given: dict[str, object]) -> Frozen:
    """Return the validated input of an agent. Raises BadInputError."""
    try:
        return validated(contract.input, given)
    except ValidationError as error:
        message = f"The input does not fit the agent {contract.name}: {explain(error)}."
        raise BadInputError(message) from error


def _event(
    state: GoalState, payload: TaskStarted | TaskFinished | TaskFailed, key: str | None = None
) -> NewEvent:
    return NewEvent(
        stream=f"goal:{state.id}", payload=payload, goal=state.id, actor=payload.agent, key=key
    )
