"""What must agree about money: the events, the report, the budget and the goals."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from bot.reports.cost import cost
from core.ports.read_models import RowQuery
from tests.scenarios.sitting import Sitting

Events = list[dict[str, Any]]
PAID = ("model.called.v1", "operation.finished.v1", "operation.unknown.v1")


def spent(events: Events) -> Decimal:
    """Sum what calls and actions cost, from the events alone."""
    found = (event["payload"].get("usd", "0") for event in events if event["type"] in PAID)
    return sum((Decimal(usd) for usd in found), Decimal(0))


def calls(events: Events) -> Events:
    """Return the payloads of the calls."""
    return [event["payload"] for event in events if event["type"] == "model.called.v1"]


def paid(events: Events) -> Events:
    """Return what was paid for, calls and actions, each with its goal, as the report names it."""
    found: Events = []
    for event in events:
        payload = event["payload"]
        if event["type"] == "model.called.v1":
            found.append({**payload, "goal": event["goal"]})
        elif event["type"] in PAID and Decimal(payload["usd"]):
            one = {"goal": event["goal"], "usd": payload["usd"], "model": payload["action"]}
            outcome = "unknown" if "next" in payload else "ok"
            found.append({**one, "agent": "executor", "tier": "action", "outcome": outcome})
    return found


def check_sums(events: Events, report: dict[str, Any]) -> None:
    """Assert that the report and the budget agree with the events, digit by digit."""
    by: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in paid(events):
        for name in ("goal", "agent", "model", "tier"):
            by[name][one[name]] += Decimal(one["usd"])
    for name, sums in by.items():
        told = {one["name"]: Decimal(one["usd"]) for one in report[f"by_{name}"]}
        assert told == sums, name
    bad = [one for one in paid(events) if one["outcome"] not in {"ok", "cached"}]
    for span in ("today", "month"):
        assert Decimal(report[span]["usd"]) == spent(events)
        assert report[span]["calls"] == len(paid(events))
        assert report[span]["failed"] == len(bad)
        assert report[span]["tokens_in"] == sum(one["tokens_in"] for one in calls(events))
        assert report[span]["tokens_out"] == sum(one["tokens_out"] for one in calls(events))
    assert Decimal(report["forecast_usd"]) >= spent(events).quantize(Decimal("0.0001"))
    settled = [event["payload"] for event in events if event["type"] == "budget.settled.v1"]
    assert sum((Decimal(one["usd"]) for one in settled), Decimal(0)) == spent(events)
    used = {cap["cap"]: Decimal(cap["used_usd"]) for cap in report["caps"]}
    assert used == {"day": spent(events), "month": spent(events)}


async def log(talk: Sitting) -> Events:
    """Return the log as `events --json` would print it."""
    return [event.wire() for event in await talk.events()]


async def agree(talk: Sitting) -> Decimal:
    """Assert that all agree in a running application; return what was spent."""
    report = await cost(talk.app)
    events = await log(talk)
    check_sums(events, report.data)
    goals = await talk.app.kernel.rows.find(RowQuery("goals"), limit=1000)
    assert sum((Decimal(row.doc["usd"]) for row in goals), Decimal(0)) == spent(events)
    return spent(events)
