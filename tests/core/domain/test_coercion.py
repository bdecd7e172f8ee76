"""Values that can mean only one thing are taken as meant; all others are refused as ever."""

from typing import Any, Literal

import pytest
from pydantic import ValidationError

from core.domain.base import Frozen
from core.domain.coercion import validated


class Inner(Frozen):
    """A part."""

    name: str


class Form(Frozen):
    """What a model is asked for."""

    to: tuple[str, ...] = ()
    text: str = ""
    part: Inner | None = None
    parts: list[Inner] = []
    kind: Literal["low", "high"] = "low"
    share: float = 0
    extra: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"to": "bob@acme.com"}, {"to": ("bob@acme.com",)}),
        ({"to": '["a@b.c", "d@e.f"]'}, {"to": ("a@b.c", "d@e.f")}),
        ({"to": None}, {}),
        ({"to": ""}, {}),
        ({"text": 2026}, {"text": "2026"}),
        ({"text": ["one"]}, {"text": "one"}),
        ({"text": None}, {}),
        ({"parts": {"name": "a"}}, {"parts": [Inner(name="a")]}),
        ({"parts": '[{"name": "a"}]'}, {"parts": [Inner(name="a")]}),
        ({"parts": ['{"name": "a"}']}, {"parts": [Inner(name="a")]}),
        ({"part": '{"name": "a"}'}, {"part": Inner(name="a")}),
        ({"extra": '{"a": 1}'}, {"extra": {"a": 1}}),
        ({"kind": "High"}, {"kind": "high"}),
        ({"share": "50%"}, {"share": 0.5}),
        ({"unknown": None, "text": "a"}, {"text": "a"}),
        ({"arguments": {"text": "a"}}, {"text": "a"}),
        ('{"text": "a"}', {"text": "a"}),
    ],
)
def test_one_reading_is_taken(given: Any, meant: dict[str, Any]) -> None:  # noqa: ANN401 - any JSON
    """In place of the list the one thing, JSON in a text, null for what has a default."""
    assert validated(Form, given) == Form(**meant)


@pytest.mark.parametrize(
    "given",
    [
        {"text": ["a", "b"]},
        {"text": {"a": 1}},
        {"text": True},
        {"kind": "medium"},
        {"share": "much"},
        {"part": "a"},
        {"unknown": "a"},
        {"parts": [{"name": None}]},
        "text",
        None,
        [],
    ],
)
def test_what_could_mean_more_is_refused_as_it_was_given(given: Any) -> None:  # noqa: ANN401 - any JSON
    """The error tells of what came, not of a guess."""
    with pytest.raises(ValidationError) as ours:
        validated(Form, given)
    with pytest.raises(ValidationError) as plain:
        Form.model_validate(given)
    assert ours.value.errors(include_url=False) == plain.value.errors(include_url=False)
