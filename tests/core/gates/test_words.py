import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.gates.words import (
    WORDS,
    Answer,
    content_field,
    edits_of,
    markers_of,
    new_text,
    parse_fields,
    read_answer,
    read_reply,
    typed,
)

RULING = Ruling(
    route="review",
    rule="r",
    reasons=("because",),
    impact="high",
    confidence=Confidence(claimed=1, earned=1),
)
ID = "CABCDEFG2"


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


MAIL = item(to=["bob@acme.com"], subject="Lunch", body="See you")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("accept", Answer(verdict="accept")),
        ("  ACCEPT! \n", Answer(verdict="accept")),
        ("Accept.", Answer(verdict="accept")),
        ("accept。", Answer(verdict="accept")),
        ("Yes", Answer(verdict="accept", soft=True)),
        (f"yes {ID}", Answer(verdict="accept", card=ID, soft=True)),
        ("accept 1,3", Answer(verdict="accept", only=(1, 3))),
        (f"accept {ID} 3, 1.", Answer(verdict="accept", card=ID, only=(1, 3))),
        ("Always", Answer(verdict="accept", always=True)),
        (f"accept {ID}", Answer(verdict="accept", card=ID)),
        ("accept cabcdefg2.", Answer(verdict="accept", card=ID)),
        ("always CABCDEFGH", Answer(verdict="accept", card="CABCDEFGH", always=True)),
        ("reject", Answer(verdict="reject")),
        ("Reject!", Answer(verdict="reject")),
        (f"reject {ID}", Answer(verdict="reject", card=ID)),
        ("reject: too dear", Answer(verdict="reject", reason="too dear")),
        ("reject:\nnot now", Answer(verdict="reject", reason="not now")),
        (f"reject {ID}: too dear!", Answer(verdict="reject", card=ID, reason="too dear!")),
        (
            f"reject {ID} too dear",
            Answer(verdict="reject", card=ID, reason="too dear", unsure=True),
        ),
        ("edit", Answer(verdict="edit")),
        (f"edit {ID}", Answer(verdict="edit", card=ID)),
        ("edit subject=Hello", Answer(verdict="edit", text="subject=Hello")),
        (
            f"edit {ID} 2.subject=Hi there to=bob@x.org",
            Answer(verdict="edit", card=ID, text="2.subject=Hi there to=bob@x.org"),
        ),
        ("edit text=a\nb", Answer(verdict="edit", text="text=a\nb")),
        ("accept customers", Answer(verdict="accept", card="CUSTOMERS", unsure=True)),
        ("Annehmen", Answer(verdict="accept")),
        ("ÄNDERN", Answer(verdict="edit")),
        ("¡Sí!", Answer(verdict="accept", soft=True)),
        ("si\u0301", Answer(verdict="accept", soft=True)),
        ("refuser : trop cher", Answer(verdict="reject", reason="trop cher")),
    ],
)
def test_lines_that_are_answers(line: str, answer: Answer) -> None:
    """A line is an answer if it is, whole, one of the forms, in any case and with end marks."""
    assert read_answer(line) == answer


TALK = [
    "",
    "hello",
    "no",
    "nein",
    "accept the offer from Bob",
    "accept, please",
    "Accept? I am not sure",
    "accept?",
    "accept 3 chairs",
    "yes 2",
    "yes, please book it",
    "always buy milk on Mondays",
    "acceptable",
    "accepted",
    "editor",
    "rejection letter for Bob",
    "please accept",
    "I accept",
    f"accept {ID} please",
    f"edit {ID} and tell me when it is online",
    "accept-test",
    "reject-list for spam",
    "edit-distance of two words",
    "edit: the post about Bob",
    "edit the whole new text",
    "Edit the pricing page and tell me when it is online",
    "edit please set subject=x",
    "Reject Kim's proposal politely, please",
    "reject the offer from Bob",
    "Reject\nnot now",
    "reject contracts are dull",
    "reject contracts: they are dull",
]


@pytest.mark.parametrize("line", TALK)
def test_lines_that_are_talk(line: str) -> None:
    """A sentence that merely begins like an answer is talk."""
    assert read_answer(line) is None


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("accept", Answer(verdict="accept")),
        ("accept 2", Answer(verdict="accept", only=(2,))),
        ("accept it, please", None),
        ("looks good", None),
        ("reject too dear", Answer(verdict="reject", reason="too dear")),
        ("reject, too dear", Answer(verdict="reject", reason="too dear")),
        ("reject: too dear", Answer(verdict="reject", reason="too dear")),
        ("reject-list for spam", None),
        ("edit", Answer(verdict="edit")),
        ("edit See you at one", Answer(verdict="edit", text="See you at one", free=True)),
        ("edit:\nHi\n\nBob", Answer(verdict="edit", text="Hi\n\nBob", free=True)),
        (f"reject {ID} too dear", Answer(verdict="reject", card=ID, reason="too dear")),
    ],
)
def test_replies_to_a_card(line: str, answer: Answer | None) -> None:
    """In a reply the words after reject are the reason, and those after edit the new text."""
    assert read_reply(line) == answer


@given(
    verb=st.sampled_from([w for words in WORDS.values() for ws in words.values() for w in ws]),
    case=st.sampled_from([str.lower, str.upper, str.title]),
    mark=st.sampled_from(["", ".", "!", "!!", "…", "。", " ."]),
    named=st.booleans(),
)
def test_every_word_of_every_language_is_its_form(
    verb: str,
    case: Callable[[str], str],
    mark: str,
    *,
    named: bool,
) -> None:
    """In any case, with any end mark, with or without the card's id; and never in a sentence."""
    line = case(verb) + (f" {ID}" if named else "")
    answer = read_answer(line + mark)
    assert answer is not None
    assert answer.card == (ID if named else None)
    assert read_answer(f"{line} and then tell me about it") is None or named
    assert read_answer(f"Please {line}") is None


