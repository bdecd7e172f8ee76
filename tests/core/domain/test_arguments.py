"""Arguments as lines: whole, one value each, nothing swallowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.arguments import argument_lines, exact, leaves, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Bob Smith <attacker@evil.example>", "attacker@evil.example (“Bob Smith”)"),
        ('"bob@acme.com" <attacker@evil.example>', "attacker@evil.example (“bob@acme.com”)"),
        ("<a@b.c>", "a@b.c"),
        ("x” (y) <a@b.c>", 'a@b.c (“x" (y)”)'),
        ("a" + " " * 300 + "b", "a‹300 spaces›b"),
        ("a\nto: b", "a␊to: b"),
        (" a", "“ a”"),
        ("a\u00a0b", "a‹U+00A0›b"),
        ("", "“”"),
        (True, "true"),
        (12, "12"),
    ],
)
def test_a_value_is_shown_as_it_is(value: object, text: str) -> None:
    """The address before the name; white space that a screen would swallow is visible."""
    assert shown(value) == text


def test_every_value_has_its_way() -> None:
    """Values deep inside are named by how they are reached; a key cannot imitate another."""
    args = {"json": {"a": [1, {"to: x": "y"}], "b": None}, "cc": [], "to": ["p@q.r", "s@t.u"]}
    assert argument_lines(args, args) == (
        "json.a: 1",
        'json.a."to: x": y',
        "json.b: null",
        "to: p@q.r",
        "to: s@t.u",
    )


@given(st.text())
def test_a_text_is_one_line_that_holds_all_of_it(text: str) -> None:
    """No line feed is left, and what is no white space is all there in its order."""
    line = exact(text)
    assert "\n" not in line
    rest = iter(line)
    assert all(char in rest for char in text if not char.isspace())


@given(JSON)
def test_no_value_is_lost(value: object) -> None:
    """Each leaf of any JSON comes out once; only nothing at all gives no line."""

    def count(inner: object) -> int:
        items = (
            list(inner.values())
            if isinstance(inner, dict)
            else inner
            if isinstance(inner, list)
            else None
        )
        return sum(map(count, items)) if items else 1

    if value not in (None, [], {}):
        assert len(list(leaves(value, "x"))) == count(value)
