"""What an agent has earned with the owner's decisions."""

from math import sqrt
from typing import Any

from core.domain.cards import Confidence

Z95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution (two-sided 95 %)."""


def wilson_lower(accepted: int, decided: int) -> float:
    """Return the lower bound of the 95 % Wilson score interval, 0 for no decisions.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).
    """
    if decided <= 0:
        return 0.0
    share, z2 = accepted / decided, Z95 * Z95
    centre = share + z2 / (2 * decided)
    spread = Z95 * sqrt((share * (1 - share) + z2 / (4 * decided)) / decided)
    return max(0.0, (centre - spread) / (1 + z2 / decided))


def earned(record: dict[str, Any] | None, claimed: float, prior: float, least: int) -> Confidence:
    """Return the claim beside what the record has earned; below `least` decisions, the prior."""
    accepted = record["accepted"] if record else 0
    decided = record["decided"] if record else 0
    lower = prior if decided < least else wilson_lower(accepted, decided)
    return Confidence(claimed=claimed, earned=lower, accepted=accepted, decided=decided)
