"""How things stand, in a few lines."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from bot.app import App
from bot.memory.health import memory_health
from bot.reports.last_status import WELL
from bot.reports.report import Report
from bot.reports.troubles import troubles
from core.access.register import Register
from core.domain.erasable import ERASED
from core.domain.errors import StorageError, TransientError
from core.domain.events import stamp
from core.domain.events.models import Cap
from core.domain.own_words import Own, joined
from core.domain.quoting import one_line
from core.goals.backlog import HELD
from core.ports.read_models import RowQuery
from core.projections.goals import OPEN
from core.projections.permissions import AUTONOMY_KEY
from core.telemetry.health import ANCHOR, ENGINE, LEFT_OUT, MEMORY, REDIS, STORAGE, TELEGRAM, WORK
from core.telemetry.holds import hold_lines
from core.telemetry.spending import SpentOf, spent_so_far

_NOT_WELL = ("failing", "troubles", "held", "aside", "tries_again")
LISTED = timedelta(days=7)
"""How long something that was set aside is in the status after the owner was told."""
ANSWER_S, GLANCE_S = 0.5, 0.2
"""Together below a second, which is what `/status` may take whatever the store does."""
FIRST_S, REST_S = 1.0, 10.0
"""When to look first, not to hold up a start, and how often at most while things change."""


async def status(app: App) -> Report:
    """Return what waits, what runs, what today cost, which model answers, and the health."""
    rows, kernel = app.kernel.rows, app.kernel
    cards = await rows.count(RowQuery("cards", states=frozenset({"open"})))
    goals = await rows.count(RowQuery("goals", states=OPEN))
    again = await _tried_again(app)
    held = await rows.count(RowQuery("messages", states=HELD))
    reminders = await rows.count(RowQuery("reminders", states=frozenset({"set"})))
    todos = await rows.count(RowQuery("todos", states=frozenset({"open"})))
    brake = await rows.get("autonomy", AUTONOMY_KEY)
    paused = brake is not None and brake.state == "paused"
    costs = RowQuery("costs", group=kernel.ledger.today()[:7], states=frozenset({"all"}))
    so_far = await spent_so_far(kernel, await rows.find(costs, limit=None))
    health = await app.engine.health()
    if app.leads:
        await kernel.recall.windows.probe()
    ailing = [*await app.health.failing(), *_unanchored(app)]
    aside = await set_aside(app)
    position, head = await kernel.log.head()
    shown_elsewhere = {MEMORY, ENGINE} if health.problem else {MEMORY}
    data = {
        "open_cards": cards,
        "open_goals": goals,
        "tries_again": again,
        "held_messages": held,
        "reminders": reminders,
        "todos": todos,
        "paused": paused,
        "spent_usd": {span: format(one.spent, "f") for span, one in so_far.items()},
        "model": ", ".join(app.models),
        "events": position,
        "head": head,
        "problem": health.problem,
        "held": await hold_lines(rows),
        "failing": [one for one in ailing if one["part"] not in shown_elsewhere],
        "troubles": await troubles(app),
        "aside": aside,
        "memory": await memory_health(app),
    }
    return Report(data=data, text=_text(app, data, so_far))


def _unanchored(app: App) -> list[dict[str, Any]]:
    """Return why nothing would show that the log went backwards, as a part that fails."""
    return [] if app.anchor.keeper else [{"part": ANCHOR, "reason": app.anchor.trouble}]


async def current_status(app: App) -> Report:
    """Return the status; from memory, marked as such, where the store does not answer at once."""
    last = app.last_status
    if last.asking is None or last.asking.done() or await answers(app):
        last.forget()
        last.asking = asyncio.create_task(_ask(app))
        last.asking.add_done_callback(_heard)
    while True:
        asking = last.asking
        await asyncio.wait({asking}, timeout=ANSWER_S)
        if asking.done() and last.asking is asking:
            break
        if not asking.done() and not await answers(app):  # memory may be long in catching up
            break
    ended = asking.done() and not asking.cancelled()
    error = asking.exception() if ended else TimeoutError()
    if error is None:
        return asking.result()
    if not isinstance(error, StorageError | TransientError | TimeoutError):
        raise error
    return await from_memory(app)


async def from_memory(app: App) -> Report:
    """Return what is known without the store."""
    kernel, health = app.kernel, await app.engine.health()
    return app.last_status.recall(kernel.clock.now(), kernel.zone, health.problem, app.storage)


async def answers(app: App) -> bool:
    """Whether the store answers at once, and takes what it is given."""
    if app.store.is_held_up:
        return False
    try:
        async with asyncio.timeout(GLANCE_S):
            await app.store.head()
    except (StorageError, TransientError, TimeoutError):
        return False
    return True


async def keep_status(app: App) -> None:
    """Keep in memory how things stand, for when the store does not say; raises what it raises."""
    owners, news = Register(app.kernel, TELEGRAM, frozenset()), asyncio.Event()
    news.set()
    unlisten = app.store.listen(lambda _: news.set())
    try:
        while True:
            await news.wait()
            news.clear()
            await app.kernel.clock.sleep(REST_S if app.last_status.known else FIRST_S)
            app.last_status.owners = frozenset(await owners.owners())
            await _ask(app)
    finally:
        unlisten()


async def _ask(app: App) -> Report:
    report = await status(app)
    app.last_status.learn(report, app.kernel.clock.now())
    return report


def _heard(asking: "asyncio.Task[Report]") -> None:
    """Take note of an error that nobody waits for any more."""
    if not asking.cancelled():
        asking.exception()


def _text(app: App, data: dict[str, Any], so_far: dict[Cap, SpentOf]) -> str:
    waiting = f"{data['open_cards']} cards wait for you · {data['open_goals']} goals open"
    lines = [
        f"{waiting} · {data['todos']} to-dos · {data['reminders']} reminders",
        f"Spent {so_far['day'].words} today, {so_far['month'].words} this month",
        f"Model: {data['model']} · {data['events']} events on the log",
    ]
    if data["held_messages"]:
        lines.append(
            f"{data['held_messages']} messages from while I was away wait for your word: "
            "/backlog all, newest or summary"
        )
    lines += [_again(app, one) for one in data["tries_again"]]
    memory = data["memory"]
    lines.append(f"Memory: {_facts(memory['facts'])}{_indexing(memory)}")
    lines += memory["problems"]
    if data["paused"]:
        lines.append(Own("Paused: nothing with an effect runs on its own. /resume ends that."))
    lines += data["held"]
    lines += [_failing(one) for one in data["failing"]]
    lines += [_aside_line(one) for one in data["aside"]]
    lines += data["troubles"]
    if data["problem"]:
        lines.append(f"Problem: {data['problem']}")
    elif not memory["problems"] and not any(data[name] for name in _NOT_WELL):
        lines.append(WELL)
    return joined(lines)


async def _tried_again(app: App) -> list[dict[str, Any]]:
    """Return the goals that wait to try again what did not happen, soonest first."""
    query = RowQuery("goals", states=frozenset({"waiting"}))
    rows = [row for row in await app.kernel.rows.find(query, limit=None) if row.due is not None]
    texts = await app.kernel.log.values([row.doc["title"]["ref"] for row in rows])
    return sorted(
        (
            {
                "goal": row.key,
                "title": str(texts.get(row.doc["title"]["ref"], ERASED)),
                "at": stamp(row.due),
            }
            for row in rows
            if row.due is not None
        ),
        key=lambda one: one["at"],
    )


def _again(app: App, one: dict[str, Any]) -> str:
    at = datetime.fromisoformat(one["at"]).astimezone(app.kernel.zone)
    return f"{one['goal']} {one_line(one['title'])}: not done yet, tries again at {at:%a %H:%M}"


async def set_aside(app: App) -> list[dict[str, Any]]:
    """Return what was set aside this week, or the owner was not told of yet, newest first."""
    rows, now = app.kernel.rows, app.kernel.clock.now()
    query = RowQuery("aside", states=frozenset({"told", "untold"}), newest_first=True)
    found = [
        row
        for row in await rows.find(query, limit=None)
        if row.state == "untold" or now - datetime.fromisoformat(row.doc["at"]) < LISTED
    ]
    refs = [row.doc[name]["ref"] for row in found for name in ("title", "error")]
    texts = await app.kernel.log.values(refs)
    return [
        {
            "kind": row.doc["kind"],
            "id": row.doc["subject"],
            "at": row.doc["at"],
            "told": row.state == "told",
            "title": str(texts.get(row.doc["title"]["ref"], ERASED)),
            "error": str(texts.get(row.doc["error"]["ref"], ERASED)),
        }
        for row in found
    ]


def _aside_line(one: dict[str, Any]) -> str:
    untold = "" if one["told"] else "; the message about it is not sent yet"
    return f"Set aside: {one['title']} ({one['error']}){untold}."


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
    if kind == STORAGE:
        return f"Storage: {one['reason']}"
    if kind == ENGINE:
        return f"Problem: {one['reason']}"
    if kind in {LEFT_OUT, WORK}:
        return str(one["reason"])
    if kind == ANCHOR:
        return f"Anchor: {one['reason']}"
    if kind == TELEGRAM:
        return f"Telegram: {one['reason']}"
    if not name:
        return f"The {kind} does not answer: {one['reason']} The offline model answers instead."
    return f"Error budget: {one['reason']}, so it has no auto until it does better."
