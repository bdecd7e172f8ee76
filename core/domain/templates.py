"""References between tasks: `{{ t1 }}` is a whole output, `{{ t1.field }}` a field of it.

Where words are wanted, inside a text or as an argument that is a text, a whole output that has a
`text` stands for that text; and its `summary`, where it has no other, is that text too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from core.domain.base import Frozen
from core.domain.canonical import canonical
from core.domain.errors import BadInputError
from core.domain.sources import Private, Taint, merged

_REFERENCE = re.compile(r"\{\{\s*([A-Za-z][\w-]*)((?:\.[\w-]+)*)\s*\}\}")


class Output(Frozen):
    """The output of a finished task, with the outside and the private sources it is from."""

    value: Any
    sources: Taint = ()
    private: Private = ()


class Resolved(Frozen):
    """Arguments after resolution.

    `taint` maps each top-level name to its outside sources, `private` to its private ones.
    """

    args: dict[str, Any]
    taint: dict[str, Taint]
    private: dict[str, Private]


def references(value: object) -> frozenset[str]:
    """Return the ids of the tasks that a JSON value refers to."""
    return frozenset(_references(value))


def _references(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (match[1] for match in _REFERENCE.finditer(value))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)


def renamed(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value whose references point to tasks by their new `names`."""
    return reworded(
        value,
        lambda text: _REFERENCE.sub(lambda m: f"{{{{ {names.get(m[1], m[1])}{m[2]} }}}}", text),
    )


def without_references(text: str) -> str:
    """Return a text for people: an ellipsis stands where an output is filled in later."""
    return _REFERENCE.sub("…", text)


def reworded(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: reworded(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reworded(item, change) for item in value]
    return value


def resolve(
    args: Mapping[str, Any], outputs: Mapping[str, Output], form: type[BaseModel] | None = None
) -> Resolved:
    """Fill in the references of each argument and say where each came from.

    A string that is one reference takes the value with its type, or the words of it where `form`
    wants a text there; inside other text it is rendered.
    Raises BadInputError for a reference to an output or a field that is not there.
    """
    texts = _texts(form) if form else frozenset()
    resolved = {name: _fill(value, outputs) for name, value in args.items()}
    for name in texts & {name for name in args if references(args[name])}:
        resolved[name] = _words(resolved[name])
    used = {
        name: [outputs[task] for task in sorted(references(value))] for name, value in args.items()
    }
    taint = {name: merged(*(one.sources for one in found)) for name, found in used.items()}
    private = {name: merged(*(one.private for one in found)) for name, found in used.items()}
    return Resolved(
        args=resolved,
        taint={name: found for name, found in taint.items() if found},
        private={name: found for name, found in private.items() if found},
    )


def _fill(value: Any, outputs: Mapping[str, Output]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value.strip())
        if whole:
            return _look_up(whole, outputs)
        return _REFERENCE.sub(lambda match: _rendered(_look_up(match, outputs)), value)
    if isinstance(value, Mapping):
        return {key: _fill(item, outputs) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(item, outputs) for item in value]
    return value


def _look_up(match: re.Match[str], outputs: Mapping[str, Output]) -> Any:  # noqa: ANN401
    task, path = match[1], match[2].split(".")[1:]
    if task not in outputs:
        message = f"The reference {match[0]!r} points to no finished task."
        raise BadInputError(message)
    value = outputs[task].value
    for name in path:
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list | tuple) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        elif name == "summary" and isinstance(_words(value), str):
            value = _words(value)
        else:
            message = f"The reference {match[0]!r} points to nothing: {task!r} has no {name!r}."
            raise BadInputError(message)
    return value


def _rendered(value: object) -> str:
    words = _words(value)
    return words if isinstance(words, str) else canonical(words)


def _words(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the text of an output that has one, any other value as it is."""
    text = value.get("text") if isinstance(value, Mapping) else None
    return text if isinstance(text, str) else value


def _texts(form: type[BaseModel]) -> frozenset[str]:
    """Return the fields of a form that are a text."""
    texts = (str, str | None)
    return frozenset(name for name, f in form.model_fields.items() if f.annotation in texts)
