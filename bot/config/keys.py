"""Every key there is, read off the models: for variables, hints, masks and the reference."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.config.config import Config

PREFIX = "EQUERRY_"
ANY_NAME = "<name>"


class Key(NamedTuple):
    """One key: its path and its field. `section` is set where the value is a mapping of keys."""

    path: tuple[str, ...]
    field: FieldInfo
    section: type[BaseModel] | None

    @property
    def dotted(self) -> str:
        """The key as it is written about: `llm.api_key`."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return PREFIX + "__".join(self.path).upper()

    @property
    def secret(self) -> bool:
        """Whether the value, or a part of it, must never be shown."""
        return SecretStr in set(_types(self.field.annotation))

    @property
    def nullable(self) -> bool:
        """Whether null is a value."""
        return type(None) in set(_types(self.field.annotation))

    @property
    def structured(self) -> bool:
        """Whether the value is a list or a mapping."""
        kinds = {get_origin(kind) or kind for kind in _parts(self.field.annotation)}
        return self.section is not None or bool(kinds & {tuple, dict})


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - what typing has is not one type
    """Yield the alternatives of a union, without their metadata."""
    if get_origin(annotation) in {tuple, dict} or isinstance(annotation, type):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _parts(part)


def _types(annotation: Any) -> Iterator[type]:  # noqa: ANN401 - what typing has is not one type
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def section_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - as above
    """Return the section an annotation stands for: itself, or None beside it."""
    for part in _parts(annotation):
        if isinstance(part, type) and not get_origin(part) and issubclass(part, BaseModel):
            return part
    return None


def _named_section(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - as above
    """Return the section behind the free names of a mapping."""
    return section_of(get_args(annotation)[1]) if get_origin(annotation) is dict else None


def _keys(model: type[BaseModel], prefix: tuple[str, ...], *, named: bool) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        path = (*prefix, field.alias or name)
        section = section_of(field.annotation)
        yield Key(path, field, section)
        if section is not None:
            yield from _keys(section, path, named=named)
        inner = _named_section(field.annotation)
        if named and inner is not None:
            yield from _keys(inner, (*path, ANY_NAME), named=named)


@cache
def all_keys(*, named: bool = False) -> tuple[Key, ...]:
    """Return all keys in order; `named` adds those below free names, under `<name>`."""
    return tuple(_keys(Config, (), named=named))


def find(path: tuple[str | int, ...]) -> Key | None:
    """Return the key that a path of the file is, or the nearest one above it."""
    section: type[BaseModel] | None = Config
    found: Key | None = None
    steps = list(path)
    while steps and section is not None:
        name = str(steps.pop(0))
        field = next((f for n, f in section.model_fields.items() if (f.alias or n) == name), None)
        if field is None:
            break
        found = Key((*(found.path if found else ()), name), field, section_of(field.annotation))
        section = found.section
        inner = _named_section(field.annotation)
        if inner is not None and steps:
            steps.pop(0)
            section = inner
    return found


def names_below(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that are allowed in the section at `path`."""
    key = find(path)
    section: type[BaseModel] | None = Config
    if key is not None:
        section = key.section or _named_section(key.field.annotation)
    fields = section.model_fields.items() if section else ()
    return tuple(field.alias or name for name, field in fields)
