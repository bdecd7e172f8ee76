from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.terminal.arguments import from_yaml, to_yaml
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.ports.chat_surface import CardView
from tests.adapters.terminal.desk import ARGS, card, item

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def asks(*args: dict[str, Any], **more: Any) -> CardView:  # noqa: ANN401 - any field of an item
    """Return a card with one item for each of `args`."""
    items = (
        item(f"Do {n}", args=Erasable.of(value, "s"), **more) for n, value in enumerate(args, 1)
    )
    return card(items=tuple(items))


def test_arguments_read_like_a_form() -> None:
    """Lists, one-line and longer text are written the way people write them."""
    assert to_yaml(asks({"to": ["a@b.c"], "subject": "Hi", "body": "one\ntwo\n"})) == (
        "to:\n- a@b.c\nsubject: Hi\nbody: |\n  one\n  two\n"
    )


def test_several_items_stand_under_their_numbers_and_titles() -> None:
    """Equal values are written out for each item."""
    same = ["a@b.c"]
    assert to_yaml(asks({"to": same}, {"to": same})) == (
        "# Do 1\n1:\n  to:\n  - a@b.c\n\n# Do 2\n2:\n  to:\n  - a@b.c\n"
    )


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_what_was_not_touched_is_not_changed(args: dict[str, Any]) -> None:
    """Any JSON arguments come back equal, so that nothing counts as edited."""
    view = asks(args)
    assert from_yaml(view, to_yaml(view)) == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("at: 09:30", "09:30"),
        ("at: 2026-11-23", "2026-11-23"),
        ("at: no", "no"),
        ("at: 0x1F", "0x1F"),
        ("at: 007", "007"),
        ("at: 7", 7),
        ("at: -1.5", -1.5),
        ("at: true", True),
        ("at: null", None),
        ("at: =", "="),
    ],
)
def test_words_stay_words(written: str, read: object) -> None:
    """Times, dates and `no` are text; only JSON's own numbers and words are values."""
    assert from_yaml(asks({"at": "x"}), written) == {"m-Do 1": {"at": read}}


def test_only_changed_items_are_edits_and_fixed_fields_stay() -> None:
    """An edit holds all arguments of a changed item, also those that were not offered."""
    view = asks({"to": "a", "id": 1}, {"to": "b", "id": 2}, editable=("to",))
    text = to_yaml(view)
    assert "id" not in text
    assert from_yaml(view, text.replace("to: b", "to: c")) == {"m-Do 2": {"to": "c", "id": 2}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("to: [", "Line 1 does not fit"),
        ("a: b: c", "Line 1 does not fit"),
        ("just words", "Write one `field: value` a line."),
        ("", "Write one `field: value` a line."),
        ("a: \x07", "characters that YAML does not allow"),
        ("a: !!python/object:os.system x", "Line 1 does not fit"),
        ("[" * 1500, "does not|cannot|not allow"),
    ],
)
def test_what_is_no_form_is_one_sentence(text: str, sentence: str) -> None:
    """A text that cannot be read names its line."""
    with pytest.raises(BadInputError, match=sentence):
        from_yaml(card(), text)


def test_a_missing_item_is_named() -> None:
    """Of several items none may be left out."""
    with pytest.raises(BadInputError, match="item 2 are missing"):
        from_yaml(asks(ARGS, ARGS), "1: {a: 1}")


def test_hidden_characters_are_written_as_numbers() -> None:
    """An override inside an argument is seen in the editor, and kept when it is not touched."""
    view = asks({"path": "a\u202egpj.exe"})
    assert to_yaml(view) == 'path: "a\\u202Egpj.exe"\n'
    assert from_yaml(view, to_yaml(view)) == {}
