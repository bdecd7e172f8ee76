from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.domain.errors import BadInputError
from core.gates.limits import Limits, read_limits
from core.gates.words import Answer, read_answer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("said", "limits"),
    [
        ("", Limits()),
        ("until I revoke it", Limits()),
        ("up to $5", Limits(usd=Decimal(5))),
        ("$0.50", Limits(usd=Decimal("0.50"))),
        ("up to 5 dollars", Limits(usd=Decimal(5))),
        ("up to $5, until I revoke it", Limits(usd=Decimal(5))),
        ("10 times", Limits(uses=10)),
        ("once", Limits(uses=1)),
        ("twice more.", Limits(uses=2)),
        ("for a week", Limits(lasting=timedelta(days=7))),
        ("for the next 12 hours", Limits(lasting=timedelta(hours=12))),
        ("until 2026-12-31", Limits(until=date(2026, 12, 31))),
        ("$5 twice", Limits(usd=Decimal(5), uses=2)),
        ("for 2 days until 2026-12-31", Limits(lasting=DAY * 2, until=date(2026, 12, 31))),
        (
            "up to $5, 10 times and for 30 days",
            Limits(usd=Decimal(5), uses=10, lasting=timedelta(days=30)),
        ),
    ],
)
def test_limits_are_read_from_words(said: str, limits: Limits) -> None:
    """Each limit in its forms, in any order and number; nothing said is no limit."""
    assert read_limits(said) == limits
    answer = Answer(verdict="accept", always=True, limits=limits)
    assert read_answer(f"always {said}") == answer
    assert read_answer(f"Always, {said}") == answer
    card = "CABCDEFG2"
    assert read_answer(f"always {card}, {said}") == answer.model_copy(update={"card": card})


@pytest.mark.parametrize("said", ["be careful with mails", "until now I did this", "for the best"])
def test_talk_is_no_limit(said: str) -> None:
    """A sentence that happens to begin with always is a message."""
    assert read_answer(f"always {said}") is None


@pytest.mark.parametrize(
    "said",
    [
        "up to $0",
        "0 times",
        "for 0 days",
        "up to $5 a day",
        "$5, $6",
        "until 2026-02-31",
        "for 999999999999 years",
        "10 times, or more",
        "$5.5.5",
        "5 timesheets",
    ],
)
def test_what_is_meant_as_a_limit_is_not_guessed(said: str) -> None:
    """A permission that cannot be read is refused with the form, and is no message either."""
    with pytest.raises(BadInputError, match="I do not understand the limits") as error:
        read_answer(f"always {said}")
    assert said in str(error.value)


def test_the_earlier_end_counts() -> None:
    """A last day ends at the owner's midnight; of two ends the earlier one holds."""
    midnight = datetime(2026, 11, 24, tzinfo=BERLIN)
    assert Limits(until=NOW.date()).ends(NOW, BERLIN) == midnight
    both = Limits(until=NOW.date(), lasting=timedelta(hours=1))
    assert both.ends(NOW, BERLIN) == NOW + timedelta(hours=1)
    assert Limits().ends(NOW, BERLIN) is None


def test_a_permission_that_is_over_is_refused() -> None:
    """A day that is past in the owner's zone is named."""
    with pytest.raises(BadInputError, match="until 2026-11-22 would be over already"):
        Limits(until=date(2026, 11, 22)).ends(NOW, BERLIN)
