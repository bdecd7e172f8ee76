"""Lists: the inbox, goals, agents and grants."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.chat.cards import card_lines, whole_line
from bot.app import App
from bot.reports.report import Report
from core.domain.arguments import argument_lines
from core.domain.cards import CardItem
from core.domain.erasable import ERASED
from core.domain.errors import UnreadableEventError
from core.domain.events import stamp
from core.domain.lookalikes import suspicions
from core.domain.money import dollars
from core.gates.views import card_view
from core.ports.chat_surface import CardView
from core.ports.read_models import Row, RowQuery
from core.projections.goals import OPEN

MOST = 50


async def inbox(app: App) -> Report:
    """Return the open cards, oldest first."""
    query = RowQuery("cards", states=frozenset({"open"}), order="written")
    rows = await app.kernel.rows.find(query, limit=MOST)
    total = await app.kernel.rows.count(query)
    data, lines = [], []
    for row in sorted(rows, key=lambda row: int(row.doc["position"])):
        try:
            view = await card_view(app.kernel, row.key)
        except UnreadableEventError as error:
            data.append({"card": row.key, "opened": row.doc["opened"], "problem": str(error)})
            lines.append(f"{row.key}  cannot be shown: {error}")
            continue
        data.append(
            {
                "card": view.card,
                "goal": view.goal,
                "kind": view.kind,
                "title": view.title,
                "why": view.why,
                "route": view.route,
                "actions": [item.action for item in view.items],
                "items": [_item(item) for item in view.items],
                "opened": row.doc["opened"],
            }
        )
        lines.append(f"{view.card}  {whole_line(view.title)}  ({view.route}, {view.goal})")
        lines += _deciding(view)
    if not lines:
        return Report(data=[], text="Nothing waits for you.")
    more = f"\n… and {total - len(data)} more" if total > len(data) else ""
    hint = "\nAnswer with: accept CARD · edit CARD field=value · reject CARD: REASON"
    return Report(data=data, text="\n".join(lines) + more + hint)


def _item(item: CardItem) -> dict[str, Any]:
    """Return an operation as data: every argument whole, and which source each comes from."""
    return {
        "action": item.action,
        "title": item.title.text,
        "args": item.args.value,
        "control": list(item.control),
        "origins": {
            name: [source.model_dump(mode="json") for source in taint]
            for name, taint in item.origins.items()
        },
        "undo": item.undo,
        "usd": format(item.usd, "f"),
    }


def _deciding(view: CardView) -> list[str]:
    """Return what decides where the operations of a card go, whole, and who has a part in it."""
    roles = {"item", "control", "warning", "from"}
    lines = [line.text for line in card_lines(view) if line.role in roles]
    return [f"    {line}" for line in lines]


async def goals(app: App) -> Report:
    """Return the open goals, and the newest that ended."""
    rows = app.kernel.rows
    query = RowQuery("goals", states=OPEN, order="written", newest_first=True)
    opened = await rows.find(query, limit=MOST)
    more = await rows.count(query) - len(opened)
    ended_query = RowQuery(
        "goals", states=frozenset({"finished", "stopped"}), order="written", newest_first=True
    )
    ended = await rows.find(ended_query, limit=10)
    titles = await app.kernel.log.values([r.doc["title"]["ref"] for r in (*opened, *ended)])
    data = [_goal(row, titles) for row in (*opened, *ended)]
    lines = [f"{g['goal']}  {g['state']}  {g['title']}{_outcome(app, g)}" for g in data]
    if more > 0:
        lines.insert(len(opened), f"… and {more} more that are open")
    return Report(data=data, text="\n".join(lines) or "No goals yet.")


def _goal(row: Row, titles: dict[str, Any]) -> dict[str, Any]:
    return {
        "goal": row.key,
        "state": row.state,
        "title": titles.get(row.doc["title"]["ref"], ERASED),
        "conversation": row.group,
        "origin": row.doc["origin"],
        "started": row.doc["started"],
        "outcome": row.doc["outcome"],
        "cards": row.doc["cards"],
        "tries_again": stamp(row.due) if row.state == "waiting" and row.due else None,
        "usd": row.doc["usd"],
    }


def _outcome(app: App, goal: dict[str, Any]) -> str:
    if goal["tries_again"]:
        at = datetime.fromisoformat(goal["tries_again"]).astimezone(app.kernel.zone)
        return f"  (tries again at {at:%a %H:%M}; /stop {goal['goal']} gives it up)"
    if goal["cards"]:
        return f"  (waits for {', '.join(goal['cards'])})"
    return f"  ({goal['outcome']})" if goal["outcome"] else ""


async def agents(app: App) -> Report:
    """Return the contracts."""
    data, lines = [], []
    for contract in app.kernel.agents.all():
        tier = contract.tier or "no model"
        data.append(
            {
                "name": contract.name,
                "role": contract.role,
                "capabilities": list(contract.capabilities),
                "tier": contract.tier,
                "confidence": contract.confidence,
                "failure_modes": list(contract.failure_modes),
                "latency_s": contract.latency.total_seconds(),
                "max_usd": format(contract.max_usd, "f"),
                "callers": sorted(contract.callers),
                "input": contract.input.model_json_schema(),
                "output": contract.output.model_json_schema(),
            }
        )
        latency = f"about {contract.latency.total_seconds():.0f} s"
        lines.append(f"{contract.name} ({tier}, up to {dollars(contract.max_usd)}, {latency})")
        lines.append(f"  {contract.role}")
    return Report(data=data, text="\n".join(lines))


async def grants(app: App) -> Report:
    """Return the standing permissions that are active."""
    query = RowQuery("grants", states=frozenset({"active"}))
    data, lines = [], []
    for row in await app.kernel.rows.find(query, limit=await app.kernel.rows.count(query)):
        if row.due is not None and row.due <= app.kernel.clock.now():
            continue
        refs = {name: pin["ref"] for name, pin in row.doc["only"].items()}
        values = await app.kernel.log.values(list(refs.values()))
        only = {name: values.get(ref, ERASED) for name, ref in refs.items()}
        told = ("action", "used", "uses", "spent", "limit_usd", "expires_at", "given")
        data.append({"grant": row.key, "only": only} | {name: row.doc[name] for name in told})
        lines.append(f"{row.key}  {row.doc['action']}  ({_limits(app, row)})")
        pins = argument_lines(only, only)
        lines += [f"    only {pin}" for pin in pins]
        lines += [f"    ⚠️ {whole_line(doubt)}" for pin in pins for doubt in suspicions(pin)]
    if not lines:
        return Report(data=[], text="No grants: everything that must be asked is asked.")
    return Report(data=data, text="\n".join([*lines, "Take one back: /grants revoke ID"]))


def _limits(app: App, row: Row) -> str:
    """Return how much of a grant is used up, and when it ends."""
    doc = row.doc
    said = [f"used {doc['used']}" + (f" of {doc['uses']}" if doc["uses"] is not None else "")]
    if doc["limit_usd"] is not None:
        spent, limit = dollars(Decimal(doc["spent"])), dollars(Decimal(doc["limit_usd"]))
        said.append(f"{spent} of {limit}")
    if row.due is not None:
        said.append(f"until {row.due.astimezone(app.kernel.zone):%Y-%m-%d %H:%M}")
    return ", ".join(said)
