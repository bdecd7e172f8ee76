"""Times cut out of sentences."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.when.words import WordsWhen, understands

NOW = datetime(2026, 11, 23, 18, 25, tzinfo=ZoneInfo("Europe/Berlin"))

CUTS = [
    ("friday 9am to call Bob", "friday 9am", "to call Bob"),
    ("to call Bob on friday at 9am", "on friday at 9am", "to call Bob"),
    ("in 20 minutes that the pizza is ready", "in 20 minutes", "that the pizza is ready"),
    ("every monday at 9 to send the report", "every monday at 9", "to send the report"),
    ("to water the plants every 2 hours", "every 2 hours", "to water the plants"),
    ("daily at 8 to journal", "daily at 8", "to journal"),
    ("tomorrow call Bob at 9", "tomorrow at 9", "call Bob"),
    ("to pay 500 at 5pm", "at 5pm", "to pay 500"),
    ("call Bob about the Monday report on friday", "on friday", "call Bob about the Monday report"),
    ("to send 3 invoices by friday", "by friday", "to send 3 invoices"),
    ("to stretch", "", "to stretch"),
    ("at 17:00 about standup", "at 17:00", "about standup"),
    ("on 25 Dec 14:00 to call mum", "on 25 Dec 14:00", "to call mum"),
    ("to submit taxes on the 3rd", "on the 3rd", "to submit taxes"),
    ("to check mail tonight", "tonight", "to check mail"),
    ("to meet Anna tomorrow morning at the cafe", "tomorrow morning", "to meet Anna at the cafe"),
    ("2026-12-01T10:00:00+01:00 pay rent", "2026-12-01T10:00:00+01:00", "pay rent"),
    ("for friday 9am: send invoice", "for friday 9am", "send invoice"),
    ("at 9 on monday to stand", "at 9 on monday", "to stand"),
    ("at noon tomorrow: lunch", "at noon tomorrow", "lunch"),
    ("to read http://x.com/2026-12-01 tomorrow", "tomorrow", "to read http://x.com/2026-12-01"),
    ("to write to a@friday.com tomorrow", "tomorrow", "to write to a@friday.com"),
    ("to say may the 4th be with you at noon", "at noon", "to say may the 4th be with you"),
    ("to buy 9 eggs", "", "to buy 9 eggs"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "rest"), CUTS)
def test_the_time_is_cut_out(text: str, words: str, rest: str) -> None:
    """The words of the time and the rest of the sentence come apart."""
    cut = WordsWhen().split(text)
    assert (cut.words, cut.rest) == (words, rest)


def test_a_repetition_comes_with_its_rule() -> None:
    """A cut that repeats says so."""
    assert WordsWhen().split("every monday at 9 to stand").repeat == "FREQ=WEEKLY;BYDAY=MO"
    assert WordsWhen().split("on monday at 9 to stand").repeat is None


@given(text=st.text(max_size=80))
def test_any_text_can_be_cut(text: str) -> None:
    """Cutting never fails, and what is cut is understood."""
    cut = WordsWhen().split(text)
    assert not cut.words or understands(cut.words)
