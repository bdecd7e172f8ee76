"""Turn what pydantic found into one line each: the key, the value, and what is allowed."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from bot.config.keys import find, names_below
from bot.config.section import CONFLICTS
from bot.config.values import NOT_ALLOWED, SENTENCE
from core.domain.redaction import Redactor

Path = tuple[str | int, ...]
HIDDEN = "***"
LONGEST = 60
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|key|credential|auth|database_url|redis_url", re.IGNORECASE
)
_MASK = Redactor()

_ALLOWED: Mapping[str, str] = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text (put it in quotes)",
    "tuple_type": "a list, such as [a, b]",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "invalid_key": "text",
    "literal_error": "{expected}",
    NOT_ALLOWED: "{allowed}",
}


def lines(
    error: ErrorDetails, origins: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[Path, str]]:
    """Yield (path of the key, sentence) for one error; `origins` tells what a variable set."""
    path = tuple(step for step in error["loc"] if step != "[key]")
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == CONFLICTS:
        for below, text in context["found"]:
            full = (*path, *below.split("."))
            yield full, _line(full, text, origins)
    else:
        yield path, _line(path, _sentence(error, path, context), origins)


def _line(path: Path, text: str, origins: Mapping[tuple[str, ...], str]) -> str:
    glue = " " if text.startswith("is needed") else ": "
    name = _dotted(path) or "the configuration"
    for end in range(len(path), 0, -1):
        origin = origins.get(tuple(str(step) for step in path[:end]))
        if origin:
            name = f"{origin} ({name})"
            break
    return f"{name}{glue}{text}" + ("" if text.endswith("?") else ".")


def _dotted(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int) or not re.fullmatch(r"[\w-]+", step):
            text += f"[{step if isinstance(step, int) else repr(_shortened(step))}]"
        else:
            text += f".{_shortened(step)}"
    return text.removeprefix(".")


def _sentence(error: ErrorDetails, path: Path, context: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind == SENTENCE:
        return str(context["text"])
    if kind == "missing":
        return "is needed here"
    if kind == "extra_forbidden":
        return _unknown(path)
    allowed = _ALLOWED.get(kind, "").format(**context) or error["msg"]
    return f"{_shown(path, error['input'])} is not allowed: it must be {allowed}"


def _unknown(path: Path) -> str:
    name, allowed = str(path[-1]), names_below(path[:-1])
    near = get_close_matches(name.lower(), allowed, 1, 0.6)
    if near:
        return f"there is no such key; did you mean {near[0]!r}?"
    if not allowed:
        return "there is no such key; nothing can be set here"
    return "there is no such key; allowed: " + ", ".join(allowed)


def _shown(path: Path, value: object) -> str:
    """Return the value as it may be shown: never a secret, never much."""
    key = find(path)
    names = [step for step in path if isinstance(step, str)]
    if (key and key.secret) or (names and _SECRET_NAME.search(names[-1])):
        return "null" if value is None else HIDDEN
    if isinstance(value, dict | list | tuple):
        return "a list" if isinstance(value, list | tuple) else "a mapping"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _shortened(repr(value) if isinstance(value, str) else str(value))


def _shortened(text: str) -> str:
    text = _MASK.text(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
