"""What it cost, in words and as a chart."""

from collections.abc import Sequence

from bot.commands.answer import Block, Drawn, Picture
from bot.commands.registry import Call
from bot.reports.cost import cost as report
from core.domain.errors import RefusedError
from core.telemetry.spending import DAYS, in_words, spending

NOTHING = f"Nothing was spent in the last {DAYS} days, so there is no chart yet."


async def cost(call: Call) -> Sequence[Block]:
    """Say what it cost today and this month, and show the last days."""

    async def draw() -> Drawn:
        spent = await spending(call.app.kernel)
        if spent is None:
            raise RefusedError(NOTHING)
        return Drawn("spend.png", in_words(spent), await call.app.charts.spending(spent))

    return [(await report(call.app)).text, Picture(draw)]
