"""A wish to forget is told from a fact, in whatever words."""

import pytest

from core.memory.learning.forget_wish import (
    forget_target,
    is_forget_wish,
    without_forget_wishes,
)
from core.memory.learning.rules import learned_by_rules

WISHES = (
    "forget that the wifi code is 4321",
    "Please forget that my office is in Bonn.",
    "Equerry, please forget the fact that Bob likes tea",
    "can you forget that Bob's email is bob@acme.com?",
    "Could you please forget my dentist is Dr. Who",
    "you can forget that Acme is our biggest customer",
    "I want you to forget that I prefer short mails",
    "I'd like you to forget that I live in Bonn",
    "ok, forget that we use Stripe for payments",
    "Actually forget what I told you about Acme: it is in Hamburg",
    "forget: the wifi code is 4321",
    "FORGET THAT MY PIN IS 4321",
    "stop remembering that the wifi code is 4321",
    "don't remember that my birthday is 3 May",
    "do not memorize that Bob is my brother",
    "no longer remember that our bank is N26",
    "delete the fact that my dentist is Dr. Who",
    "remove from your memory that my dentist is Dr. Who",
    "erase from memory: my dentist is Dr. Who",
    "unlearn that Bob likes tea",
    "vergiss, dass der Code 4321 ist",
    "oublie que le code est 4321",
)
FACTS = (
    "don't forget that Bob is vegetarian",
    "never forget that Bob is vegetarian",
    "please do not forget that my office is in Bonn",
    "Forget-me-not is my favourite flower",
    "Forget Me Nots is a shop in Bonn",
    "My motto is forgive and remember",
    "I forgot that the wifi code is 4321",
)


@pytest.mark.parametrize("text", WISHES)
def test_a_wish_to_forget_states_nothing(text: str) -> None:
    """The rules learn nothing of it, in front of other sentences neither."""
    assert is_forget_wish(text)
    assert learned_by_rules(text) == []
    (left,) = learned_by_rules(f"{text.rstrip('.?')}. My dentist is Dr. No.")
    assert "Dr. No" in left.text


@pytest.mark.parametrize("text", FACTS)
def test_what_is_not_to_be_forgotten_is_no_such_wish(text: str) -> None:
    """Neither is a name that begins with the word."""
    assert not is_forget_wish(text)
    assert without_forget_wishes(text) == text


def test_only_the_wish_is_taken_out_of_a_message() -> None:
    """What is told beside it is still told."""
    text = "My office is in Bonn now, and forget that the wifi code is 4321. I prefer tea."
    left = " ".join(without_forget_wishes(text).split())
    assert left == "My office is in Bonn now I prefer tea."


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("forget that the wifi code is 4321", "the wifi code is 4321"),
        ("Please forget the fact that Bob's in Bonn.", "Bob's in Bonn"),
        ("forget what I told you about Acme", "Acme"),
        ("can you forget everything you know about Acme?", "Acme"),
        ("forget the meeting", None),
        ("forget it", None),
        ("forget that idea", None),
        ("forget about the mail to Bob, call him", None),
        ("forget that Bob is ill. He is well.", None),
    ],
)
def test_a_line_that_can_only_mean_memory_names_what_is_meant(
    text: str, target: str | None
) -> None:
    """To "forget the meeting" may call it off, so the planner is to understand it."""
    assert forget_target(text) == target
