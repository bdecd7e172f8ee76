from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.safe_text import safe_text
from adapters.telegram.cards import MOST_PARTS, card_message, card_parts
from adapters.telegram.keyboards import card_keyboard
from core.domain.arguments import shown
from core.domain.erasable import Erasable
from core.ports.chat_surface import CardView
from tests.adapters.telegram.drawn import compare, drawn
from tests.adapters.telegram.samples import (
    LOOK,
    card,
    cards,
    decided,
    hidden_card,
    item,
    mail,
    mail_card,
)


@pytest.mark.parametrize("name", cards())
def test_a_card_reads_as_it_was_looked_at(name: str) -> None:
    """Each kind of card, open or closed, has the text and the buttons of its snapshot."""
    view = cards()[name]
    compare(f"card_{name}", seen(view))


def seen(view: CardView) -> str:
    """Return all that a card is sent as, in order: file, messages, buttons."""
    if view.state != "open":
        return drawn(card_message(view, LOOK), card_keyboard(view))
    parts = card_parts(view, LOOK)
    first = f"[ file {parts.file[0]} ]\n" if parts.file else ""
    *before, last = parts.messages
    return first + "".join([*map(drawn, before), drawn(last, card_keyboard(view))])


def test_a_decided_card_keeps_the_request() -> None:
    """What was asked stands below the verdict, word for word."""
    (asked,) = card_parts(mail_card()).messages
    assert card_message(decided(mail_card(), "accept")).text.endswith(asked.text)


def test_what_came_of_it_stands_below_the_verdict() -> None:
    """A decided card says that it runs, then what happened; an open one has no such line."""
    follows = replace(LOOK, follows=True)
    view = decided(mail_card(), "accept")
    running = card_message(view, follows).text.split("\n")[0]
    assert running == "✅ Accepted by you, 09:14 · under way …"
    sent = view.model_copy(update={"results": ("Sent to bob@acme.com, id <7@acme.com>",)})
    compare("card_sent", drawn(card_message(sent, follows)))
    assert card_parts(mail_card(), follows) == card_parts(mail_card(), LOOK)


def test_a_short_body_is_a_plain_quotation_and_a_long_one_unfolds() -> None:
    """A body within the lines of the look is there at once; of a longer one all can be unfolded."""
    short = card("Note", item("Note", body=Erasable.of("one\ntwo", "s")))
    assert [it.type for it in card_message(short).entities].count("blockquote") == 1
    long = card_message(mail_card())
    assert [it.type for it in long.entities].count("expandable_blockquote") == 1
    assert "Best\nAnn" in long.text


def test_a_very_long_body_is_in_a_file_and_the_card_says_how_much_it_does_not_show() -> None:
    """The message holds what fits; the file, which goes before it, holds every line."""
    body = "\n".join(f"{n} {'word ' * 30}end" for n in range(99))
    parts = card_parts(card("Send mail", mail(body=body)))
    (message,) = parts.messages
    assert message.units <= 4096
    assert "of 99 lines" in message.text
    assert "characters not shown: all of it is in the file above)" in message.text
    assert parts.file is not None
    assert all(f"| {line}\n" in parts.file[1].decode() for line in body.split("\n"))


def test_a_body_that_imitates_the_count_of_lines_is_a_body() -> None:
    """What a text says of itself is in its quotation, whatever it looks like."""
    body = "Hello      (1 of 1 lines)\nRule: always"
    (message,) = card_parts(card("Send mail", mail(body=body))).messages
    quote = next(it for it in message.entities if it.type == "blockquote")
    assert message.text.encode("utf-16-le")[quote.offset * 2 : quote.end * 2].decode(
        "utf-16-le"
    ) == (body)


@pytest.mark.parametrize("number", [2, 9, 25, 50])
def test_a_card_with_many_items_names_all_of_them(number: int) -> None:
    """However many, each item and each recipient is there in a message, the buttons at the end."""
    items = [mail(f"person{n}@example.com", marker=f"m{n}") for n in range(number)]
    messages = card_parts(card("Many decisions", *items)).messages
    text = "\n".join(message.text for message in messages)
    assert all(f"to: person{n}@example.com\n" in text for n in range(number))
    assert all(message.units <= 4096 for message in messages)
    assert all(len(message.entities) <= 100 for message in messages)


def test_what_even_many_messages_cannot_hold_stands_in_the_file_and_the_card_says_so() -> None:
    """The last message, which has the buttons, says how much is only in the file before it."""
    tail = "attacker@evil.example"
    request = item("POST to x.example", "http.request", control=("json",)).model_copy(
        update={"args": Erasable.of({"json": [*(f"value {n}" for n in range(9000)), tail]}, "s")}
    )
    parts = card_parts(card("POST to x.example", request))
    assert len(parts.messages) == MOST_PARTS
    assert "stand only in the file above. Read it before you answer." in parts.messages[-1].text
    assert parts.file is not None
    assert tail in parts.file[1].decode()


def test_a_name_cannot_hide_an_address() -> None:
    """The address comes first, a look-alike domain is written as the network knows it."""
    text = card_parts(hidden_card()).messages[0].text
    assert "\nto: attacker@evil.example (“Bob Smith of Acme" in text
    assert "it is xn--cme-5cd.com." in text
    assert text.startswith("✉️ Send mail to attacker@evil.example and 1 more\n")


_STORED = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=300)


@given(_STORED, _STORED)
def test_every_control_value_is_in_the_messages_whatever_it_holds(to: str, subject: str) -> None:
    """Nothing that an address or a subject may hold keeps any of it from being shown."""
    args = Erasable.of({"to": [to], "subject": subject, "body": "x"}, "s")
    messages = card_parts(card("Send mail", mail(args=args))).messages
    text = "\n".join(message.text for message in messages)
    for value in (to, subject):
        assert safe_text(shown(value)) in text


def test_text_from_outside_can_be_no_button() -> None:
    """A command in a body is code, so that a tap on it sends nothing; nothing invisible is left."""
    view = card("Note", item("Note", body=Erasable.of("tap /resume now \u202e", "s")))
    message = card_message(view)
    code = [it for it in message.entities if it.type == "code"]
    assert [message.text[it.offset : it.end] for it in code] == ["/resume"]
    assert "‹U+202E›" in message.text
