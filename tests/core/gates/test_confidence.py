import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gates.confidence import earned, wilson_lower


@pytest.mark.parametrize(
    ("accepted", "decided", "bound"),
    [
        # Values of the Wilson score interval as statistics packages print them.
        (0, 0, 0.0),
        (0, 10, 0.0),
        (1, 1, 0.2065),
        (5, 10, 0.2366),
        (8, 10, 0.4902),
        (10, 10, 0.7225),
        (11, 11, 0.7412),
        (12, 12, 0.7575),
        (18, 21, 0.6536),
        (95, 100, 0.8882),
    ],
)
def test_known_bounds(accepted: int, decided: int, bound: float) -> None:
    """The bound agrees with published values of the 95 % Wilson interval."""
    assert wilson_lower(accepted, decided) == pytest.approx(bound, abs=5e-5)


def test_twelve_straight_accepts_earn_auto_for_medium_impact() -> None:
    """Eleven accepts are not enough for 0.75, twelve are: as the design says."""
    assert wilson_lower(11, 11) < 0.75 <= wilson_lower(12, 12)


@given(decided=st.integers(1, 500), share=st.floats(0, 1))
def test_the_bound_is_below_the_share_and_grows_with_accepts(decided: int, share: float) -> None:
    """The bound never exceeds the observed share, and one more accept never lowers it."""
    accepted = int(decided * share)
    bound = wilson_lower(accepted, decided)
    assert 0 <= bound <= accepted / decided + 1e-12
    assert wilson_lower(accepted + 1, decided + 1) >= bound


def test_few_decisions_count_as_the_prior() -> None:
    """Below the least number of decisions the prior counts, from there the record."""
    record = {"accepted": 4, "decided": 4}
    assert earned(record, 0.9, 0.8, 5).earned == 0.8
    five = earned({"accepted": 5, "decided": 5}, 0.9, 0.8, 5)
    assert five.earned == wilson_lower(5, 5)
    assert (five.accepted, five.decided, five.claimed) == (5, 5, 0.9)
    assert earned(None, 0.9, 0.8, 5).used == 0.8
