from pathlib import Path

import pytest

from bench.__main__ import PARTS, measured
from bench.figures import Figure, percentile, table


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_measured(part: str, tmp_path: Path) -> None:
    """A tiny round of each benchmark gives figures, all of them above nothing or at rest."""
    figures = measured(tmp_path, part, tiny=True)
    assert figures
    assert all(figure.value > 0 or "at rest" in figure.name for figure in figures)


def test_the_table_tells_what_missed_its_target() -> None:
    """A figure beside its target and peer shows both ratios, and says when the target is missed."""
    met = Figure("median", 10.0, "ms", target=15.0, peer=80.0)
    slow = Figure("p95", 50.0, "ms", target=40.0)
    slack = Figure("rate", 900.0, "events/s", floor=1000.0)
    assert not met.missed
    assert slow.missed
    assert slack.missed
    lines = table([met, slow, slack]).splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "median",
        "10.0 ms",
        "15.0 (0.67)",
        "80.0 (0.12)",
    ]
    assert "40.0 (1.25) missed" in lines[3]
    assert "1,000 (0.90) missed" in lines[4]


def test_a_percentile_lies_within_the_values() -> None:
    """The 95th percentile of one value is that value, and of many lies near their end."""
    assert percentile([7.0], 95) == 7.0
    assert 90 < percentile([float(number) for number in range(1, 101)], 95) <= 100
