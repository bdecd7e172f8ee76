"""JSON of others is a value that can be kept and gone through, or no JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import canonical
from core.domain.json_text import DEEPEST, parse_json
from core.domain.redaction import Redactor

ENDLESS = [
    "[" * 10_000 + "]" * 10_000,
    "[" * 10_000,
    '{"a":' * 10_000 + "1" + "}" * 10_000,
    "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
    "1" * 10_000,
    '{"a": NaN}',
    '[{"a": -Infinity}]',
    '{"a": [1e999]}',
    "{",
    "",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("text", ENDLESS)
def test_what_cannot_be_kept_is_no_json(text: str) -> None:
    """One error for all of it, which every reader of JSON handles."""
    with pytest.raises(json.JSONDecodeError):
        parse_json(text)


@given(value=VALUES)
def test_all_other_json_is_what_it_says(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """It can be read, kept and redacted."""
    found = parse_json(json.dumps(value))
    assert found == value
    assert Redactor().redact(json.loads(canonical(found))) == value


def test_what_is_nested_as_deeply_as_may_be_is_read() -> None:
    """The limit is far above what anybody means."""
    text = "[" * DEEPEST + "]" * DEEPEST
    assert json.dumps(parse_json(text)) == text
