"""Text and JSON that everything can store and send."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.canonical import canonical
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.whole_text import DEEPEST, PairJoiner, read_json, storable, stored_json, whole_text

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Gr\u00fc\u00dfe \U0001f600", "Gr\u00fc\u00dfe \U0001f600"),
        ("a\ud83d\ude00b", "a\U0001f600b"),
        ("a\ud83db", "a\ufffdb"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
    ],
)
def test_pairs_are_joined_and_lone_halves_replaced(text: str, whole: str) -> None:
    """Two halves beside each other are the character they mean; any other becomes U+FFFD."""
    assert whole_text(text) == whole


@given(st.lists(ANY_TEXT))
@example(["Great \ud83d", "\ude00 done"])
@example(["\ud83d", "", "\ude00"])
@example(["\ud83d", "\ud83d", "\ude00"])
def test_pieces_of_a_stream_are_joined(pieces: list[str]) -> None:
    """However a text is cut, what is shown is the whole text, but for a half at its very end."""
    joiner = PairJoiner()
    shown = "".join(joiner.take(piece) for piece in pieces)
    whole = whole_text("".join(pieces))
    assert whole in {shown, f"{shown}\ufffd"}


@given(ANY_JSON)
@example({"\ud83d": ["\0", float("nan")]})
@example([10**5000])
def test_any_json_is_stored_or_refused(value: object) -> None:
    """Whatever is sealed can be written as UTF-8 without NUL and read; what cannot is refused."""
    try:
        stored, encoded = stored_json(value)
    except BadInputError:
        return
    assert encoded == canonical(stored)
    assert encoded.encode()
    assert json.loads(encoded) == stored
    assert "\0" not in str(stored)
    assert storable(stored) == stored
    assert Erasable.of(value).value == stored


@given(ANY_JSON)
def test_any_json_text_is_read_or_refused(value: object) -> None:
    """What is read from a text can be stored as it is."""
    try:
        read = read_json(json.dumps(value))
    except BadInputError:
        return
    assert stored_json(read)[0] == read


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not valid JSON: Expecting property name"),
        ("NaN", "nan is no number"),
        ("[1e999]", "inf is no number"),
        ("9" * 400, "more than 1000 bits"),
        ("9" * 5000, "too long"),
        ("[" * 100_000, "nested deeper"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), "nested deeper"),
        (b"\xff", "broken text"),
    ],
)
def test_what_is_no_json_is_refused_in_a_sentence(text: str | bytes, problem: str) -> None:
    """Each kind of text that cannot be kept has its own words."""
    with pytest.raises(BadInputError, match=problem):
        read_json(text)
