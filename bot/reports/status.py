"""How things stand, in a few lines."""

from decimal import Decimal
from typing import Any

from bot.app import App
from bot.memory.health import memory_health
from bot.reports.report import Report
from core.domain.money import dollars
from core.ports.read_models import RowQuery
from core.projections.permissions import AUTONOMY_KEY
from core.telemetry.health import ANCHOR, REDIS, TELEGRAM

OPEN = frozenset({"active", "waiting"})


async def status(app: App) -> Report:
    """Return what waits, what runs, what today cost, which model answers, and the health."""
    rows, kernel = app.kernel.rows, app.kernel
    cards = await rows.count(RowQuery("cards", states=frozenset({"open"})))
    goals = await rows.count(RowQuery("goals", states=OPEN))
    reminders = await rows.count(RowQuery("reminders", states=frozenset({"set"})))
    todos = await rows.count(RowQuery("todos", states=frozenset({"open"})))
    brake = await rows.get("autonomy", AUTONOMY_KEY)
    paused = brake is not None and brake.state == "paused"
    today = kernel.clock.now().astimezone(kernel.zone)
    day = await rows.get("spend", f"day:{today:%Y-%m-%d}")
    month = await rows.get("spend", f"month:{today:%Y-%m}")
    spent = {"day": day.doc["spent"] if day else "0", "month": month.doc["spent"] if month else "0"}
    health = await app.engine.health()
    if app.leads:
        await kernel.recall.windows.probe()
    ailing = await rows.find(RowQuery("health", states=frozenset({"failing"})), limit=None)
    position, head = await kernel.log.head()
    data = {
        "open_cards": cards,
        "open_goals": goals,
        "reminders": reminders,
        "todos": todos,
        "paused": paused,
        "spent_usd": spent,
        "model": ", ".join(app.models),
        "events": position,
        "head": head,
        "problem": health.problem,
        "failing": [{"part": row.key, **row.doc} for row in ailing],
        "memory": await memory_health(app),
    }
    return Report(data=data, text=_text(app, data))


def _text(app: App, data: dict[str, Any]) -> str:
    spent, budget = data["spent_usd"], app.config.budget
    today, month = (dollars(Decimal(spent[span])) for span in ("day", "month"))
    spent_today = f"{today} of {dollars(budget.day_usd)} today"
    spent_month = f"{month} of {dollars(budget.month_usd)} this month"
    waiting = f"{data['open_cards']} cards wait for you · {data['open_goals']} goals open"
    lines = [
        f"{waiting} · {data['todos']} to-dos · {data['reminders']} reminders",
        f"Spent {spent_today}, {spent_month}",
        f"Model: {data['model']} · {data['events']} events on the log",
    ]
    memory = data["memory"]
    lines.append(f"Memory: {_facts(memory['facts'])}{_indexing(memory)}")
    lines += memory["problems"]
    if data["paused"]:
        lines.append("Paused: nothing with an effect runs on its own. /resume ends that.")
    lines += [_failing(one) for one in data["failing"]]
    if data["problem"]:
        lines.append(f"Problem: {data['problem']}")
    elif not data["failing"]:
        lines.append("All well.")
    return "\n".join(lines)


def _facts(number: int) -> str:
    return "1 fact" if number == 1 else f"{number} facts"


def _indexing(memory: dict[str, Any]) -> str:
    missing = memory["entries"] - memory["embedded"]
    return f" · {missing} still to be indexed by meaning" if missing > 0 else ""


def _failing(one: dict[str, Any]) -> str:
    kind, _, name = one["part"].partition(":")
    if kind == REDIS:
        reason = one["reason"]
        return f"{reason} Windows are made from the log instead: a little slower, nothing is lost."
    if kind == ANCHOR:
        return f"Anchor: {one['reason']}"
    if kind == TELEGRAM:
        return f"Telegram: {one['reason']}"
    if not name:
        return f"The {kind} does not answer: {one['reason']} The offline model answers instead."
    return f"Error budget: {one['reason']}, so it has no auto until it does better."
