from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from core.domain.errors import BadInputError
from core.domain.sources import Source
from core.domain.templates import Output, references, resolve

WEB = Source(kind="web", ref="https://a.example", title="A")
MAIL = Source(kind="mail", ref="m1", title="B")
OUTPUTS = {
    "t1": Output(value={"text": "hello", "n": 3, "list": ["a", {"b": 2}], "nothing": None}),
    "t2": Output(value="plain", sources=(WEB,)),
    "t3": Output(value={"text": "{{ t1.text }}"}, sources=(MAIL,)),
    "t4": Output(value={"text": "long", "summary": "short"}),
    "t5": Output(value={"results": []}),
}


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("{{ t1.text }}", "hello"),
        ("{{t1.n}}", 3),
        ("  {{ t1.n }}\n", 3),
        ("{{ t1.list }}", ["a", {"b": 2}]),
        ("{{ t1.list.1.b }}", 2),
        ("{{ t1.nothing }}", None),
        ("{{ t2 }}", "plain"),
        ("n is {{ t1.n }}!", "n is 3!"),
        ("{{ t1.text }} {{ t2 }}", "hello plain"),
        ("as JSON: {{ t1.list }}", 'as JSON: ["a",{"b":2}]'),
        ("{{ t1 }}", OUTPUTS["t1"].value),
        ("it says: {{ t1 }}", "it says: hello"),
        ("{{ t1.summary }}", "hello"),
        ("{{ t4.summary }}", "short"),
        ("no braces", "no braces"),
        ("{{ not closed", "{{ not closed"),
        ("{{ }}", "{{ }}"),
        ("{{ 1t }}", "{{ 1t }}"),
    ],
)
def test_a_string_is_filled(given_text: str, expected: object) -> None:
    """A whole reference keeps the type of its value; inside text it is rendered."""
    assert resolve({"x": given_text}, OUTPUTS).args == {"x": expected}


class Form(BaseModel):
    """Takes a text, perhaps a second one, and whatever."""

    words: str
    more: str | None = None
    whatever: Any = None


def test_a_whole_output_is_its_words_where_a_text_is_wanted() -> None:
    """By the form of the arguments; without words it keeps its type, and so does a literal."""
    args = {"words": "{{ t1 }}", "more": "{{ t3 }}", "whatever": "{{ t4 }}"}
    filled = resolve(args, OUTPUTS, Form)
    assert filled.args == {
        "words": "hello",
        "more": "{{ t1.text }}",
        "whatever": OUTPUTS["t4"].value,
    }
    assert filled.taint == {"more": (MAIL,)}
    assert resolve({"words": "{{ t5 }}"}, OUTPUTS, Form).args == {"words": {"results": []}}
    literal = {"words": {"text": "not a reference"}}
    assert resolve(literal, OUTPUTS, Form).args == literal


def test_nested_values_are_filled() -> None:
    """References inside lists and objects are filled, other values stay as they are."""
    args = {"x": [{"y": "{{ t1.n }}"}, ("{{ t2 }}",), 7, None, True]}
    assert resolve(args, OUTPUTS).args == {"x": [{"y": 3}, ["plain"], 7, None, True]}


def test_what_an_output_says_is_not_a_template() -> None:
    """A reference that stands in an output is text: outputs cannot reach other outputs."""
    assert resolve({"x": "{{ t3.text }}"}, OUTPUTS).args == {"x": "{{ t1.text }}"}
    assert resolve({"x": "<{{ t3.text }}>"}, OUTPUTS).args == {"x": "<{{ t1.text }}>"}


@pytest.mark.parametrize(
    "given_text",
    [
        "{{ t9 }}",
        "x {{ t9.text }}",
        "{{ t5.summary }}",
        "{{ t1.missing }}",
        "{{ t1.text.deeper }}",
        "{{ t1.list.2 }}",
        "{{ t1.list.-1 }}",
        "{{ t1.list.x }}",
        "{{ t1.n.real }}",
    ],
)
def test_a_reference_to_nothing_is_refused(given_text: str) -> None:
    """A reference to a task or a field that is not there is refused with its own text."""
    with pytest.raises(BadInputError, match="points to no"):
        resolve({"x": given_text}, OUTPUTS)


def test_taint_is_told_for_each_argument() -> None:
    """Each top-level argument carries the sources of all outputs in it, and of no others."""
    args = {"a": "{{ t2 }}", "b": ["{{ t3.text }}", {"k": "x {{ t2 }}"}], "c": "{{ t1.n }}"}
    assert resolve(args, OUTPUTS).taint == {"a": (WEB,), "b": (WEB, MAIL)}


def test_references_are_found_anywhere() -> None:
    """The ids of all tasks referred to are found, in any depth, each once."""
    assert references({"a": ["{{ t1.x }}", {"b": "{{t2}} {{ t1 }}"}], "c": 3}) == {"t1", "t2"}
    assert references("{{ a-b.c-d }}") == {"a-b"}
    assert references(None) == frozenset()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(value=json_values)
def test_any_value_survives_a_whole_reference(value: object) -> None:
    """A whole reference gives exactly the value of the output, whatever it is."""
    outputs = {"t": Output(value=value, sources=(WEB,))}
    resolved = resolve({"x": "{{ t }}"}, outputs)
    assert resolved.args["x"] == value
    assert resolved.taint == {"x": (WEB,)}


@given(args=st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_resolving_never_raises_anything_else(args: dict[str, object]) -> None:
    """Any JSON arguments are filled or refused with a sentence."""
    with suppress(BadInputError):
        assert set(resolve(args, OUTPUTS).args) == set(args)
