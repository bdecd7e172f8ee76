"""Lay `EQUERRY_…` variables over the file.

`EQUERRY_LLM__API_KEY` is `llm.api_key`. Lists and sections are JSON; a section is merged.
Written here rather than with pydantic-settings, whose import alone costs as much as all the rest.
"""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from bot.config.keys import PREFIX, Key, all_keys

RESERVED = frozenset({"EQUERRY_CONFIG", "EQUERRY_NO_SKIPS"})
"""Names with another use: where the configuration is, and a switch of the tests."""


class Overlay(NamedTuple):
    """Which variable each overridden path came from, and what was wrong with others."""

    origins: dict[tuple[str, ...], str]
    problems: list[str]


def overlay(raw: dict[str, Any], environ: Mapping[str, str]) -> Overlay:
    """Write the variables of `environ` into `raw`, the broad ones first."""
    known = {key.variable: key for key in all_keys()}
    spared = RESERVED | _referred(raw, environ)
    result = Overlay({}, [])
    named = sorted(name for name in environ if name.upper().startswith(PREFIX))
    for name in sorted(named, key=lambda name: name.count("__")):
        key = known.get(name.upper())
        if key is not None:
            _apply(raw, key, name, environ[name], result)
        elif name not in spared:
            result.problems.append(_unknown(name, known))
    return result


def _unknown(name: str, known: Mapping[str, Key]) -> str:
    bare = {variable.removeprefix(PREFIX): variable for variable in known}
    near = get_close_matches(name.upper().removeprefix(PREFIX), bare, 1, 0.6)
    hint = f"did you mean {bare[near[0]]}?" if near else "the keys are in docs/configuration.md."
    return f"{name}: there is no such key; {hint}"


def _apply(raw: dict[str, Any], key: Key, name: str, text: str, result: Overlay) -> None:
    try:
        value = _value(key, text)
    except ValueError:
        shown = "***" if key.secret else repr(text[:60])
        result.problems.append(f"{name} ({key.dotted}): {shown} is not JSON.")
        return
    target = raw
    for step in key.path[:-1]:
        if target.get(step) is None:
            target[step] = {}
        if not isinstance(target[step], dict):
            return  # the file is wrong there, and that will be said
        target = target[step]
    leaf = key.path[-1]
    target[leaf] = _merged(target.get(leaf), value)
    result.origins[key.path] = name


def _value(key: Key, text: str) -> Any:  # noqa: ANN401 - any JSON value
    if key.nullable and text.strip() in {"", "null"}:
        return None
    return json.loads(text) if key.structured else text


def _merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}


def _referred(raw: object, environ: Mapping[str, str]) -> set[str]:
    """Return the variables that secrets are taken from (`env:EQUERRY_MINE`)."""
    found = {text[4:] for text in environ.values() if text.startswith("env:")}
    todo = [raw]
    seen: set[int] = set()
    while todo:
        value = todo.pop()
        if isinstance(value, str) and value.startswith("env:"):
            found.add(value[4:])
        elif isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            todo.extend(value.values() if isinstance(value, dict) else value)
    return found
