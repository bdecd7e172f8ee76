from dataclasses import replace

import pytest

from adapters.telegram.cards import card_message, is_clipped
from adapters.telegram.keyboards import card_keyboard
from adapters.telegram.rich import units
from core.domain.erasable import Erasable
from core.ports.chat_surface import CardView
from tests.adapters.telegram.drawn import compare, drawn
from tests.adapters.telegram.samples import LOOK, MAIL, card, cards, decided, item, mail_card


@pytest.mark.parametrize("name", cards())
def test_a_card_reads_as_it_was_looked_at(name: str) -> None:
    """Each kind of card, open or closed, has the text and the buttons of its snapshot."""
    view = cards()[name]
    compare(f"card_{name}", drawn(card_message(view, LOOK), card_keyboard(view)))


def many(number: int, body: str = MAIL) -> CardView:
    """Return a card with many items."""
    items = [
        item(f"Send mail number {n} to somebody@example.com", body=Erasable.of(body, "s"))
        for n in range(number)
    ]
    return card("Many decisions", *items)


def test_a_decided_card_keeps_the_request() -> None:
    """What was asked stands below the verdict, word for word."""
    asked = card_message(mail_card()).text
    assert card_message(decided(mail_card(), "accept")).text.endswith(asked)


def test_what_came_of_it_stands_below_the_verdict() -> None:
    """A decided card says that it runs, then what happened; an open one has no such line."""
    follows = replace(LOOK, follows=True)
    view = decided(mail_card(), "accept")
    running = card_message(view, follows).text.split("\n")[0]
    assert running == "✅ Accepted by you, 09:14 · running …"
    sent = view.model_copy(update={"results": ("Sent to bob@acme.com, id <7@acme.com>",)})
    compare("card_sent", drawn(card_message(sent, follows)))
    assert card_message(mail_card(), follows) == card_message(mail_card(), LOOK)


def test_a_short_body_is_a_plain_quotation_and_a_long_one_unfolds() -> None:
    """A body within the lines of the look is there at once; of a longer one all can be unfolded."""
    short = card("Note", item("Note", body=Erasable.of("one\ntwo", "s")))
    assert [it.type for it in card_message(short).entities].count("blockquote") == 1
    long = card_message(mail_card())
    assert [it.type for it in long.entities].count("expandable_blockquote") == 1
    assert "Best\nAnn" in long.text


def test_a_very_long_body_is_clipped_and_says_so() -> None:
    """The lines that a message has no room for are counted."""
    view = card("Note", item("Note", body=Erasable.of("\n".join(["word " * 30] * 99), "s")))
    text = card_message(view).text
    assert units(text) <= 4096
    assert "(3 of 99 lines)" in text


@pytest.mark.parametrize("number", [2, 9, 25, 63])
def test_a_card_with_many_items_fits(number: int) -> None:
    """However many items, the card is one message, and says when it does not name them all."""
    view = many(number)
    message = card_message(view)
    assert message.units <= 4096
    assert len(message.entities) <= 100
    named = all(f"number {n} " in message.text for n in range(number))
    assert named != is_clipped(view)
    assert named == (number < 63)


def test_text_from_outside_can_be_no_button() -> None:
    """A command in a body is code, so that a tap on it sends nothing; nothing invisible is left."""
    view = card("Note", item("Note", body=Erasable.of("tap /resume now \u202e", "s")))
    message = card_message(view)
    code = [it for it in message.entities if it.type == "code"]
    assert [message.text[it.offset : it.end] for it in code] == ["/resume"]
    assert "‹U+202E›" in message.text
