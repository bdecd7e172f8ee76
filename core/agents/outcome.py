"""What an agent is handed to work with, and what it gives back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from core.agents.contract import Contract
from core.domain.base import Frozen, JsonObject
from core.domain.sources import Taint
from core.ports.action import Action, ActionResult
from core.ports.model import ModelAnswer, ModelRequest


@dataclass(frozen=True, slots=True)
class Outcome:
    """A validated output with the outside sources it is derived from.

    `addresses` are those that stood in what was read; a tainted output may name no others but them
    and those of its input.
    """

    output: Frozen
    sources: Taint = ()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bench:
    """An agent's workbench: its contract, validated input, and the two things it may do.

    `ask` makes a model call inside the contract's cost limit. `read` runs a read-only action and
    refuses every other; `reads` are those there are. `taint` are the outside sources of the input,
    `asked` the owner's words, `planned` the input before references were filled in, and `addresses`
    those that stand literally in the input or in an output it refers to.
    """

    contract: Contract
    given: Frozen
    taint: Taint
    asked: str
    ask: Callable[[ModelRequest], Awaitable[ModelAnswer]]
    read: Callable[[str, dict[str, Any]], Awaitable[ActionResult]]
    reads: tuple[Action[Any], ...] = ()
    planned: JsonObject = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()


Runner = Callable[[Bench], Awaitable[Outcome]]
"""How an agent works: the one-call way for most, a loop for the researcher."""
