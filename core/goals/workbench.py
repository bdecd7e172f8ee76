"""The calls of one piece of an agent's work, held to its contract: cost, and reading only.

It keeps the label of what the work knows of the owner's own, and holds every call to it.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.agents.addresses import addresses
from core.agents.contract import Contract
from core.agents.outcome import Bench
from core.domain.base import Frozen
from core.domain.errors import ModelRefusedError, ModelUnreachableError, RefusedError
from core.domain.money import ZERO, dollars
from core.domain.sources import Private, Source, Taint, merged
from core.domain.templates import references
from core.gates.outflow import Reach, host_of, places, refusal, same_site
from core.goals.budgeting import call_model
from core.goals.finishing import Replies
from core.goals.private_parts import goal_words, named_hosts
from core.goals.reading import read_only, readable
from core.goals.replay import answered_before
from core.goals.state import GoalState, TaskState
from core.kernel import Kernel
from core.ports.action import Action, ActionResult
from core.ports.model import ModelAnswer, ModelRequest

REVIEWED = (Source(kind="memory", ref="review"),)
"""What work that is no task of a plan may know: a review has facts of the owner beside it."""


class Work:
    """One piece of work; `resumed` is work that was begun before, by a process that ended."""

    def __init__(
        self,
        kernel: Kernel,
        replies: Replies,
        state: GoalState,
        contract: Contract,
        *,
        resumed: bool = False,
    ) -> None:
        """Begin with nothing spent."""
        self._kernel, self._replies, self._state = kernel, replies, state
        self._contract, self._spent, self._resumed = contract, ZERO, resumed
        self._stakes = ""
        self._reach = Reach(private=REVIEWED)  # until a task says what it knows
        self._named = False

    @property
    def private(self) -> Private:
        """What of the owner's own the work knows by now."""
        return self._reach.private

    def bench(self, given: Frozen, taint: Taint, task: TaskState | None = None) -> Bench:
        """Return the agent's workbench for a validated input."""
        state = self._state
        self._stakes = stakes(self._kernel, state, task) if task else ""
        known = literal_addresses(self._kernel, state, task) if task else frozenset[str]()
        if task is not None:
            accepted = task.cleared_by == "owner"
            sent = sent_addresses(state, task)
            question = given.model_dump(mode="json").get("question")
            self._reach = Reach(
                private=state.private(task),
                asked=str(question or "") if accepted else None,
                given=known - sent,
                sent=places(sent) - places(known - sent),
            )
        return Bench(
            contract=self._contract,
            given=given,
            taint=taint,
            asked=state.title,
            ask=self.ask,
            read=self.read,
            reads=readable(self._kernel),
            planned=task.planned.input if task else {},
            addresses=known,
        )

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        """Make a call.

        Raises ModelRefusedError where it could pass the agent's cost limit, ModelUnreachableError
        where only the offline model could answer and may not stand in.
        """
        contract, calls = self._contract, self._kernel.calls
        if self._resumed and (kept := await answered_before(self._kernel, self._state.id, request)):
            self._spent += kept.usd
            return kept
        if calls.offline and not contract.stand_in:
            raise _nobody(contract)
        request = await calls.routed(
            self._state.id, request.model_copy(update={"stakes": self._stakes})
        )
        most = calls.ceiling(request)
        if self._spent + most > contract.max_usd and not calls.offline:
            message = (
                f"The agent {contract.name} may cost {dollars(contract.max_usd)} a task; "
                f"{dollars(self._spent)} are spent and this call may cost {dollars(most)}."
            )
            raise ModelRefusedError(message)
        called = await call_model(self._kernel, self._state, request)
        if called.events:
            await self._kernel.log.append(called.events)
        self._spent += Decimal(called.answer.usd)
        if called.fallback and not contract.stand_in:
            raise _nobody(contract)
        return called.answer

    async def read(self, action: str, args: dict[str, Any]) -> ActionResult:
        """Run a read-only action for the agent, where what it knows lets it."""
        kernel = self._kernel
        if self._reach.private and not self._named:
            hosts = named_hosts(await goal_words(kernel, self._state))
            self._reach = replace(self._reach, hosts=hosts)
            self._named = True
        only = self._leave(action, args)
        result = await read_only(kernel, self._state, action, args, only)
        self._learn(kernel.actions.get(action), result)
        return result

    def _leave(self, action: str, args: dict[str, Any]) -> frozenset[str] | None:
        """Return the hosts that a call may lead to, None for any, and count the page it reads.

        Raises RefusedError for a call that could tell others what is private.
        """
        actions, reach = self._kernel.actions, self._reach
        given = actions.validate(action, args).model_dump(mode="json")
        if (why := refusal(actions.get(action), given, reach)) is not None:
            raise RefusedError(why)
        url = given.get("url")
        if not isinstance(url, str):
            return None
        self._reach = replace(reach, pages=reach.pages + 1)
        return same_site(host_of(url)) if reach.private else None

    def _learn(self, action: Action[Any], result: ActionResult) -> None:
        """Keep what a result changes: what is private in it, and the addresses a search gave."""
        reach = self._reach
        if action.gives_private:
            named = result.private or (Source(kind="tool", ref=action.name),)
            self._reach = replace(
                reach,
                private=merged(reach.private, named),
                sent=reach.sent | (places(addresses(result.output)) - places(reach.given)),
            )
        elif "url" not in action.Args.model_fields:
            self._reach = replace(reach, found=reach.found | addresses(result.output))


def stakes(kernel: Kernel, state: GoalState, task: TaskState) -> str:
    """Return the action of high impact that a task's output goes into, empty for none."""
    high = {action.name for action in kernel.actions.offered() if action.declared == "high"}
    fed = (t.planned for t in state.tasks.values() if task.planned.id in t.planned.all_needs())
    return next((planned.action for planned in fed if planned.action in high), None) or ""


def literal_addresses(kernel: Kernel, state: GoalState, task: TaskState) -> frozenset[str]:
    """Return the web addresses in a task's input that nobody composed from outside text.

    They stand in what the planner wrote, unless it wrote it with outside text in sight; in a file
    or a message at hand; in what a read-only action gave; or in an agent's output, whose composed
    addresses were taken out. What a template puts together counts as little as what an action with
    an effect repeats. An answer may tell all of them; which may be read, `sent_addresses` says.
    """
    found = addresses(task.planned.input) if not state.plan_sources else frozenset()
    for name in references(task.planned.input):
        text, other = state.at_hand.get(name), state.tasks.get(name)
        if text is not None:
            found |= addresses(text.value)
        elif other and other.output is not None and _gives_literally(kernel, other):
            found |= addresses(other.output.value)
    return found


def sent_addresses(state: GoalState, task: TaskState) -> frozenset[str]:
    """Return the web addresses of a task that stand in nothing but what is the owner's own.

    They came in a mail, a file, a forwarded message or what repeats one: reading such a link may be
    an effect (it signs in, it confirms), so no agent does.
    """
    outputs = state.outputs()
    used = [outputs[name] for name in references(task.planned.input) if name in outputs]
    private = [address for one in used if one.private for address in addresses(one.value)]
    public = [address for one in used if not one.private for address in addresses(one.value)]
    written = addresses(task.planned.input) if not state.plan_sources else frozenset()
    return frozenset(private) - frozenset(public) - written


def _gives_literally(kernel: Kernel, task: TaskState) -> bool:
    action = task.planned.action
    return action is None or kernel.actions.get(action).declared == "none"


def _nobody(contract: Contract) -> ModelUnreachableError:
    message = f"There is no model for the {contract.name}, and the offline one cannot stand in."
    return ModelUnreachableError(message)
