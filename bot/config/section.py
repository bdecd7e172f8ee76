"""The base of every part of the configuration."""

from collections.abc import Iterator
from typing import Any, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from core.domain.base import Frozen

CONFLICTS = "conflicts"
"""Error type: values that are fine alone and do not fit together; `found` lists (key, sentence)."""


class Section(Frozen):
    """A mapping in the file; a section that is left out or left empty has its defaults."""

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, data: Any) -> Any:  # noqa: ANN401 - anything may be written
        return {} if data is None else data

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        found = list(self.conflicts())
        if found:
            raise PydanticCustomError(CONFLICTS, "values do not fit together", {"found": found})
        return self

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Yield (key below this section, sentence without a full stop) for what does not fit."""
        yield from ()
