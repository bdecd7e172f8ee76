"""JSON that others wrote: a model, a page, somebody at a keyboard."""

import json
from math import isfinite
from typing import Any, Final

DEEPEST: Final = 100
"""Who goes through a value in steps of its own stays far under what Python allows."""


def parse_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON text.

    Raises JSONDecodeError also for what could not be kept or gone through: numbers that are none or
    have thousands of digits, and lists in lists without end.
    """
    try:
        value = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise _wrong("Nested too deeply") from None
    except ValueError as error:
        raise _wrong(str(error)) from None
    _check(value)
    return value


def _check(value: Any) -> None:  # noqa: ANN401 - as above
    """Raise for what is nested too deeply, and for a number that is too large to be one."""
    level = [value]
    for _ in range(DEEPEST):
        if any(isinstance(one, float) and not isfinite(one) for one in level):
            raise _wrong("A number is too large")
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise _wrong("Nested too deeply")


def _no_number(name: str) -> None:
    message = f"{name} is no number"
    raise ValueError(message)


def _wrong(problem: str) -> json.JSONDecodeError:
    return json.JSONDecodeError(problem, "", 0)
