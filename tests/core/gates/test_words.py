from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.gates.words import Answer, content_field, edits_of, read_answer, typed

RULING = Ruling(
    route="review",
    rule="r",
    reasons=("because",),
    impact="high",
    confidence=Confidence(claimed=1, earned=1),
)


def item(marker: str = "m1", **args: Any) -> CardItem:  # noqa: ANN401 - any JSON value
    """Return an item whose arguments can all be edited."""
    return CardItem(
        marker=marker,
        task="t",
        action="mail.send",
        args=Erasable.of(args),
        title=Erasable.of("t"),
        body=Erasable.of("b"),
        ruling=RULING,
        editable=tuple(args),
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("accept", Answer(verdict="accept")),
        ("  ACCEPT \n", Answer(verdict="accept")),
        ("Always", Answer(verdict="accept", always=True)),
        ("accept CABCDEFG2", Answer(verdict="accept", card="CABCDEFG2")),
        ("accept cabcdefg2", Answer(verdict="accept", card="CABCDEFG2")),
        ("always CABCDEFGH", Answer(verdict="accept", card="CABCDEFGH", always=True)),
        ("reject", Answer(verdict="reject")),
        ("reject CABCDEFGH", Answer(verdict="reject", card="CABCDEFGH")),
        (
            "reject CABCDEFGH too dear",
            Answer(verdict="reject", card="CABCDEFGH", reason="too dear"),
        ),
        (
            "reject the offer from Bob",
            Answer(verdict="reject", reason="the offer from Bob"),
        ),
        ("Reject\nnot now", Answer(verdict="reject", reason="not now")),
        ("reject contracts are dull", Answer(verdict="reject", reason="contracts are dull")),
        ("edit", Answer(verdict="edit")),
        ("edit the whole new text", Answer(verdict="edit", text="the whole new text")),
        ("edit customers first", Answer(verdict="edit", text="customers first")),
        ("edit CABCDEFGH", Answer(verdict="edit", card="CABCDEFGH")),
        ("edit subject=Hello", Answer(verdict="edit", fields=((None, "subject", "Hello"),))),
        (
            "edit CABCDEFGH 2.subject=Hi there to=bob@x.org",
            Answer(
                verdict="edit",
                card="CABCDEFGH",
                fields=((2, "subject", "Hi there"), (None, "to", "bob@x.org")),
            ),
        ),
        ("edit subject='a b'", Answer(verdict="edit", fields=((None, "subject", "a b"),))),
        (
            'edit subject="a b" to=x',
            Answer(verdict="edit", fields=((None, "subject", "a b"), (None, "to", "x"))),
        ),
        (
            "edit subject='unclosed",
            Answer(verdict="edit", fields=((None, "subject", "'unclosed"),)),
        ),
        ("edit subject=", Answer(verdict="edit", fields=((None, "subject", ""),))),
        ("edit text=a\nb", Answer(verdict="edit", fields=((None, "text", "a\nb"),))),
        ("edit please set subject=x", Answer(verdict="edit", text="please set subject=x")),
    ],
)
def test_lines_that_are_answers(line: str, answer: Answer) -> None:
    """Verb, card, reason, fields and text are read from one line, in any case."""
    assert read_answer(line) == answer


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello",
        "accept the offer from Bob",
        "always buy milk on Mondays",
        "acceptable",
        "accepted",
        "editor",
        "rejection letter for Bob",
        "please accept",
        "I accept",
        "accept CABCDEFGH please",
        "accept-test",
        "reject-list for spam",
        "edit-distance of two words",
        "edit: the post about Bob",
    ],
)
def test_lines_that_are_talk(line: str) -> None:
    """A sentence that merely begins like an answer is talk."""
    assert read_answer(line) is None


@given(line=st.text(max_size=40))
def test_any_line_is_read(line: str) -> None:
    """No line makes the reader fail."""
    for verb in ("", "edit ", "reject ", "accept "):
        answer = read_answer(verb + line)
        assert answer is None or answer.verdict in {"accept", "edit", "reject"}


def test_fields_go_to_their_items() -> None:
    """A number names an item, without one the first is meant; values take the type they replace."""
    items = (item("m1", subject="a", to=["x"]), item("m2", subject="b", count=1))
    answer = Answer(
        verdict="edit",
        fields=((None, "to", "y, z"), (2, "subject", "c"), (2, "count", "5"), (1, "subject", "7")),
    )
    assert edits_of(answer, items) == {
        "m1": {"to": ["y", "z"], "subject": "7"},
        "m2": {"subject": "c", "count": 5},
    }


@pytest.mark.parametrize("number", [0, 3])
def test_an_item_that_is_not_there_is_refused(number: int) -> None:
    """A number beyond the list is one sentence."""
    answer = Answer(verdict="edit", fields=((number, "subject", "x"),))
    with pytest.raises(BadInputError, match=r"The card has 2 item\(s\)"):
        edits_of(answer, (item("m1", subject="a"), item("m2", subject="b")))


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"title": "t", "text": "x", "body": "b"}, "body"),
        ({"title": "t", "text": "x"}, "text"),
        ({"title": "t"}, "title"),
    ],
)
def test_a_bare_text_replaces_the_content(args: dict[str, Any], field: str) -> None:
    """A new text without a field goes to body, text or title."""
    answer = Answer(verdict="edit", text="new")
    assert edits_of(answer, (item("m1", **args),)) == {"m1": {field: "new"}}


def test_a_bare_text_needs_a_place() -> None:
    """A card without a text field asks for a field, and so does a card without items."""
    with pytest.raises(BadInputError, match="edit field=value"):
        content_field(item("m1", url="x"))
    with pytest.raises(BadInputError):
        edits_of(Answer(verdict="edit", text="x"), ())
    with pytest.raises(BadInputError):
        edits_of(Answer(verdict="edit", fields=((None, "a", "b"),)), ())


@pytest.mark.parametrize(
    ("raw", "old", "value"),
    [
        ("12", "text", "12"),
        ("12", 3, 12),
        ("a, b,,", ["x"], ["a", "b"]),
        ('["a, b"]', ["x"], ["a, b"]),
        ("[broken", ["x"], "[broken"),
        ("tomorrow", None, "tomorrow"),
        ("2026", None, "2026"),
        ("true", None, "true"),
        ("null", None, None),
        ("null", 3, None),
        ('{"a": 1}', {"b": 2}, {"a": 1}),
        ("true", False, True),
    ],
)
def test_a_typed_value_has_the_type_it_replaces(raw: str, old: object, value: object) -> None:
    """Texts stay texts, lists take commas, other values are JSON, and in place of none a text."""
    assert typed(raw, old) == value
