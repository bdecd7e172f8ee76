import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.markdown import from_markdown
from adapters.telegram.rich import Rich, units
from adapters.telegram.split import as_file, file_lead, split
from tests.adapters.telegram.checks import assert_valid
from tests.adapters.telegram.samples import ARTICLE
from tests.adapters.telegram.test_markdown import MARKDOWN

PROSE = "One sentence is here. Another one follows it! And a third?\n"


def bare(text: str) -> str:
    """Return a text without its white space."""
    return re.sub(r"\s", "", text)


@given(st.lists(MARKDOWN, max_size=6).map("\n\n".join), st.integers(4, 80))
def test_pieces_hold_the_whole_text(text: str, limit: int) -> None:
    """Every piece is valid, filled and short enough; together they are the text."""
    rich = from_markdown(text)
    pieces = split(rich, limit)
    for piece in pieces:
        assert_valid(piece)
        assert 0 < piece.units <= limit
    assert bare("".join(piece.text for piece in pieces)) == bare(rich.text)


def test_what_fits_is_one_piece() -> None:
    """A text of exactly the limit is not cut, one of nothing is no piece."""
    rich = from_markdown(ARTICLE)
    assert split(rich) == [rich]
    assert [piece.units for piece in split(Rich("🦊" * 2048))] == [4096]
    assert split(Rich(" \n ")) == []


def test_pieces_are_about_4000_units() -> None:
    """A long text is cut below 4000, where its last sentence ends."""
    pieces = split(Rich(PROSE.replace("\n", " ") * 200))
    assert all(3900 <= piece.units <= 4000 for piece in pieces[:-1])
    assert all(piece.text[-1] in ".!?" for piece in pieces)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aaaa aaaa\n\nbbbb\nbbbb bbbb", "aaaa aaaa"),
        ("aaaa aaaa\nbbbb. bbbb bbbb", "aaaa aaaa"),
        ("aaaa aaaa. bbbb bbbb bbbb", "aaaa aaaa."),
        ("aaaa aaaa bbbb bbbb bbbb", "aaaa aaaa bbbb bbbb"),
        ("a" * 30, "a" * 20),
        ("👩‍👩‍👧" * 4, "👩‍👩‍👧" * 2),
        ("🇫🇷🇩🇪🇮🇹🇪🇸🇵🇱🇨🇿🇦🇹", "🇫🇷🇩🇪🇮🇹🇪🇸🇵🇱"),
        ("e\u0301" * 9 + "x" + "e\u0301" * 9, "e\u0301" * 9 + "x"),
    ],
)
def test_the_best_place_is_taken(text: str, first: str) -> None:
    """A paragraph before a line before a sentence before a word before a whole character."""
    assert split(Rich(text), 20)[0].text == first


def test_code_goes_on_in_the_next_piece() -> None:
    """A code block that is cut is closed and opened again with its language and indentation."""
    code = "\n".join(f"    step({n})" for n in range(600))
    pieces = split(from_markdown(f"Look:\n\n```python\n{code}\n```\nDone."))
    assert len(pieces) > 1
    for piece in pieces:
        assert ("pre", "python") in [(it.type, it.language) for it in piece.entities]
        assert all(line.startswith("    ") for line in piece.text.split("\n") if "step" in line)


def test_a_block_that_fits_the_next_piece_is_not_cut() -> None:
    """A code block at the end of a piece goes whole into the next one."""
    code = "\n".join(f"step({n})" for n in range(200))
    pieces = split(from_markdown(f"{PROSE * 50}\n```\n{code}\n```"))
    assert pieces[1].text == code


def test_a_link_is_in_one_piece() -> None:
    """Words that stand for an address are never in two messages."""
    text = f"{'word ' * 798}[these few words are one link](https://example.org) end"
    pieces = split(from_markdown(text))
    links = [it for piece in pieces for it in piece.entities if it.type == "text_link"]
    assert [it.length for it in links] == [len("these few words are one link")]


def test_a_message_has_at_most_a_hundred_entities() -> None:
    """More formatting than Telegram keeps goes into a further message."""
    pieces = split(from_markdown("**a** b " * 250))
    assert [len(piece.entities) for piece in pieces] == [100, 100, 50]


def test_a_very_long_answer_is_a_file() -> None:
    """Beyond four pieces the text is a file, and a message tells how it begins and where it is."""
    long = PROSE * 400
    assert as_file(PROSE * 200) is None
    assert as_file(long) == ("answer.md", long.encode())
    lead = file_lead(long)
    assert lead.text.startswith("One sentence is here.")
    assert lead.text.endswith("the whole answer (4,400 words) is in answer.md.")
    assert units(lead.text) < 700


def test_a_file_of_outside_text_loads_nothing() -> None:
    """A picture of outside text is an address in the file too."""
    text = "![x](https://evil.example/p.png)\n\n" + PROSE * 400
    named = as_file(text, outside=True)
    assert named is not None
    assert named[1].startswith(b"x (address: https://evil.example/p.png)")