@given(line=st.text(max_size=40))
def test_any_line_is_read(line: str) -> None:
    """No line makes the reader fail; what cannot be limits of an always is a sentence."""
    for verb in ("", "edit ", "reject ", "accept ", "always "):
        for read in (read_answer, read_reply):
            try:
                answer = read(verb + line)
            except BadInputError:
                continue
            assert answer is None or answer.verdict in {"accept", "edit", "reject"}


PIECES = st.one_of(
    st.sampled_from([" subject=", "body=", "\nto=", " other=", "\\", "\r\n", "😀", "«a»", "“b”"]),
    st.sampled_from("\"'=„“”«»‘’ \n,;."),
    st.characters(exclude_categories=["Cs"]),
)
VALUES = st.lists(PIECES, max_size=12).map("".join)


def _ends_early(value: str, closing: str) -> bool:
    """Whether a value holds a closing mark right before a field: nobody can tell what that is."""
    return re.search(rf"[{closing}][,;]?\s+(subject|body|to)=", value, re.IGNORECASE) is not None


@pytest.mark.parametrize("marks", ['""', "''", "„“", "«»", "“”"])
@given(subject=VALUES, body=VALUES)
def test_quoted_values_are_read_back(marks: str, subject: str, body: str) -> None:
    """Marks, `=`, line ends, backslashes: a quoted value is the text between its own marks."""
    closing = {"„": "“”"}.get(marks[0], marks[1])
    assume(not _ends_early(subject, closing) and not _ends_early(body, closing))
    text = f"subject={marks[0]}{subject}{marks[1]} body={marks[0]}{body}{marks[1]}"
    assert edits_of(Answer(verdict="edit", text=text), (MAIL,)) == {
        "m1": {"subject": subject, "body": body}
    }


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('body="He said "no", twice"', {"body": 'He said "no", twice'}),
        ('body="set subject=x there"', {"body": "set subject=x there"}),
        ("body=E=mc² and x=y", {"body": "E=mc² and x=y"}),
        ('body=it is 5" wide', {"body": 'it is 5" wide'}),
        ("body=see https://a.example/?q=1&to=2", {"body": "see https://a.example/?q=1&to=2"}),
        (
            "subject=Lunch on Friday body=See you\nthere",
            {
                "subject": "Lunch on Friday",
                "body": "See you\nthere",
            },
        ),
        ('subject="a b", body="c"', {"subject": "a b", "body": "c"}),
        ("Subject=Hi", {"subject": "Hi"}),
        ('body="„Hallo“, sagte sie"', {"body": "„Hallo“, sagte sie"}),
        ("subject=„Neu“ body=“old”", {"subject": "Neu", "body": "old"}),
        ('body="C:\\temp\\"', {"body": "C:\\temp\\"}),
        ("subject=", {"subject": ""}),
        ("to=a@x.org, b@x.org", {"to": ["a@x.org", "b@x.org"]}),
    ],
)
def test_fields_end_where_the_next_begins(text: str, fields: dict[str, Any]) -> None:
    """Only a field of the card ends a value: every other `word=` is text."""
    assert edits_of(Answer(verdict="edit", text=text), (MAIL,)) == {"m1": fields}


@pytest.mark.parametrize(
    "text",
    [
        'body="He said "no',
        'body="Hello" and more',
        "subject='unclosed",
        "body=„offen",
        "body=a body=b",
        'body="say "x" subject=y" please"',
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str) -> None:
    """No value is guessed at: a missing or a doubtful closing mark is one sentence."""
    with pytest.raises(BadInputError):
        edits_of(Answer(verdict="edit", text=text), (MAIL,))


def test_fields_go_to_their_items() -> None:
    """A number names an item; values take the type they replace."""
    items = (item("m1", subject="a", to=["x"]), item("m2", subject="b", count=1))
    text = "to=y, z 2.subject=c 2.count=5 1.subject=7"
    assert edits_of(Answer(verdict="edit", text=text), items) == {
        "m1": {"to": ["y", "z"], "subject": "7"},
        "m2": {"subject": "c", "count": 5},
    }
    assert parse_fields("no field", items) == ()


@pytest.mark.parametrize("text", ["subject=x", "some new text"])
def test_what_may_mean_several_items_is_asked(text: str) -> None:
    """Neither a field that several items have nor a new text goes to the first of them."""
    items = (item("m1", subject="a"), item("m2", subject="b"))
    with pytest.raises(BadInputError, match=r"Say which one: 1\.subject=…, 2\.subject=…"):
        edits_of(new_text(text), items)


@pytest.mark.parametrize("number", [0, 3])
def test_an_item_that_is_not_there_is_refused(number: int) -> None:
    """A number beyond the list is one sentence."""
    items = (item("m1", subject="a"), item("m2", subject="b"))
    answer = Answer(verdict="edit", text=f"{number}.subject=x")
    with pytest.raises(BadInputError, match=r"The card has 2 item\(s\)"):
        edits_of(answer, items)
    with pytest.raises(BadInputError, match=r"The card has 2 item\(s\)"):
        markers_of((number,), items)
    assert markers_of((2, 1), items) == ("m2", "m1")


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
    assert edits_of(new_text("new"), (item("m1", **args),)) == {"m1": {field: "new"}}


def test_a_bare_text_needs_a_place() -> None:
    """A card without a text field asks for a field, and so does a card without items."""
    with pytest.raises(BadInputError, match="edit field=value"):
        content_field(item("m1", url="x"))
    with pytest.raises(BadInputError, match="cannot be edited"):
        edits_of(new_text("x"), ())


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
