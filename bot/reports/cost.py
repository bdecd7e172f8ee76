"""What it cost: today, this month, by goal, agent, model and tier, and where the month heads."""

from calendar import monthrange
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bot.app import App
from bot.reports.report import Report
from core.domain.events.models import Cap
from core.domain.money import ZERO, dollars
from core.ports.read_models import Row, RowQuery
from core.projections.costs import DIMENSIONS
from core.telemetry.spending import SpentOf, spent_so_far

SHOWN = 5


async def cost(app: App) -> Report:
    """Return the spend from the events, failed and silent calls included."""
    day = app.kernel.ledger.today()
    # One look for all of them: what is paid meanwhile is in every sum, or in none.
    rows = await app.kernel.rows.find(RowQuery("costs", group=day[:7]), limit=None)
    months = {name: [row for row in rows if row.state == name] for name in DIMENSIONS}
    month = _total(months["all"])
    so_far = await spent_so_far(app.kernel, rows)
    data = {
        "day": day,
        "today": _total(months["all"], day),
        "month": month,
        "forecast_usd": format(_forecast(Decimal(month["usd"]), day), "f"),
        "caps": [
            {"cap": s.cap, "used_usd": format(s.used, "f"), "limit_usd": format(s.limit, "f")}
            for s in await app.kernel.ledger.standings()
        ],
        **{f"by_{name}": _by_name(months[name]) for name in DIMENSIONS if name != "all"},
    }
    return Report(data=data, text=_text(data, so_far))


def _total(rows: Sequence[Row], day: str | None = None) -> dict[str, Any]:
    docs = [row.doc for row in rows if day is None or row.doc["day"] == day]
    counted = {
        name: sum(doc[name] for doc in docs)
        for name in ("calls", "failed", "cached", "tokens_in", "tokens_out")
    }
    return {"usd": format(sum((Decimal(doc["usd"]) for doc in docs), ZERO), "f"), **counted}


def _by_name(rows: Sequence[Row]) -> list[dict[str, Any]]:
    names = dict.fromkeys(row.doc["name"] for row in rows)
    found = [
        {"name": name, **_total([row for row in rows if row.doc["name"] == name])} for name in names
    ]
    return sorted(found, key=lambda one: (-Decimal(one["usd"]), one["name"]))


def _forecast(spent: Decimal, day: str) -> Decimal:
    year, month, date = (int(part) for part in day.split("-"))
    return (spent / date * monthrange(year, month)[1]).quantize(Decimal("0.0001"))


def _text(data: dict[str, Any], so_far: dict[Cap, SpentOf]) -> str:
    counts, forecast = data["month"], dollars(Decimal(data["forecast_usd"]))
    lines = [
        f"Today {so_far['day'].words}",
        f"This month {so_far['month'].words}, heading for {forecast}",
        f"{counts['calls']} calls this month, {counts['failed']} failed, {counts['cached']} cached",
    ]
    for name in ("goal", "agent", "model", "tier"):
        shown = [
            f"{one['name']} {dollars(Decimal(one['usd']))} ({one['calls']})"
            for one in data[f"by_{name}"][:SHOWN]
        ]
        if shown:
            lines.append(f"By {name}: {', '.join(shown)}")
    return "\n".join(lines)
