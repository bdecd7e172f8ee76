"""Files with a JSON object on each line, read with every mistake told by its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from core.domain.explain import explain

T = TypeVar("T")
Line = dict[str, Any]


def read_lines(path: Path, understood: Callable[[Line], T]) -> tuple[list[str], list[T]]:
    """Return the mistakes of a file, and what `understood` makes of each line without one."""
    problems: list[str] = []
    found: list[T] = []
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                found.append(understood(json.loads(raw)))
            except ValidationError as error:
                problems.append(f"{path.name}, line {number}: {explain(error)}.")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                problems.append(f"{path.name}, line {number}: {_told(error)}.")
    return problems, found


def _told(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"this is no JSON: {error.msg} at column {error.colno}"
    if isinstance(error, KeyError):
        return f"the key {error.args[0]!r} is needed"
    return str(error) if isinstance(error, ValueError) else "this must be a JSON object"
