"""What is not what it looks like is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.lookalikes import punycode, suspicions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "bob@аcme.com",
            "аcme.com is not in plain Latin letters: it is xn--cme-5cd.com.",
        ),
        ("https://bücher.example/a", "it is xn--bcher-kva.example."),
        ("https://acme.com⁄login.evil.example/", "it is acme.xn--com"),
        ("https://acme.com@evil.example/x", "The address leads to evil.example"),
        ("https://acme.com:80@еvil.example/", "The address leads to xn--vil-qdd.example"),
        ("bоb@acme.com", "The name before the @ of bоb@acme.com holds о (U+043E CYRILLIC"),
        ("Invоice 12", "The word Invоice mixes scripts"),
        ("ｅvil.txt", "mixes scripts: it holds ｅ (U+FF45 FULLWIDTH"),
        ("a\u0323cme.txt", "Letters in it carry marks"),
        ("gpj\u202e.exe", "cannot be seen: U+202E"),
        ("a\u200bb@acme.com", "cannot be seen: U+200B"),
        ("a\ufe0fb", "cannot be seen: U+FE0F"),
        ("a\u3164b", "cannot be seen: U+3164"),
    ],
)
def test_a_look_alike_is_named(text: str, said: str) -> None:
    """Other alphabets, marks, hidden characters, and names before a host are told in words."""
    assert any(said in one for one in suspicions(text)), suspicions(text)


@pytest.mark.parametrize(
    "text",
    [
        "bob@acme.com",
        "https://acme.com/a?b=c@d",
        "Überraschung für Zoë",
        "Привет, мир",
        "会議 2026",
        "2026-12-01T09:00:00+01:00",
        "Bob <bob@acme.com>",
        "two\nlines\tand a tab",
    ],
)
def test_ordinary_text_raises_no_suspicion(text: str) -> None:
    """One alphabet a word, and plain addresses, are nothing to warn of."""
    assert suspicions(text) == ()


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    """Whatever it is, it is judged without an error; plain ASCII words are never suspected."""
    for one in suspicions(text):
        assert one.endswith(".")
    assert punycode(text).isascii() or any(not char.isascii() for char in text)
