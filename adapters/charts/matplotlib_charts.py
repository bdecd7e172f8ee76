"""Charts drawn by matplotlib, in a thread, with its own fonts and no settings of this machine."""

import asyncio
import logging
import os
from io import BytesIO
from pathlib import Path

from core.domain.errors import RefusedError
from core.ports.charts import Spending

FOLDER = "MPLCONFIGDIR"

logger = logging.getLogger(__name__)


class MatplotlibCharts:
    """Draws one chart at a time: the library's fonts are not made for several threads."""

    def __init__(self, folder: Path) -> None:
        """Keep the library's list of fonts in `folder`, which is made when it is needed."""
        self._folder = folder
        self._turn = asyncio.Lock()

    async def spending(self, spending: Spending) -> bytes:
        """Return a PNG of what was spent; see the port."""
        async with self._turn:
            try:
                return await asyncio.to_thread(self._drawn, spending)
            except Exception as error:
                logger.exception("a chart was not drawn")
                message = f"The chart could not be drawn ({type(error).__name__}): see the log."
                raise RefusedError(message) from error

    def _drawn(self, spending: Spending) -> bytes:
        os.environ.setdefault(FOLDER, str(self._folder))  # read once, when it is imported
        from adapters.charts.spending import draw

        out = BytesIO()
        draw(spending).savefig(out, format="png")
        return out.getvalue()
