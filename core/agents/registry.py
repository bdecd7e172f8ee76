"""The agents there are."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from core.agents import schemas
from core.agents.contract import Contract
from core.agents.one_call import one_call
from core.agents.outcome import Runner
from core.agents.prompts import ASSISTANT_RULES
from core.agents.researcher import RESEARCHER, Researcher
from core.agents.reviewer import REVIEWER, Reviewer
from core.domain.errors import UnknownThingError
from core.domain.money import ZERO

PLANNER = Contract(
    name="planner",
    role="Turns a message into a reply or a plan of tasks.",
    capabilities=("answer at once", "plan tasks as a graph", "never reads outside text"),
    input=schemas.Request,
    output=schemas.Reply,
    tier="balanced",
    confidence=0.5,
    failure_modes=("plan does not validate", "model unreachable", "budget spent"),
    latency=timedelta(seconds=20),
    max_usd=Decimal("0.25"),
    callers=frozenset({"goal"}),
    replans=1,
)
EXECUTOR = Contract(
    name="executor",
    role="Runs one action after the gate let it through.",
    capabilities=("validate arguments", "ask the gate", "run, retry and undo actions"),
    input=schemas.ExecutorInput,
    output=schemas.ExecutorOutput,
    tier=None,
    failure_modes=("arguments out of schema", "denied or rejected", "outcome unknown"),
    latency=timedelta(seconds=30),
    max_usd=ZERO,
    callers=frozenset({"plan"}),
)
ASSISTANT = Contract(
    name="assistant",
    role="Drafts text from given inputs in the owner's voice.",
    capabilities=("write", "summarise", "answer from inputs"),
    input=schemas.AssistantInput,
    output=schemas.Reply,
    tier="balanced",
    confidence=0.5,
    failure_modes=("answer does not validate", "model unreachable", "budget spent"),
    latency=timedelta(seconds=20),
    max_usd=Decimal("0.25"),
    prompt=ASSISTANT_RULES,
    callers=frozenset({"plan"}),
)
BUILT_IN = (PLANNER, EXECUTOR, ASSISTANT, RESEARCHER, REVIEWER)


class AgentRegistry:
    """Agents by name."""

    def __init__(
        self,
        contracts: Iterable[Contract] = BUILT_IN,
        runners: Mapping[str, Runner] | None = None,
    ) -> None:
        """Take the contracts; a later one of the same name replaces an earlier one.

        `runners` says how an agent works; beside the built-in ones, one that is not named there
        makes one call.
        """
        self._contracts = {contract.name: contract for contract in contracts}
        own: dict[str, Runner] = {RESEARCHER.name: Researcher(), REVIEWER.name: Reviewer()}
        self._runners = {**own, **(runners or {})}

    def runner(self, name: str) -> Runner:
        """Return how an agent works."""
        return self._runners.get(name, one_call)

    def roaming(self) -> frozenset[str]:
        """Return the agents that do not make one call only: they may read by themselves."""
        return frozenset(self._runners)

    def get(self, name: str) -> Contract:
        """Return a contract. Raises UnknownThingError for a name that nobody registered."""
        contract = self._contracts.get(name)
        if contract is None:
            message = f"There is no agent {name!r}; there are: {', '.join(self._contracts)}."
            raise UnknownThingError(message)
        return contract

    def plannable(self) -> frozenset[str]:
        """Return the names that a plan may use."""
        return frozenset(n for n, c in self._contracts.items() if "plan" in c.callers)

    def all(self) -> tuple[Contract, ...]:
        """Return every contract in order of registration."""
        return tuple(self._contracts.values())
