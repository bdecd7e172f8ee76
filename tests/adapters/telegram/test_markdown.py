import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.markdown import as_printed, from_markdown
from adapters.telegram.rich import units
from core.domain.own_words import COMMAND, Own, joined
from tests.adapters.telegram.checks import assert_valid
from tests.adapters.telegram.drawn import compare, drawn
from tests.adapters.telegram.samples import ARTICLE

PLAIN = ["*", "**", "_", "~~", "`", "#", "-", "1.", ">", "\\", "\n", "\n\n", " ", "\t", "---"]
WORDS_BETWEEN = ["🦊", "e\u0301", "word", "other", "/cmd", "http://a.bc"]
OTHER = ["```", "|", "[", "](", ")", "![", "<", "&", ":-", "| a | b |\n|---|---|\n"]
MARKED = st.lists(st.sampled_from([*PLAIN, *WORDS_BETWEEN]), max_size=40).map("".join)
MARKDOWN = st.one_of(
    st.text(),
    MARKED,
    st.lists(st.sampled_from([*PLAIN, *WORDS_BETWEEN, *OTHER]), max_size=40).map("".join),
)
WORDS = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)


@pytest.mark.parametrize("outside", [False, True])
def test_an_answer_reads_as_it_was_looked_at(outside: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Everything that models write has the form of its snapshot."""
    name = "text_outside" if outside else "text"
    compare(name, drawn(from_markdown(ARTICLE, outside=outside)))


@given(MARKDOWN, st.booleans())
def test_any_text_gives_a_message_that_telegram_takes(text: str, outside: bool) -> None:  # noqa: FBT001 - as above
    """No text raises, and its entities are inside the trimmed text, nested, and not empty."""
    assert_valid(from_markdown(text, outside=outside))


@given(st.lists(st.lists(WORDS, min_size=1, max_size=8), max_size=6))
def test_the_words_of_paragraphs_stay(paragraphs: list[list[str]]) -> None:
    """Every word of plain paragraphs is there, in order."""
    text = "\n\n".join(" ".join(words) for words in paragraphs)
    assert from_markdown(text).text.split() == text.split()


@given(MARKED)
def test_no_letter_is_lost_between_marks(text: str) -> None:
    """Whatever the marks of emphasis, lists, quotations and headings are, the letters stay."""
    letters = re.sub(r"[^a-z]", "", text)
    assert re.sub(r"[^a-z]", "", from_markdown(text).text) == letters


@given(MARKDOWN)
def test_outside_text_hides_no_address(text: str) -> None:
    """In outside text no word stands for an address and no command can be tapped."""
    rich = from_markdown(f"[here](https://evil.example/x) {text}", outside=True)
    assert not [it for it in rich.entities if it.type == "text_link"]
    assert "https://evil.example/x" in rich.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2*3*4 and a_b_c", "2*3*4 and a_b_c\n"),
        ("**fat `x` fat**", "<b>fat</b> <code>x</code> <b>fat</b>\n"),
        ("[a](javascript:x)", "[a](javascript:x)\n"),
        ("[a](ftp://x.y/z)", "a (address: ftp://x.y/z)\n"),
        ("[bank.com](http://evil.com)", "bank.com (address: http://evil.com)\n"),
        ("[me](mailto:a@b.c)", "<a mailto:a@b.c>me</a>\n"),
        ("![plan](https://x.org/p.png)", "<a https://x.org/p.png>plan</a>\n"),
        ("\\*not\\* \\_this\\_", "*not* _this_\n"),
        ("1. a\n1. b", "1. a\n2. b\n"),
        ("3) a\n5) b", "3) a\n5) b\n"),
        ("```\n  x\n\ty\n```", "<pre>  x\n\ty</pre>\n"),
        ("```two words\nx\n```", "<pre>two words\nx</pre>\n"),
        ("~~~word", "<pre>word</pre>\n"),
        ("> a\n> > b", "<quote>a\n\nb</quote>\n"),
        ("<b>x</b>", "<b>x</b>\n"),
        ("[a]: http://x.org", "[a]: http://x.org\n"),
        ("gpj\u202e.exe", "gpj‹U+202E›.exe\n"),
        ("&#x202e;x", "‹U+202E›x\n"),
        ("中文*强调*中文", "中文<i>强调</i>中文\n"),
        (">" * 60 + " deep", ">" * 60 + " deep\n"),
        ("", "\n"),
    ],
)
def test_special_cases(text: str, shown: str) -> None:
    """What is easily read wrong has the form that is written here."""
    assert drawn(from_markdown(text)) == shown


def test_a_wide_table_is_told_row_by_row() -> None:
    """A table with more columns than a phone has room for has a paragraph for each row."""
    row = "| Acme | a long text that needs much room |"
    text = f"| Name | Known for |\n|---|---|\n{row}\n| Bolt | |"
    assert drawn(from_markdown(f"{text}\n\nEnd")) == (
        "<b>Name: Acme</b>\nKnown for: a long text that needs much room\n\n"
        "<b>Name: Bolt</b>\nKnown for: –\n\nEnd\n"
    )


def test_cells_beyond_the_columns_are_kept() -> None:
    """A table with a cell too many stays as it was written."""
    text = "| a |\n|---|\n| b | c |"
    assert drawn(from_markdown(text)) == f"<pre>{text}</pre>\n"


def test_commands_of_outside_text_are_code() -> None:
    """A command that a page wrote cannot be sent with a tap; the owner's assistant's can."""
    assert drawn(from_markdown("use /undo", outside=True)) == "use <code>/undo</code>\n"
    assert drawn(from_markdown("use /undo")) == "use /undo\n"


ODD = st.text(alphabet="/help_@. \n:'\u200b\u200d\u0301🦊\t\r", max_size=12)


@given(before=ODD, behind=ODD)
def test_a_stated_command_alone_is_no_code(before: str, behind: str) -> None:
    """Wherever it stands once the text is made safe, and whatever others wrote around it."""
    text = joined([before, Own("/help"), behind], " ")
    shown = as_printed(text, commands=text.commands)
    assert_valid(shown)
    assert shown.text == as_printed(text).text
    code = {n for it in shown.entities for n in range(it.offset, it.end)}
    open_places = [
        found
        for found in COMMAND.finditer(shown.text)
        if units(shown.text[: found.start()]) not in code
    ]
    assert [found[0] for found in open_places] == (["/help"] if text.commands else [])


def test_the_same_command_in_a_quotation_stays_code() -> None:
    """Only the one at its place can be tapped."""
    text = "no '/goals'; " + Own("/goals lists them.")
    shown = as_printed(text, commands=(13,))
    (code,) = shown.entities
    assert (code.type, code.offset, code.length) == ("code", 4, 6)
    assert len(as_printed(text).entities) == 2
