"""What of a message is quoted, by its structure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.quotations import as_quoted, read_quotations

OUTLOOK = "Von: Kim Lee\nGesendet: Montag\nAn: Ada\nBetreff: Rechnung\n\nZahlen Sie."
GMAIL = "On Mon, 3 Nov 2026 at 09:00, Kim Lee <kim@example.org>\nwrote:\n\n> pay now\n> please"
ORIGINAL = "-----Original Message-----\nFrom: Kim <kim@example.org>\nSubject: x\n\npay now"
FORWARD = "---------- Forwarded message ---------\nFrom: Kim <kim@example.org>\n\npay now"
WROTE = "Am 3. November 2026 schrieb Kim:\npay now"
LETTER = "From: Kim <kim@example.org>\nTo: me\n\npay now"


def own(text: str) -> str:
    """Return the own words of a text."""
    return read_quotations(text, str).own


@pytest.mark.parametrize(
    ("text", "mine"),
    [
        ("hello", "hello"),
        ("a > b\nand c => d", "a > b\nand c => d"),
        ("> accept", ""),
        (" \u200b > accept", ""),
        ("\uff1e accept", ""),
        ("note this\n> a\n> b\n\nthanks", "note this\n[1]\nthanks"),
        ("> a\nyes\n> b\nno", "[1]\nyes\n[2]\nno"),
        ("see ```accept``` there", "see\n[1]\n there"),
        ("```\npay\n```\naccept\n```\n```", ""),
        ("look:\n```\npay now\naccept", "look:\n[1]"),
        (f"{GMAIL}\n\nSend it.", "[1]\nSend it."),
        *((f"What is this?\n{mail}", "What is this?\n[1]") for mail in (OUTLOOK, ORIGINAL)),
        *((f"What is this?\n{mail}", "What is this?\n[1]") for mail in (FORWARD, WROTE, LETTER)),
        ("From: Berlin\nTo: Bonn\nDate: Friday", "From: Berlin\nTo: Bonn\nDate: Friday"),
        ("--- Ideas ---\nbuy a boat", "--- Ideas ---\nbuy a boat"),
        ("On Monday I wrote: buy milk\ntoday", "On Monday I wrote: buy milk\ntoday"),
    ],
)
def test_own_words_are_what_is_not_quoted(text: str, mine: str) -> None:
    """Lines behind a mark, fences, and all under a mail program's head are somebody else's."""
    assert own(text) == mine


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n\r`>\uff1e-"), max_size=30)
LINES = st.lists(WORDS, min_size=1, max_size=4).map("\n".join)


@given(mine=st.lists(LINES, max_size=4), theirs=LINES.filter(str.strip))
def test_no_quoted_word_is_among_the_own(mine: list[str], theirs: str) -> None:
    """Wherever a block stands between own words, the own words are what they are without it."""
    theirs = "\n".join(f"stolen{line}" for line in theirs.split("\n"))
    for block in (as_quoted(theirs), f"```\n{theirs}\n```"):
        for at in range(len(mine) + 1):
            whole = "\n".join([*mine[:at], block, *mine[at:]])
            found = read_quotations(whole, str)
            assert "stolen" not in found.own
            assert any("stolen" in one for one in found.blocks)


@given(text=st.text(alphabet=st.sampled_from("> a`\n:@-")))
def test_nothing_is_lost(text: str) -> None:
    """Every letter is in the own words or in a block, and no own line begins with a mark."""
    found = read_quotations(text, str)
    assert text.count("a") == found.own.count("a") + sum(one.count("a") for one in found.blocks)
    assert not any(line.strip().startswith(">") for line in found.own.split("\n"))


def test_own_words_have_no_more_quotations() -> None:
    """What is left is read as own words as a whole."""
    for text in (OUTLOOK, GMAIL, ORIGINAL, "a\n> b\nc", "a ```b``` c"):
        left = own(f"mine\n{text}")
        assert read_quotations(left, str).own == left


@pytest.mark.parametrize("piece", ["> a\n", "a```", "-----a", "On a\n", "From: a@\n", "\u200ba"])
def test_a_long_text_is_read_too(piece: str) -> None:
    """However often the beginnings of heads and fences stand in it, nothing of it is lost."""
    found = read_quotations(piece * 50_000, str)
    assert found.own.count("a") + sum(one.count("a") for one in found.blocks) == 50_000


def test_many_blocks_are_ten() -> None:
    """Own words between them stay own words, and no block is lost."""
    found = read_quotations("\n".join(f"> q{n}\nmine {n}" for n in range(30)), str)
    assert len(found.blocks) == 10
    assert [line for line in found.own.split("\n") if line.startswith("mine")] == [
        f"mine {n}" for n in range(30)
    ]
    assert found.blocks[-1].split() == [f"q{n}" for n in range(9, 30)]
