import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.plain import plain_text
from adapters.chat.safe_text import MOST_MARKS, clip, safe_line, safe_text

# Number signs and the like of Arabic: format characters in name, drawn like any letter.
DRAWN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u0890\u0891\u08e2")
ANY_TEXT = st.text(st.characters(exclude_categories=[])) | st.text(
    "\x1b[31m\r\n\t\u202e\u200dé\u0301a "
)


def hidden(text: str) -> set[str]:
    """Return the characters of a text that a screen obeys or hides, joiners left out."""
    return {
        character
        for character in text
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and character not in DRAWN | set("\n\u200c\u200d")
    }


def test_no_hidden_character_of_unicode_passes() -> None:
    """Every control, format, surrogate and separator character there is comes out visible."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    assert hidden(safe_text(everything)) == set()


@given(ANY_TEXT)
def test_any_text_comes_out_harmless_and_stays_as_it_is(text: str) -> None:
    """Nothing hidden is left, lines stay lines, and making it safe again changes nothing."""
    safe = safe_text(text)
    assert hidden(safe) == set()
    assert safe.count("\n") == text.count("\n")
    assert safe_text(safe) == safe
    safe.encode("utf-8")


@given(ANY_TEXT)
def test_no_text_draws_frames(text: str) -> None:
    """What is printed contains no box drawing that was not put there by a card."""
    assert not any("\u2500" <= character <= "\u257f" for character in plain_text(text))


@given(st.text(st.characters(max_codepoint=0x24F, exclude_categories=["C", "Zl", "Zp"])))
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Text without anything hidden stays as it is."""
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x9b31mred", "‹U+009B›31mred"),
        ("ab\x08c\x7f\x00", "ab␈c␡␀"),
        ("win\r\nmac\rend", "win\nmac␍end"),
        ("a\tb", "a    b"),
        ("exe\u202egpj", "exe‹U+202E›gpj"),
        ("\u2066x\u2069\u200f", "‹U+2066›x‹U+2069›‹U+200F›"),
        ("bob@ac\u200bme.com", "bob@ac‹U+200B›me.com"),
        ("bob@ac\u200dme.com", "bob@ac‹U+200D›me.com"),
        ("👩\u200d👧 نامه\u200cای", "👩\u200d👧 نامه\u200cای"),
        ("\udc9b", "‹U+DC9B›"),
        ("a\u2028b\x85c\x0bd", "a‹U+2028›b‹U+0085›c␋d"),
        ("z" + "\u0301" * 50 + "a", "z" + "\u0301" * MOST_MARKS + "‹…›a"),
    ],
)
def test_what_was_hidden_is_named_in_place(text: str, shown: str) -> None:
    """Controls become pictures, the invisible its number, joiners stay where they belong."""
    assert safe_text(text) == shown


def test_long_text_is_cut_and_says_how_long_it_is() -> None:
    """A megabyte on one line becomes a readable line."""
    assert safe_line("x" * 1_000_000, 5) == "xxxxx … (1,000,000 characters)"
    assert safe_line("a\n  b\tc") == "a b c"
    assert clip("abc", 3) == "abc"
