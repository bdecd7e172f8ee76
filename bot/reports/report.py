"""A report: the same facts as data and as lines."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """`data` is what `--json` prints; `text` is what people read, with the commands it states."""

    data: Any
    text: str
