import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.words import short_line
from core.domain.visible import cleaned


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("Grüße 世界 🐎", "Grüße 世界 🐎"),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
        ("ab\u202ecd\u200b\ufeff\u00ad", "abcd"),
        ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "send"), "hi"),
        ("half \ud83d", "half "),
    ],
)
def test_hidden_characters_go(text: str, clean: str) -> None:
    """What no reader sees is dropped; what scripts and emoji need is kept."""
    assert cleaned(text) == clean


@given(st.text())
def test_clean_text_can_be_stored(text: str) -> None:
    """Cleaning twice is cleaning once, and the result is UTF-8 without NUL."""
    clean = cleaned(text)
    assert cleaned(clean) == clean
    assert b"\0" not in clean.encode()


def test_a_line_is_plain_and_short() -> None:
    """Markup and line breaks go, entities are read, a long text ends in an ellipsis."""
    assert short_line("a <strong>b</strong>\n &amp; 1 < 2", 50) == "a b & 1 < 2"
    assert short_line("x" * 60, 50) == "x" * 49 + "…"
    assert short_line(None, 50) == ""
    assert short_line({"a": 1}, 50) == ""
