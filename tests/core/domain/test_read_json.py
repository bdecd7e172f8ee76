"""JSON of others is a value that can be kept and gone through, or no JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import canonical
from core.domain.errors import BadInputError
from core.domain.redaction import Redactor
from core.domain.whole_text import DEEPEST, read_json

ENDLESS = [
    "[" * 10_000 + "]" * 10_000,
    "[" * 10_000,
    '{"a":' * 10_000 + "1" + "}" * 10_000,
    "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
    "1" * 10_000,
    '{"a": NaN}',
    '[{"a": -Infinity}]',
    '{"a": [1e999]}',
    "{",
    "",
]
KEYS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=3), inner
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("text", ENDLESS)
def test_what_cannot_be_kept_is_no_json(text: str) -> None:
    """One error for all of it, which every reader of JSON handles."""
    with pytest.raises(BadInputError):
        read_json(text)


@given(value=VALUES)
def test_all_other_json_is_what_it_says(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """It can be read, kept and redacted."""
    found = read_json(json.dumps(value))
    assert found == value
    assert Redactor().redact(json.loads(canonical(found))) == value


def test_what_is_nested_as_deeply_as_may_be_is_read() -> None:
    """The limit is far above what anybody means."""
    text = "[" * DEEPEST + "]" * DEEPEST
    assert json.dumps(read_json(text)) == text
