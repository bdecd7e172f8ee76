"""A task of an agent that uses a model, held to its contract: caller, schemas, cost, time."""

import asyncio
from decimal import Decimal

from pydantic import ValidationError

from core.agents.contract import Contract
from core.agents.outcome import Bench, Outcome
from core.domain.base import Frozen
from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, ModelRefusedError, RefusedError
from core.domain.events import NewEvent
from core.domain.events.goals import TaskFailed, TaskFinished, TaskStarted
from core.domain.explain import explain
from core.domain.money import ZERO, dollars
from core.domain.sources import Taint, merged
from core.domain.templates import resolve
from core.goals.budgeting import call_model, warn
from core.goals.finishing import Replies
from core.goals.reading import read_only
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.ports.action import ActionResult
from core.ports.chat_surface import Progress
from core.ports.model import ModelAnswer, ModelRequest

PATIENCE = 2


async def run_agent(kernel: Kernel, replies: Replies, state: GoalState, task: TaskState) -> None:
    """Run a model agent's task and append its output or its failure."""
    name = task.planned.agent
    started = TaskStarted(task=task.planned.id, agent=name, attempt=task.attempt + 1)
    await kernel.log.append([_event(state, started)])
    kernel.progress(Progress(state.conversation, state.id, status=f"{name} works"))
    try:
        outcome = await _work(kernel, replies, state, task)
    except RefusedError as error:
        failed = TaskFailed(
            task=task.planned.id, agent=name, error=Erasable.of(str(error)), kind="refused"
        )
        await kernel.log.append([_event(state, failed, key=_key(state, task))])
        return
    output = outcome.output.model_dump(mode="json")
    finished = TaskFinished(
        task=task.planned.id,
        agent=name,
        output=Erasable.of(output),
        said=Erasable.of(getattr(outcome.output, "text", canonical(output))),
        sources=outcome.sources,
    )
    await kernel.log.append([_event(state, finished, key=_key(state, task))])


async def _work(kernel: Kernel, replies: Replies, state: GoalState, task: TaskState) -> Outcome:
    contract = kernel.agents.get(task.planned.agent)
    if "plan" not in contract.callers:
        message = f"The agent {contract.name} may not be called by a plan."
        raise ModelRefusedError(message)
    resolved = resolve(task.planned.input, state.outputs())
    taint = merged(state.plan_sources, *resolved.taint.values())
    bench = Work(kernel, replies, state, contract).bench(
        check_input(contract, resolved.args), taint
    )
    longest = contract.latency.total_seconds() * PATIENCE
    try:
        async with asyncio.timeout(longest):
            return await kernel.agents.runner(contract.name)(bench)
    except TimeoutError as error:
        message = f"The agent {contract.name} did not end within {longest:.0f} s."
        raise ModelRefusedError(message) from error


class Work:
    """The calls of one task, counted against the contract's cost limit."""

    def __init__(
        self, kernel: Kernel, replies: Replies, state: GoalState, contract: Contract
    ) -> None:
        """Begin with nothing spent."""
        self._kernel, self._replies, self._state = kernel, replies, state
        self._contract, self._spent = contract, ZERO

    def bench(self, given: Frozen, taint: Taint) -> Bench:
        """Return the agent's workbench."""
        return Bench(
            contract=self._contract,
            given=given,
            taint=taint,
            asked=self._state.title,
            ask=self.ask,
            read=self.read,
        )

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Make a call. Raises ModelRefusedError where it could pass the agent's cost limit."""
        limit, most = self._contract.max_usd, self._kernel.calls.ceiling(request)
        if self._spent + most > limit and not self._kernel.calls.offline:
            message = (
                f"The agent {self._contract.name} may cost {dollars(limit)} a task; "
                f"{dollars(self._spent)} are spent and this call may cost {dollars(most)}."
            )
            raise ModelRefusedError(message)
        called = await call_model(self._kernel, self._state, request)
        if called.events:
            await self._kernel.log.append(called.events)
        self._spent += Decimal(called.answer.usd)
        if called.tight:
            await warn(self._kernel, self._replies, self._state, called.tight)
        return called.answer

    async def read(self, action: str, args: dict[str, object]) -> ActionResult:
        """Run a read-only action for the agent."""
        return await read_only(self._kernel, self._state, action, args)


def check_input(contract: Contract, given: dict[str, object]) -> Frozen:
    """Return the validated input of an agent. Raises BadInputError."""
    try:
        return contract.input.model_validate(given)
    except ValidationError as error:
        message = f"The input does not fit the agent {contract.name}: {explain(error)}."
        raise BadInputError(message) from error


def _key(state: GoalState, task: TaskState) -> str:
    return f"{state.id}:{task.planned.id}:end"


def _event(
    state: GoalState, payload: TaskStarted | TaskFinished | TaskFailed, key: str | None = None
) -> NewEvent:
    return NewEvent(
        stream=f"goal:{state.id}", payload=payload, goal=state.id, actor=payload.agent, key=key
    )
