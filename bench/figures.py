"""Figures and the table they are printed in: measured, target, peer."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `target` is what it must not pass, `floor` what it must reach.

    `peer` is what another assistant was measured at, in the same unit.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    floor: float | None = None
    peer: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the target was missed."""
        too_much = self.target is not None and self.value > self.target
        return too_much or (self.floor is not None and self.value < self.floor)

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table: name, value, and the target and peer with their ratios."""
        bound = self.target if self.target is not None else self.floor
        return (
            self.name,
            f"{_number(self.value)} {self.unit}",
            _against(self.value, bound) + (" missed" if self.missed else ""),
            _against(self.value, self.peer),
        )


def spread(
    name: str,
    took: Sequence[float],
    *,
    targets: tuple[float, float | None] | None = None,
    peers: tuple[float, float] | None = None,
) -> list[Figure]:
    """Return median and 95th percentile of milliseconds, with their targets and peers."""
    median, p95 = statistics.median(took), percentile(took, 95)
    goal, other = targets or (None, None), peers or (None, None)
    return [
        Figure(f"{name}, median", median, "ms", target=goal[0], peer=other[0]),
        Figure(f"{name}, p95", p95, "ms", target=goal[1], peer=other[1]),
    ]


def percentile(took: Sequence[float], per_cent: int) -> float:
    """Return a percentile; that of a single value is the value."""
    return statistics.quantiles([*took, *took], n=100)[per_cent - 1] if took else 0.0


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table; ratios are measured over target, over peer."""
    rows: list[tuple[str, ...]] = [("what", "measured", "target (ratio)", "peer (ratio)")]
    rows += [figure.cells() for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def _against(value: float, other: float | None) -> str:
    if other is None:
        return "–"
    return f"{_number(other)} ({value / other:.2f})"


def _number(value: float) -> str:
    if value >= 1000:  # noqa: PLR2004 - from here on the decimals say nothing
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - as above
