"""An agent's task as something the owner can be asked about, like an operation."""

from typing import ClassVar

from pydantic import ConfigDict

from core.agents.contract import Contract
from core.domain.canonical import canonical
from core.domain.cards import Impact
from core.domain.errors import BugError
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview

AGENT = "agent."
"""What the name of an agent's work begins with, as an action of its own."""


class AgentInput(ActionArgs):
    """The input of an agent, field by field as its contract has it."""

    model_config = ConfigDict(extra="allow")


class AgentWork(Action[AgentInput]):
    """Lets an agent work on an input; what it does is read and write text, so it has no impact.

    It is never run as an operation: once it is accepted, the agent's own step begins.
    """

    name: ClassVar[str] = "agent"
    public_sink: ClassVar[bool] = False
    summary: ClassVar[str] = "let an agent work"
    Args = AgentInput
    declared: ClassVar[Impact] = "none"
    pinned: ClassVar[frozenset[str] | None] = frozenset()

    def __init__(self, contract: Contract) -> None:
        """Take the contract of the agent."""
        self._contract = contract

    def reaches(self, args: AgentInput) -> str:
        """Return who a loop may tell."""
        return "the search service and the sites it reads"

    def preview(self, args: AgentInput) -> Preview:
        """Show the whole input."""
        given = args.model_dump(mode="json")
        question = given.get("question") or given.get("instruction")
        title = f"Let the {self._contract.name} work"
        body = question if isinstance(question, str) else canonical(given)
        rest = {name: value for name, value in given.items() if value != question}
        more = f"\n{canonical(rest)}" if isinstance(question, str) and rest else ""
        reads = "\nIt may search and read the web with this in sight." if self.public_sink else ""
        return Preview(title=title, body=f"{body}{more}{reads}")

    async def run(self, args: AgentInput, context: ActionContext) -> ActionResult:
        """Raise BugError: agents are run by their own step."""
        message = f"{self.name} is no operation."
        raise BugError(message)


def agent_work(contract: Contract, *, outside: bool) -> AgentWork:
    """Return the work of an agent; `outside`: it reads by itself what others wrote."""

    class Work(AgentWork):
        name: ClassVar[str] = f"{AGENT}{contract.name}"
        public_sink: ClassVar[bool] = outside

    return Work(contract)
