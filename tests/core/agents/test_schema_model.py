from typing import Any

import pytest
from pydantic import ValidationError

from core.agents.schema_model import model_from_schema
from core.domain.errors import BadInputError

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "description": "what to translate"},
        "to": {"enum": ["de", "fr"]},
        "tone": {"type": ["string", "null"], "pattern": "^[a-z]+$"},
        "times": {"type": "integer", "minimum": 1, "maximum": 3, "default": 1},
        "share": {"type": "number", "exclusiveMaximum": 1},
        "words": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
        "nested": {
            "type": "object",
            "properties": {"flag": {"type": "boolean"}},
            "required": ["flag"],
        },
        "free": {"type": "object"},
        "list": {"type": "array"},
        "kind": {"const": "x"},
    },
    "required": ["text", "to"],
    "additionalProperties": False,
}


def test_what_fits_is_taken() -> None:
    """Required fields are required, others have their defaults, and values keep their types."""
    model = model_from_schema("translator.input", SCHEMA)
    made = model.model_validate({"text": "hi", "to": "de"})
    assert made.model_dump()["times"] == 1
    full = {
        "text": "hi",
        "to": "fr",
        "tone": "kind",
        "times": 3,
        "share": 0.5,
        "words": ["a", "b"],
        "nested": {"flag": True},
        "free": {"any": [1]},
        "list": [1, "x"],
        "kind": "x",
    }
    assert model.model_validate(full).model_dump(mode="json") == full
    shown = model.model_json_schema()["properties"]["text"]
    assert (shown["minLength"], shown["description"]) == (1, "what to translate")


@pytest.mark.parametrize(
    "change",
    [
        {"text": ""},
        {"text": None},
        {"to": "en"},
        {"tone": "LOUD"},
        {"times": 4},
        {"times": "many"},
        {"share": 1},
        {"words": ["a", "b", "c"]},
        {"words": [1]},
        {"nested": {}},
        {"nested": {"flag": True, "more": 1}},
        {"kind": "y"},
        {"other": 1},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """Every limit of the schema holds, and fields that it does not name are refused."""
    model = model_from_schema("translator", SCHEMA)
    with pytest.raises(ValidationError):
        model.model_validate({"text": "hi", "to": "de", **change})


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string"}, "must be of type object"),
        ({"type": "object"}, "must be of type object"),
        ({"type": "object", "properties": {"a": {"type": "null"}}}, "type 'null'"),
        ({"type": "object", "properties": {"a": {}}}, "type None"),
        ({"type": "object", "properties": {"a": 1}}, "is no JSON object"),
        ({"type": "object", "properties": {}, "required": ["b"]}, "requires 'b'"),
        (
            {"type": "object", "properties": {"a": {"type": "string", "format": "date"}}},
            "x.a says 'format', which is not understood",
        ),
        (
            {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}},
            "says '\\$ref'",
        ),
    ],
)
def test_what_is_not_understood_is_named(schema: dict[str, Any], told: str) -> None:
    """A schema that would not be held to as written is refused, and the place is named."""
    with pytest.raises(BadInputError, match=told):
        model_from_schema("x", schema)
