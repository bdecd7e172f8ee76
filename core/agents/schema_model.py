"""A JSON schema as a model: for agents that others describe in files.

The part of JSON Schema that says what a call takes is understood; a keyword outside it is refused
rather than passed over, since a limit that nobody checks is worse than none.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from core.domain.base import Frozen
from core.domain.errors import BadInputError

_TELLING = frozenset({"$schema", "$id", "title", "description", "default", "examples"})
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "pattern": "pattern",
}
_PLAIN: dict[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
_SHAPE = frozenset({"type", "enum", "const", "items", "properties", "required"})
_KNOWN = _TELLING | _SHAPE | _LIMITS.keys() | {"additionalProperties"}


def model_from_schema(name: str, schema: Mapping[str, Any]) -> type[Frozen]:
    """Return the model of an object schema; fields that are not named are refused.

    Raises BadInputError, naming the place, for a schema that is no object or says something else
    than type, enum, const, properties, required, items, lengths, limits and pattern.
    """
    if schema.get("type") != "object" or not isinstance(schema.get("properties"), Mapping):
        message = f"The schema {name} must be of type object, with properties."
        raise BadInputError(message)
    return _object(name, schema)


def _object(name: str, schema: Mapping[str, Any]) -> type[Frozen]:
    _check(name, schema)
    required = frozenset(schema.get("required", ()))
    properties = schema.get("properties", {})
    if unknown := sorted(required - set(properties)):
        message = f"The schema {name} requires {unknown[0]!r}, which is none of its properties."
        raise BadInputError(message)
    fields: dict[str, Any] = {}
    for field, inner in properties.items():
        kind = _kind(f"{name}.{field}", inner)
        default = ... if field in required else inner.get("default")
        fields[field] = (kind if field in required else kind | None, Field(default=default))
    made: type[Frozen] = create_model(name.replace(".", "_"), __base__=Frozen, **fields)
    return made


def _kind(name: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - an annotation
    _check(name, schema)
    if "const" in schema:
        return Literal[schema["const"]]
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    told = schema.get("type")
    kinds = told if isinstance(told, list) else [told]
    plain = [kind for kind in kinds if kind != "null"] or kinds
    found = reduce(or_, (_one(name, kind, schema) for kind in plain))
    found = found | None if "null" in kinds else found
    limits = {_LIMITS[key]: value for key, value in schema.items() if key in _LIMITS}
    return Annotated[found, Field(description=schema.get("description"), **limits)]


def _one(name: str, kind: object, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    if kind == "object":
        return _object(name, schema) if schema.get("properties") else dict[str, Any]
    if kind == "array":
        items = schema.get("items")
        return list[_kind(f"{name}[]", items)] if items else list[Any]  # type: ignore[misc] # made here
    if isinstance(kind, str) and kind in _PLAIN:
        return _PLAIN[kind]
    message = f"The schema {name} has the type {kind!r}, which is not understood."
    raise BadInputError(message)


def _check(name: str, schema: object) -> None:
    if not isinstance(schema, Mapping):
        message = f"The schema {name} is no JSON object."
        raise BadInputError(message)
    if unknown := sorted(set(schema) - _KNOWN):
        message = f"The schema {name} says {unknown[0]!r}, which is not understood."
        raise BadInputError(message)
