"""The input and output models of the built-in agents."""

from typing import Any

from pydantic import Field

from core.domain.base import Frozen


class Request(Frozen):
    """What the planner is asked: the owner's words."""

    text: str


class Reply(Frozen):
    """What the planner or the assistant says."""

    text: str


class AssistantInput(Frozen):
    """What to write, and from which inputs."""

    instruction: str = Field(min_length=1)
    inputs: dict[str, Any] = {}


class ExecutorInput(Frozen):
    """One use of an action."""

    action: str = Field(min_length=1)
    args: dict[str, Any] = {}


class ExecutorOutput(Frozen):
    """Whatever the action gave back."""

    result: dict[str, Any]
