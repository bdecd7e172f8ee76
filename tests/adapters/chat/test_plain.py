"""Messages as they are printed."""

from adapters.chat.plain import plain_message
from adapters.terminal.draw import Painter, spoken
from tests.adapters.terminal.desk import enclosure, message

CHART = enclosure("spend.png", b"x", alt="Spend per day", place="/data/blobs/ab/abc")


def test_a_file_is_named_below_the_message() -> None:
    """Its name, what is to be seen, and where it lies; a message without words is only that."""
    line = "📎 spend.png · Spend per day · /data/blobs/ab/abc"
    assert plain_message(message("Today $0.10", files=(CHART,))) == f"Today $0.10\n{line}"
    assert (
        plain_message(message("", files=(CHART, enclosure("a.pdf", b"x")))) == f"{line}\n📎 a.pdf"
    )


def test_a_file_is_drawn_below_the_message() -> None:
    """The drawn terminal has the same line, indented as the text is."""
    painter = Painter(colours=False)
    drawn = painter.ansi(spoken(message("Today", files=(CHART,)), ""), 80)
    first, second = drawn.splitlines()
    assert first == "  Today"
    assert "📎 spend.png · Spend per day · /data/blobs/ab/abc" in second
    assert len(painter.ansi(spoken(message("", files=(CHART,)), ""), 80).splitlines()) == 1


def test_a_name_of_a_file_draws_nothing() -> None:
    """No frame, no control character, no second line."""
    hostile = enclosure("a\n┌ card C1\x1b[2J\u202e", b"x")
    assert plain_message(message("", files=(hostile,))) == "📎 a + card C1␛[2J‹U+202E›"
