"""The two sides a researcher may read from, and never both in one loop.

Who reads outside text with private memory at hand could be told to carry the one to the other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.ports.action import Action
from core.ports.model import ToolSpec

_MEMORY = re.compile(
    r"\b(memory|memories|remember(s|ed)?|recall(s|ed)?|the owner('s)?"
    r"|(did|have|had) (I|we) (say|said|tell|told|mention|mentioned|note|noted|write|written)"
    r"|(do|did) (I|we) know|(I|we) (said|told|mentioned|noted|wrote)"
    r"|(my|our) (own )?(notes?|facts?|records?))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Side:
    """Where a loop reads: `outside` or `inside`, and with which actions."""

    name: Literal["outside", "inside"]
    actions: tuple[Action[Any], ...]

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        """The actions as tools of the model protocol."""
        return tuple(
            ToolSpec(
                name=tool_name(action.name),
                description=action.summary,
                parameters=action.Args.model_json_schema(),
            )
            for action in self.actions
        )

    def action(self, tool: str) -> str | None:
        """Return the action behind a tool of this side, None for any other name."""
        return next((a.name for a in self.actions if tool_name(a.name) == tool), None)


def tool_name(action: str) -> str:
    """Return the name of an action as a tool: `.` is replaced by `__`."""
    return action.replace(".", "__")


def choose_side(question: str, reads: Sequence[Action[Any]]) -> Side:
    """Return the side a question is answered from, by its words alone.

    Outside are the actions whose arguments reach others, inside all that the owner has configured.

    `question` is as planned, its references not filled in: outside text has no say here. A question
    about the owner's own memory is answered inside; any other outside where that is configured.
    """
    outside = tuple(a for a in reads if a.public_sink)
    inside = tuple(a for a in reads if not a.public_sink)
    if (inside and _MEMORY.search(question)) or not outside:
        return Side("inside", inside)
    return Side("outside", outside)
