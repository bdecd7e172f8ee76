"""Charts as PNG: what they show, and what drawing them leaves behind."""

import asyncio
import io
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from adapters.charts.matplotlib_charts import FOLDER, MatplotlibCharts
from adapters.charts.spending import COLOURS, draw
from core.domain.errors import RefusedError
from core.ports.charts import Share, Spending
from tests.adapters.charts.samples import DAYS, november
from tests.architecture.source import ROOT

SCRIPT = """
import asyncio, sys
from pathlib import Path
from adapters.charts.matplotlib_charts import MatplotlibCharts
from tests.adapters.charts.test_charts import spending
asyncio.run(MatplotlibCharts(Path(sys.argv[1])).spending(spending("0.10")))
print("matplotlib.pyplot" in sys.modules)
"""


def spending(*usd: str, names: tuple[str, ...] = ("planner",), cap: str = "5") -> Spending:
    """Return what each agent spent today and a bit on every other day."""
    shares = [
        Share(name=name, usd=(*[Decimal("0.01")] * 29, Decimal(today)))
        for name, today in zip(names, usd, strict=True)
    ]
    return Spending(
        days=DAYS,
        shares=tuple(shares),
        day_cap=Decimal(cap),
        month=Decimal("1.23"),
        month_cap=Decimal(60),
    )


def words(series: Spending) -> list[str]:
    """Return all words of a chart, from the figure that is drawn."""
    from matplotlib.text import Text

    return [text.get_text() for text in draw(series).findobj(Text) if text.get_text()]


@pytest.fixture(scope="module", autouse=True)
def _fonts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the list of fonts out of the home directory where a figure is drawn by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(tmp_path_factory.mktemp("fonts")))
        yield


@pytest.fixture
def charts(tmp_path: Path) -> MatplotlibCharts:
    """Give what draws, with an empty folder of its own."""
    return MatplotlibCharts(tmp_path / "fonts")


async def test_it_is_a_picture_for_a_phone(charts: MatplotlibCharts) -> None:
    """A PNG of 1,000 × 700 with the colours of four agents in it, small enough to load at once."""
    data = await charts.spending(november())
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size) == ("PNG", (1000, 700))
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    red_green_blue = [tuple(bytes.fromhex(colour[1:])) for colour in COLOURS]
    assert colours >= set(red_green_blue)
    assert len(data) < 150_000


def test_its_words_say_what_was_spent() -> None:
    """Sum, agents, cap, first and last day, and the month against its cap."""
    told = words(spending("2", "1", names=("planner", "researcher")))
    assert "Spent $3.58 in 30 days" in told
    assert "November so far: $1.23 of $60.00" in told
    assert {"planner", "researcher", "25 Oct", "today", "╌╌ day cap $5.00"} <= set(told)


def test_a_cap_far_above_does_not_flatten_the_bars() -> None:
    """It is named instead of drawn where the bars would be too small to see."""
    assert "day cap $5.00, far above ↑" in words(spending("0.10"))
    assert "╌╌ day cap $5.00" in words(spending("7"))


@pytest.mark.parametrize("today", ["0.0004", "0.013", "0.5", "3", "4999", "123456.78"])
def test_amounts_beside_the_bars_are_exact(today: str) -> None:
    """However small or large: each is a height of the axis, none is rounded to another."""
    figure = draw(spending(today, cap="0"))
    (axes,) = figure.axes
    labels = [(tick.get_text(), tick.get_position()[1]) for tick in axes.get_yticklabels()]
    named = [(text, at) for text, at in labels if text]
    assert named
    assert all(float(text.removeprefix("$")) == pytest.approx(at, rel=1e-9) for text, at in named)


async def test_names_are_words_and_stay_inside(charts: MatplotlibCharts) -> None:
    """Dollars begin no formula, long and wide names are cut and get smaller letters."""
    names = ("$\\frac{1}{0}$", "w" * 32, "m" * 32, "offer_reader")
    series = spending("1", "1", "1", "1", names=names)
    figure = draw(series)
    assert await charts.spending(series)
    assert "offer reader" in words(series)
    for text in figure.texts:
        assert text.get_window_extent().x1 <= 1000, text.get_text()


@pytest.mark.parametrize(("cap", "month"), [("0", "0"), ("0.0001", "60"), ("1000000", "0.0001")])
async def test_any_caps_are_drawn(charts: MatplotlibCharts, cap: str, month: str) -> None:
    """A cap of nothing, one that was passed, one out of sight."""
    series = spending("0.10", cap=cap).model_copy(update={"month_cap": Decimal(month)})
    assert (await charts.spending(series)).startswith(b"\x89PNG")


async def test_charts_drawn_at_once_are_the_same(charts: MatplotlibCharts) -> None:
    """One after the other in fact; the same numbers are the same bytes, so they are kept once."""
    series = [spending("0.10"), spending("2"), spending("0.10")]
    first, second, third = await asyncio.gather(*map(charts.spending, series))
    assert first == third != second


async def test_what_cannot_be_drawn_is_a_sentence(charts: MatplotlibCharts) -> None:
    """Numbers that no chart can hold refuse, with the reason in the log."""
    broken = spending("0.10").model_copy(update={"days": ()})
    with pytest.raises(RefusedError, match="chart could not be drawn"):
        await charts.spending(broken)


def test_it_writes_where_it_was_told(tmp_path: Path) -> None:
    """The list of fonts lies in its folder, the home directory stays empty, no pyplot is loaded."""
    home, fonts = tmp_path / "home", tmp_path / "fonts"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(fonts)],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
    assert list(home.rglob("*")) == []
    assert [file.name.partition("-")[0] for file in fonts.iterdir()] == ["fontlist"]
