"""Values of a model in a form that can mean only one thing, taken as meant.

A text for a list of one, JSON in a text for the value itself, a number for a text, null for what
has a default: only where the schema refuses the value, and only where one reading is left.
"""

import json
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

_ROUNDS: Final = 4
"""A list in a text in an object in a text is the deepest that was reported."""
_LISTS: Final = frozenset({"list_type", "tuple_type", "set_type", "frozen_set_type"})
_OBJECTS: Final = frozenset({"dict_type", "model_type", "model_attributes_type", "mapping_type"})
_WRAPPERS: Final = frozenset({"arguments", "parameters", "args", "input", "kwargs"})
_NOTHING: Final = object()


def validated(form: type[M], value: Any) -> M:  # noqa: ANN401 - any JSON value
    """Return a value as a model; raises the ValidationError of what was given, as it was given."""
    try:
        return form.model_validate(value)
    except ValidationError as error:
        first = error
    problem = first
    for _ in range(_ROUNDS):
        changed = _mended(form, value, problem)
        if changed == value:
            break
        value = changed
        try:
            return form.model_validate(value)
        except ValidationError as error:
            problem = error
    raise first


def _mended(form: type[BaseModel], value: Any, problem: ValidationError) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return _parsed(value, dict, value)
    if isinstance(value, dict) and len(value) == 1:
        ((name, inner),) = value.items()
        if name in _WRAPPERS - form.model_fields.keys() and isinstance(inner, dict | str):
            return inner
    for item in problem.errors(include_url=False):
        meant = _meant(item["type"], item.get("input"), item.get("ctx") or {})
        if meant is not _NOTHING:
            value = _changed(value, list(item["loc"]), meant)
        elif item.get("input", "") is None or item["type"] == "extra_forbidden":
            value = _changed(value, list(item["loc"]), _NOTHING)
    return value


def _meant(kind: str, given: Any, context: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a refused value can only mean, `_NOTHING` where it can mean more or nothing."""
    if kind in _LISTS:
        return _list(given)
    if kind in _OBJECTS:
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], dict):
            return given[0]
        return _parsed(given, dict, _NOTHING)
    if kind == "string_type":
        if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
            return given[0]
        return str(given) if isinstance(given, int) and not isinstance(given, bool) else _NOTHING
    if kind == "float_parsing" and isinstance(given, str) and given.strip().endswith("%"):
        number = given.strip()[:-1].strip()
        return float(number) / 100 if number.replace(".", "", 1).isdecimal() else _NOTHING
    if kind in {"literal_error", "enum"} and isinstance(given, str):
        allowed = str(context.get("expected", "")).split("'")[1::2]
        same = [one for one in allowed if one.casefold() == given.strip().casefold()]
        return same[0] if len(same) == 1 else _NOTHING
    return _NOTHING


def _list(given: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(given, str):
        return _parsed(given, list, [given] if given.strip() else [])
    return [given] if isinstance(given, dict | int | float) else _NOTHING


def _parsed(given: Any, kind: type, otherwise: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON in a text where it is of a kind."""
    if not isinstance(given, str) or given.strip()[:1] not in {"{", "["}:
        return otherwise
    try:
        value = json.loads(given, strict=False)
    except (ValueError, RecursionError):
        return otherwise
    return value if isinstance(value, kind) else otherwise


def _changed(value: Any, place: list[int | str], new: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value with another one at a place; `_NOTHING` takes out what is null there."""
    if not place:
        return value if new is _NOTHING else new
    key, rest = place[0], place[1:]
    if isinstance(value, dict) and key in value:
        if not rest and new is _NOTHING:
            return {k: v for k, v in value.items() if k != key or v is not None}
        return {k: _changed(v, rest, new) if k == key else v for k, v in value.items()}
    if isinstance(value, list | tuple) and isinstance(key, int) and key < len(value):
        return [_changed(v, rest, new) if at == key else v for at, v in enumerate(value)]
    return value
