"""The input and output models of the built-in agents."""

from typing import Any, Literal

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


class Question(Frozen):
    """What the researcher is asked."""

    question: str = Field(min_length=1)


class Finding(Frozen):
    """A passage that supports an answer: `quote` stands word by word in `source`."""

    source: str
    quote: str = Field(min_length=1)
    confidence: float = Field(ge=0, le=1)
    claim: str = ""


class Research(Frozen):
    """What the researcher found; `found` is false where the question stays open."""

    text: str
    findings: tuple[Finding, ...] = ()
    found: bool


class ReviewInput(Frozen):
    """A text, what it should be like, and what it may rest on (null: not known)."""

    text: str
    rubric: str = ""
    sources: Any = None


class Review(Frozen):
    """Whether a text may leave, must be written again, or is for the owner to judge."""

    verdict: Literal["pass", "revise", "escalate"]
    reasons: tuple[str, ...] = ()
