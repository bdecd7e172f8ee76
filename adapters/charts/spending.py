"""What was spent, as a picture of a phone's width: days as bars, caps as lines, words large."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.domain.money import ZERO, dollars
from core.ports.charts import Spending

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE, DPI = (10, 7), 100
"""Inches, and dots in one: 1,000 × 700 pixels, which a phone shows at about a third."""
TITLE, WORDS, SMALL = 32, 26, 23
EDGE, SPOT, GAP = 0.03, 0.035, 0.03
"""Parts of the width: what is free at the sides, a colour in the legend, what is behind a name."""
INK, QUIET, TRACK, CAP = "#1c2733", "#5f6b76", "#e3e8ec", "#c0392b"
COLOURS = ("#2f6fb2", "#e8a33d", "#3d9a78", "#a3adb6")
"""Told apart by those who see few colours, too; the last is for what is left over."""
IN_SIGHT = 3
"""How many times as high as the highest bar a cap may be to be drawn among the bars."""
ROOM = 1.03
"""How much higher than that the axis is."""
BOTTOM, HEIGHT = 0.33, 0.4
"""Where the bars stand, as parts of the height."""
LONGEST_NAME = 13
LETTER, FEWEST_LETTERS = 0.0205, 3
"""How much of the width a digit takes beside the bars."""
DIGITS = (0, 2, 3, 4, 5, 6)
LEAST = 0.006
"""The part of a bar that is still seen."""


def draw(spending: Spending) -> "Figure":
    """Return the chart; nothing of it is shared with another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)  # draws into memory, whatever screen there is
    total = sum((sum(share.usd, ZERO) for share in spending.shares), ZERO)
    title = f"Spent {dollars(total)} in {len(spending.days)} days"
    _say(figure, EDGE, 0.935, title, size=TITLE, weight="bold")
    _legend(figure, spending)
    axes = figure.add_axes((0, BOTTOM, 1, HEIGHT))
    _bars(axes, spending)
    left = EDGE + LETTER * _amounts(axes, _caps(axes, spending))
    axes.set_position((left, BOTTOM, 1 - EDGE - left, HEIGHT))
    _days(axes, spending.days)
    _month(figure, spending)
    return figure


def _say(place: Any, x: float, y: float, text: str, **more: Any) -> Any:  # noqa: ANN401 - of the library
    """Write words as they are: a dollar begins no formula."""
    look = {"color": INK, "size": WORDS, "va": "center", "family": "DejaVu Sans", **more}
    return place.text(x, y, text, parse_math=False, **look)


def _box(figure: "Figure", place: tuple[float, float, float, float], colour: str) -> None:
    """Fill a part of the picture: left, bottom, width and height as parts of it."""
    from matplotlib.patches import Rectangle

    x, y, width, height = place
    figure.add_artist(
        Rectangle((x, y), width, height, color=colour, linewidth=0, transform=figure.transFigure)
    )


def _legend(figure: "Figure", spending: Spending) -> None:
    """Name the agents by their colours, in smaller letters where the names are long."""
    names = [_short(share.name) for share in spending.shares]
    words = [_say(figure, 0, 0.845, name, size=SMALL) for name in names]
    widths = [each.get_window_extent().width / (SIZE[0] * DPI) for each in words]
    scale = min(1.0, (1 - 2 * EDGE - (SPOT + GAP) * len(words)) / sum(widths))
    at = EDGE
    for each, width, colour in zip(words, widths, _colours(spending), strict=True):
        _box(figure, (at, 0.828, 0.024, 0.034), colour)
        each.set(x=at + SPOT, fontsize=SMALL * scale)
        at += SPOT + width * scale + GAP


def _short(name: str) -> str:
    words = name.replace("_", " ")
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def _colours(spending: Spending) -> tuple[str, ...]:
    return COLOURS[: len(spending.shares)]


def _bars(axes: "Axes", spending: Spending) -> None:
    below = [0.0] * len(spending.days)
    for share, colour in zip(spending.shares, _colours(spending), strict=True):
        heights = [float(usd) for usd in share.usd]
        axes.bar(range(len(heights)), heights, 0.78, bottom=below, color=colour, zorder=2)
        below = [low + high for low, high in zip(below, heights, strict=True)]


def _caps(axes: "Axes", spending: Spending) -> float:
    """Draw the cap of a day as a line, or say that it is out of sight; return how high that is."""
    days = zip(*(share.usd for share in spending.shares), strict=True)
    highest, cap = float(max(sum(day, ZERO) for day in days)), float(spending.day_cap)
    words = f"day cap {dollars(spending.day_cap)}"
    if seen := cap <= highest * IN_SIGHT:
        axes.axhline(cap, color=CAP, linewidth=3.5, linestyle=(0, (4, 2)), zorder=3)
    words = f"╌╌ {words}" if seen else f"{words}, far above ↑"
    look = {"size": SMALL, "color": CAP, "ha": "right", "transform": axes.figure.transFigure}
    _say(axes, 1 - EDGE, 0.772, words, **look)
    top = max(highest, cap if seen else 0) * ROOM
    axes.set_ylim(0, top)
    return top


def _amounts(axes: "Axes", top: float) -> int:
    """Name some heights of the axis; return how many letters the longest has."""
    from matplotlib.ticker import MaxNLocator

    ticks = [tick for tick in MaxNLocator(nbins=3).tick_values(0, top) if 0 < tick < top]
    words = [f"${tick:.{_digits(ticks)}f}" for tick in ticks]
    axes.set_yticks([0, *ticks], ["", *words])
    axes.grid(axis="y", color=TRACK, linewidth=2, zorder=0)
    return max(FEWEST_LETTERS, *map(len, words))


def _digits(ticks: list[float]) -> int:
    """Return how many digits of a dollar it takes to name the heights as they are."""
    return next(n for n in DIGITS if n == DIGITS[-1] or all(round(t, n) == t for t in ticks))


def _days(axes: "Axes", days: tuple[date, ...]) -> None:
    last = len(days) - 1
    ticks = [0, last // 2, last]
    axes.set_xticks(ticks, [*(f"{days[n].day} {days[n]:%b}" for n in ticks[:-1]), "today"])
    axes.set_xlim(-0.6, last + 0.6)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=QUIET, pad=8)
    first, _, today = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    today.set_horizontalalignment("right")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _month(figure: "Figure", spending: Spending) -> None:
    """Draw how much of the month's cap is used."""
    spent, cap = spending.month, spending.month_cap
    words = f"{spending.days[-1]:%B} so far: {dollars(spent)} of {dollars(cap)}"
    _say(figure, EDGE, 0.17, words)
    used = float(min(spent / cap, Decimal(1))) if cap else 1.0
    used = max(used, LEAST) if spent else 0.0
    for part, colour in ((1.0, TRACK), (used, CAP if spent >= cap else INK)):
        _box(figure, (EDGE, 0.05, (1 - 2 * EDGE) * part, 0.065), colour)
