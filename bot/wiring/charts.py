"""What draws charts."""

from adapters.charts.matplotlib_charts import MatplotlibCharts
from bot.config import Config
from core.ports.charts import Charts


def build_charts(config: Config) -> Charts:
    """Return what draws; its list of fonts is kept under `data_dir`, not in the home directory."""
    return MatplotlibCharts(config.data_dir / "cache" / "matplotlib")
