import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import canonical
from core.domain.json_text import DEEPEST, read_json


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        '{"a":' * 500 + "1" + "}" * 500,
        "1" * 100_000,
        "1e999",
        '{"a": [-1e999]}',
        "NaN",
        '[{"a": Infinity}]',
        "",
        "{",
    ],
)
def test_what_could_not_be_kept_is_no_json(text: str) -> None:
    """Deep nesting, endless numbers and numbers that are none are refused like broken JSON."""
    with pytest.raises(json.JSONDecodeError):
        read_json(text)
    with pytest.raises(json.JSONDecodeError):
        read_json(text.encode())


def test_what_is_deep_enough_for_anybody_is_read() -> None:
    """A hundred levels are taken."""
    assert read_json("[" * DEEPEST + "]" * DEEPEST)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_kept_is_read_as_it_was(value: object) -> None:
    """JSON of any other kind is read as json.loads reads it."""
    text = json.dumps(value)
    assert canonical(read_json(text)) == canonical(json.loads(text))
