from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.memory.learning.about import About, about_of
from core.memory.learning.rules import learned_by_rules
from core.memory.learning.text import wordset
from core.memory.learning.values import contradicts, same_value

KEPT = [
    ("I love dark chocolate.", "preference"),
    ("I never want calls on Fridays.", "preference"),
    ("I always want a summary first.", "preference"),
    ("Never call before 9.", "preference"),
    ("My favourite tea is oolong.", "preference"),
    ("I prefer Stripe for payments", "preference"),
    ("We use Stripe for payments.", "decision"),
    ("From now on call me Ada.", "decision"),
    ("Let's go with blue.", "decision"),
    ("We'll go with Hetzner.", "decision"),
    ("We decided against the trade fair.", "decision"),
    ("We settled on the second logo.", "decision"),
    ("Bob said we agreed to 500 EUR.", "decision"),
    ("Bob is our lawyer.", "person"),
    ("Bob is a plumber.", "person"),
    ("Bob's email is bob@globex.example", "person"),
    ("My daughter's birthday is 3 May.", "person"),
    ("My wife is Eve.", "person"),
    ("The campaign brought 40 leads.", "outcome"),
    ("We won the Globex pitch.", "outcome"),
    ("The style guide is at https://acme.example/style", "resource"),
    ("The brand guide lives at https://acme.example/brand", "resource"),
    ("The invoices are in /srv/books/invoices", "resource"),
    ("The deadline for Acme is Friday.", "note"),
    ("My phone number is 0228 123.", "note"),
    ("I don't want meetings before 10.", "preference"),
    ("We moved the deadline for Acme to Monday.", "note"),
    ("I changed my mind, we use Adyen for payments.", "decision"),
    ("Dr. Meyer is our dentist.", "person"),
]
DROPPED = [
    "What is the deadline?",
    "Is Bob our lawyer?",
    "Remind me that the deadline is Friday.",
    "Write a mail to Eve.",
    "Send the invoice to Bob.",
    "Please book a table for two.",
    "Hello Bob!",
    "Thanks a lot for that!",
    "Good morning to you.",
    "Maybe the deadline is Friday.",
    "If we win, the budget is 5k.",
    "I would like a table for two.",
    "She said the deadline is Friday.",
    "Eve told me the price is 5 EUR.",
    '"The deadline is Friday"',
    "> The deadline is Friday",
    "It is red.",
    "He lives in Bonn.",
    "I like it",
    "The weather is nice.",
    "The campaign was a lot of work.",
    "See https://acme.example/brand for details.",
    "https://acme.example/brand",
    "Okay then.",
    "Never mind about that.",
    "Use this for the newsletter.",
    "The customer is angry.",
    "We have 3 open invoices.",
    "I went to the shop and had lunch.",
    "The deadline is Friday " + "really " * 60,
]
SLOW = [
    "a" * 100_000,
    "." * 100_000,
    "1," * 50_000,
    "for " * 25_000,
    "'s " * 33_000,
    "I am x. " * 12_500,
    "my a's b is c and " * 5_500,
    "We use x for y. " * 6_250,
    ("my a is b and " * 12 + ". ") * 580,
    "https://" * 12_500,
]


@pytest.mark.parametrize(("sentence", "kind"), KEPT)
def test_what_will_be_asked_again_is_kept(sentence: str, kind: str) -> None:
    """A sentence worth keeping is kept as said, with its kind."""
    assert [(one.text, one.kind) for one in learned_by_rules(sentence)] == [(sentence, kind)]


@pytest.mark.parametrize("sentence", DROPPED)
def test_talk_is_dropped(sentence: str) -> None:
    """Questions, orders, guesses, hearsay and small talk are not kept."""
    assert learned_by_rules(sentence) == []


def test_a_message_is_read_by_its_sentences() -> None:
    """Each statement of a message is kept once, without "remember that", in its order."""
    found = learned_by_rules(
        "Hi! Remember that Bob's email is bob@x.example and my phone is 0228 123. Can you call "
        "him?\n- The launch date is on 5. May\n- the launch date is on 5. may\n"
        "```\nmy price is 5\n```"
    )
    assert [(one.text, one.about) for one in found] == [
        ("Bob's email is bob@x.example", About("bob", "email", functional=True)),
        ("my phone is 0228 123.", About("owner", "phone", functional=True)),
        ("The launch date is on 5. May", About("launch date", "is", functional=True)),
    ]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_long_texts_take_linear_time(text: str) -> None:
    """Four times the text takes about four times as long, whatever its shape, not sixteen."""
    quarter, whole = (_seconds(text[: len(text) // parts]) for parts in (4, 1))
    assert whole < 9 * quarter + 0.1


def _seconds(text: str) -> float:
    began = process_time()
    learned_by_rules(text)
    return process_time() - began


WORDS = st.sampled_from(
    sorted(
        wordset(
            "my our the I we Bob Bob's Acme's is was are will be now no longer not moved to from "
            "for of use switch decided that deadline 5 May $5k , . : ; ? ' and also live in has "
            "been @ a.b@c http://x /a/b always never want like have changed costs £ 9 am pm 's s' "
            "1e9 ½ ² ٣ change set do work phone number"
        )
    )
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=25).map(" ".join)))
def test_no_text_raises(text: str) -> None:
    """Whatever is written, the rules answer."""
    learned_by_rules(text)
    about = about_of(text)
    assert same_value(text, text)
    if about is not None:
        assert not contradicts(text, text, about)
