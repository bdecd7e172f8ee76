"""A report: the same facts as data and as lines."""

from typing import Any

from core.domain.base import Frozen


class Report(Frozen):
    """`data` is what `--json` prints; `text` is what people read."""

    data: Any
    text: str
