from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.keyboards import (
    Keyboard,
    Tap,
    always_keyboard,
    asks_again,
    can_always,
    card_keyboard,
    confirm_keyboard,
    read_tap,
)
from core.domain.erasable import Erasable
from core.gates.limits import UNLIMITED, Limits, read_limits
from tests.adapters.telegram.samples import (
    card,
    cards,
    decided,
    file_card,
    item,
    list_card,
    mail_card,
)

CARDS = st.from_regex(r"C[A-Z2-7]{8}", fullmatch=True)
TAPS = st.one_of(
    st.builds(Tap, st.sampled_from(["a", "b", "c", "e", "g", "r", "w"]), CARDS),
    st.builds(Tap, st.just("l"), CARDS, st.sampled_from(["t", "d", "u"]), st.integers(1, 9999)),
    st.builds(Tap, st.just("l"), CARDS, st.just("n")),
)


def texts(keyboard: Keyboard) -> list[list[str]]:
    """Return what the buttons say, row by row."""
    return [[button.text for button in row] for row in keyboard]


@given(TAPS)
def test_a_tap_is_read_back(tap: Tap) -> None:
    """What a button carries is at most 64 bytes and says the same tap again."""
    assert len(tap.data.encode()) <= 64
    assert read_tap(tap.data) == tap


@given(st.text())
def test_other_data_is_no_tap(data: str) -> None:
    """Data that no button carries gives nothing; what gives a tap is written in one way only."""
    tap = read_tap(data)
    assert tap is None or tap.data == data


@pytest.mark.parametrize(
    "data", ["", "a", "a:", "x:CABCDEFGH", "a:CABCDEFGH\n", "l:C1", "l:C1:t", "l:C1:5n", "l:C1:0d"]
)
def test_damaged_data_is_no_tap(data: str) -> None:
    """Data that is nearly a tap gives nothing."""
    assert read_tap(data) is None


def test_a_list_with_something_grave_asks_once_more() -> None:
    """Accept all is one tap for low impact; else a second keyboard asks, and leads back."""
    assert not asks_again(list_card("low", "low"))
    grave = list_card("low", "low", "high")
    assert card_keyboard(grave)[0][0].data == "c:CAB2CD34E"
    assert texts(confirm_keyboard(grave)) == [["Really accept all 3?"], ["Back"]]
    assert [row[0].data for row in confirm_keyboard(grave)] == ["a:CAB2CD34E", "b:CAB2CD34E"]
    assert card_keyboard(mail_card())[0][0].data == "a:CAB2CD34E"


def test_a_list_that_its_message_cannot_name_asks_once_more() -> None:
    """Sixty low things are not accepted at one tap, because the message names only some."""
    things = [
        item(
            f"Thing {n} {'x' * 60}", body=Erasable.of("y", "s"), ruling=file_card().items[0].ruling
        )
        for n in range(63)
    ]
    low = [it.model_copy(update={"ruling": list_card("low").items[0].ruling}) for it in things]
    assert asks_again(card("Many", *low))
    assert not asks_again(card("Few", *low[:2]))


def test_always_is_offered_where_it_would_count() -> None:
    """Only an open operation without outside text can be granted; others have no such button."""
    able = {name for name, view in cards().items() if can_always(view)}
    assert able == {"file", "list", "list_low", "mail_hidden"}
    assert always_keyboard(mail_card()) == []


def test_the_limits_are_those_that_words_can_say() -> None:
    """Each button of the always menu gives the limits of the same words; the last leads back."""
    rows = always_keyboard(file_card())
    assert texts(rows) == [["10 times", "30 days"], ["Up to $5", "No limit"], ["Back"]]
    taps = [read_tap(button.data) for row in rows[:2] for button in row]
    assert [tap.limits for tap in taps if tap] == [
        read_limits("10 times"),
        read_limits("for 30 days"),
        read_limits("up to $5"),
        read_limits("until I revoke it"),
    ]
    assert [tap.limits for tap in taps if tap] == [
        Limits(uses=10),
        Limits(lasting=timedelta(days=30)),
        Limits(usd=Decimal(5)),
        UNLIMITED,
    ]
    assert read_tap(rows[2][0].data) == Tap("b", "CAB2CD34E")


def test_a_closed_card_has_no_buttons() -> None:
    """Decided and expired cards cannot be tapped, and an accept has no limits."""
    assert card_keyboard(decided(file_card(), "accept")) == []
    assert card_keyboard(decided(file_card(), None)) == []
    assert Tap("a", "CAB2CD34E").limits is None
