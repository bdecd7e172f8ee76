"""JSON that others wrote: a model, a server, a file. What could not be stored later is refused."""

import json
from math import isfinite
from typing import Any, Final, NoReturn

DEEPEST: Final = 100
"""Levels of lists and objects in each other; beyond a thousand Python cannot walk them."""


def read_json(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a JSON text.

    Raises json.JSONDecodeError for what is no JSON, for numbers that are none (NaN, 1e999) or too
    long to read, and for what is nested deeper than DEEPEST.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise _wrong(f"nested deeper than {DEEPEST} levels") from error
    except ValueError as error:
        raise _wrong(str(error)) from error
    level: list[Any] = [value]
    for _ in range(DEEPEST + 1):
        if any(isinstance(one, float) and not isfinite(one) for one in level):
            raise _wrong("a number is too large")
        inner = [one.values() if isinstance(one, dict) else one for one in level if _holds(one)]
        if not inner:
            return value
        level = [item for items in inner for item in items]
    raise _wrong(f"nested deeper than {DEEPEST} levels")


def _holds(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, dict | list)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _wrong(what: str) -> json.JSONDecodeError:
    return json.JSONDecodeError(what, "", 0)
