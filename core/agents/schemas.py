"""The input and output models of the built-in agents."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from core.domain.base import Frozen

_ANSWERS = ("summary", "answer")
_CLAIMS = ("claim", "text", "finding")


class Lenient(Frozen):
    """What a model answers; fields that nobody asked for are dropped, not sent back."""

    model_config = ConfigDict(extra="ignore")


def _also(name: str, *others: str, **rules: Any) -> Any:  # noqa: ANN401 - what Field takes
    """Return a field that models also give by `others`; its schema shows its own name."""
    return Field(validation_alias=AliasChoices(name, *others), **rules)


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


class Finding(Lenient):
    """A passage that supports an answer: `quote` stands word by word in `source`."""

    source: str = _also("source", "url")
    quote: str = _also("quote", min_length=1)
    confidence: float = Field(ge=0, le=1)
    claim: str = _also(*_CLAIMS, default="")


class Research(Lenient):
    """What the researcher found; `found` is false where the question stays open."""

    text: str = _also("text", *_ANSWERS)
    findings: tuple[Finding, ...] = ()
    found: bool

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Let findings alone be an answer: they are its text, and whether there are any."""
        findings = value.get("findings") if isinstance(value, Mapping) else None
        if not isinstance(findings, list | tuple):
            return value
        made: dict[str, Any] = {"found": bool(findings)}
        if not value.keys() & {"text", *_ANSWERS}:
            made["text"] = " ".join(filter(None, map(_stated, findings)))
        return {**made, **value}


def _stated(finding: object) -> str:
    if not isinstance(finding, Mapping):
        return ""
    return str(next((finding[name] for name in (*_CLAIMS, "quote") if finding.get(name)), ""))


class ReviewInput(Frozen):
    """A text, what it should be like, and what it may rest on (null: not known)."""

    text: str
    rubric: str = ""
    sources: Any = None


class Review(Lenient):
    """Whether a text may leave, must be written again, or is for the owner to judge."""

    verdict: Literal["pass", "revise", "escalate"]
    reasons: tuple[str, ...] = ()
