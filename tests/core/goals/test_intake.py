from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import BadInputError
from core.domain.events.messages import MessageReceived
from core.domain.inbound import Attachment, Inbound
from core.goals.intake import clean, intake
from core.goals.starting import title_of
from tests.core.support.world import HERE, Setup, World

FAMILY = "👩\u200d👧"
PERSIAN = "می\u200cخواهم"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  hello\n", "hello"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("a\x00b\x1b[31mc\x7f\x85d", "ab[31mcd"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\u2066b\u2069c\u200fd\u200ee\u061cf", "abcdef"),
        (f"hi {FAMILY}", f"hi {FAMILY}"),
        (PERSIAN, PERSIAN),
        ("שלום עולם", "שלום עולם"),
        ("half \ud83d pair", "half  pair"),
        ("\x00\u202e \n", ""),
        ("é e\u0301 🏴\U000e0067\U000e007f", "é e\u0301 🏴\U000e0067\U000e007f"),
    ],
)
def test_text_is_cleaned(text: str, cleaned: str) -> None:
    """Controls, half pairs and direction marks go; letters, joiners and emoji stay."""
    assert clean(text) == cleaned


@given(text=st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """A cleaned text is stable, can be stored, and has no control character but tab and newline."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned
    assert all(c in "\n\t" or not c.isascii() or c.isprintable() for c in cleaned)


def inbound(text: str, dedupe: str = "1", *, attached: bool = False) -> Inbound:
    """Return a message of the owner."""
    files = (Attachment(name="a.pdf", media_type="application/pdf", size=3, ref="f1"),)
    return Inbound(
        channel="memory",
        conversation=HERE,
        sender="ada",
        text=text,
        sent_at=datetime(2026, 11, 2, tzinfo=UTC),
        dedupe=dedupe,
        attachments=files if attached else (),
    )


async def test_a_message_is_received_once() -> None:
    """A platform that delivers a message again adds no event and gets the same id."""
    world = World()
    first = await intake(world.kernel, inbound("hi"), owner=True)
    again = await intake(world.kernel, inbound("hi"), owner=True)
    assert (first.duplicate, again.duplicate) == (False, True)
    assert first.message == again.message
    assert len(world.events(MessageReceived)) == 1
    other = await intake(world.kernel, inbound("hi", "2"), owner=True)
    assert other.message != first.message


async def test_an_empty_message_is_refused() -> None:
    """A text that holds nothing is one sentence, unless a file came with it."""
    world = World()
    with pytest.raises(BadInputError, match="The message is empty"):
        await intake(world.kernel, inbound(" \u200f\x00"), owner=True)
    await intake(world.kernel, inbound("", attached=True), owner=True)
    (received,) = world.events(MessageReceived)
    assert [a.name for a in received.attachments] == ["a.pdf"]


async def test_secrets_do_not_reach_the_log() -> None:
    """A configured secret in a message is redacted before the event is made."""
    world = World(Setup(secrets=["hunter2-hunter2"]))
    await intake(world.kernel, inbound("my password is hunter2-hunter2"), owner=True)
    (received,) = await world.told(MessageReceived)
    assert received.text.text == "my password is [secret]"


async def test_a_megabyte_is_kept() -> None:
    """A very long text is kept whole."""
    world = World()
    await intake(world.kernel, inbound("é" * 1_000_000), owner=True)
    (received,) = await world.told(MessageReceived)
    assert len(received.text.text) == 1_000_000


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n  first \nsecond", "first"),
        ("", ""),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
    ],
)
def test_a_title_is_the_first_line(text: str, title: str) -> None:
    """A goal is titled with the first line of its message, cut to 80 characters."""
    assert title_of(text) == title
