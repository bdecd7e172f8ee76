"""The pause that a server asks for."""

from datetime import UTC, datetime

import pytest

from core.domain.retry_after import parse_retry_after

NOW = datetime(2015, 10, 21, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("-3", 0.0),
        ("nan", 0.0),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 60.0),
        ("Wed, 21 Oct 2015 07:29:00 -0000", 60.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("Mon, 01 Jan 2020 00:00:00 +99999999999999", None),
    ],
)
def test_seconds_and_dates_are_pauses(value: str, seconds: float | None) -> None:
    """Seconds and dates are read, what has passed is no pause, and nonsense is no wish."""
    assert parse_retry_after(value, NOW) == seconds
