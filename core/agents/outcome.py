"""What an agent is handed to work with, and what it gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.agents.contract import Contract
from core.domain.base import Frozen
from core.domain.sources import Taint
from core.ports.action import ActionResult
from core.ports.model import ModelAnswer, ModelRequest


@dataclass(frozen=True, slots=True)
class Outcome:
    """A validated output with the outside sources it is derived from."""

    output: Frozen
    sources: Taint = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """An agent's workbench: its contract, validated input, and the two things it may do.

    `ask` makes a model call inside the contract's cost limit. `read` runs a read-only action and
    refuses every other. `taint` are the outside sources of the input, `asked` the owner's words.
    """

    contract: Contract
    given: Frozen
    taint: Taint
    asked: str
    ask: Callable[[ModelRequest], Awaitable[ModelAnswer]]
    read: Callable[[str, dict[str, object]], Awaitable[ActionResult]]


Runner = Callable[[Bench], Awaitable[Outcome]]
"""How an agent works: the one-call way for most, a loop for the researcher."""
