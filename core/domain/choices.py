"""What may be answered to a message by a tap: short words, and the command line they stand for."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from core.domain.base import Frozen

LONGEST_LABEL = 40


class Choice(Frozen):
    """One thing to choose; `line` is the command that a tap runs, as if the owner had written it.

    A surface without buttons leaves them out: the text of the message names the same things.
    """

    label: str = Field(min_length=1, max_length=LONGEST_LABEL)
    line: str = Field(pattern=r"^/[a-z]+(?: [^\n]+)?$")


def read_choices(stored: Any) -> tuple[Choice, ...]:  # noqa: ANN401 - what was stored as JSON
    """Return the choices of a stored message; none where they were erased."""
    try:
        return tuple(Choice.model_validate(one) for one in stored or ())
    except (ValidationError, TypeError):
        return ()


def stored_choices(choices: Sequence[Choice]) -> list[dict[str, str]]:
    """Return choices as JSON."""
    return [{"label": one.label, "line": one.line} for one in choices]
