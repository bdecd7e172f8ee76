"""The pause that a server asks for in a Retry-After header (RFC 9110 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds from `now` that a header names, or its date; None for neither.

    Never below zero, and with no upper end: TransientError has one.
    """
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value.strip())
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None
