"""What keeps `/status` from saying that all is well, beside parts that fail: each in a sentence."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.chat.safe_text import safe_line
from bot.app import App
from core.domain.events import Event
from core.log.reading import every_event
from core.ports.event_log import EventLog, EventQuery
from core.ports.read_models import Row, RowQuery

AT_WORK = timedelta(minutes=1)
"""What was said or is to be sent so short a time ago is simply under way."""
STUCK = timedelta(minutes=15)
"""More than any step may take: an agent is stopped after twice the time that it expects."""
NEWS = timedelta(days=1)
"""How long a file that could not be read is news; its message was answered with that."""
LONGEST_NAME = 60


async def troubles(app: App) -> list[str]:
    """Return what waits although it should not, did not arrive, failed or could not be read."""
    return [
        *await _gone(app),
        *await _unsent(app),
        *await _undelivered(app),
        *await _unseen(app),
        *await _not_taken(app),
        *await _doubtful(app),
        *await _stuck(app),
        *await _failed(app),
        *await _unreadable(app),
    ]


async def _gone(app: App) -> list[str]:
    """Say that there is an anchor of a log, and no log: until something is said to a new one."""
    position, _ = await app.kernel.log.head()
    started = app.anchor.started
    is_gone = not position and started is not None and started.fit == "new"
    return [app.anchor.notice] if is_gone else []


async def _unsent(app: App) -> list[str]:
    rows = await _rows(app, "outbox", "queued", "sending")
    old = [row for row in rows if await _is_old(app, int(row.doc["position"]), AT_WORK)]
    return _by_place(old, "is not sent yet", "are not sent yet")


async def _undelivered(app: App) -> list[str]:
    """Name the chats that took nothing of the newest that was sent there."""
    blocked: list[Row] = []
    every = await _rows(app, "outbox", "undeliverable")
    for group in dict.fromkeys(row.group for row in every):
        states = frozenset({"undeliverable", "sent"})
        query = RowQuery("outbox", group=group, states=states, order="written", newest_first=True)
        newest = await app.kernel.rows.find(query, limit=1)
        if newest and newest[0].state == "undeliverable":
            blocked += [row for row in every if row.group == group]
    return _by_place(blocked, "could not be delivered", "could not be delivered")


async def _unseen(app: App) -> list[str]:
    """Name the open cards that their chat did not take, and that are to be seen nowhere else."""
    cards = [row for row in await _rows(app, "cards", "open") if not _was_shown(row)]
    waiting = {row.doc["card"] for row in await _rows(app, "cards", "unshown")}
    return [
        f"Card {row.key} could not be shown in {row.group}: /inbox has it."
        for row in cards
        if row.key not in waiting
    ]


def _was_shown(card: Row) -> bool:
    return bool(card.doc["shown"] or card.doc.get("copies"))


async def _not_taken(app: App) -> list[str]:
    now = app.kernel.clock.now()
    rows = await _rows(app, "messages", "new")
    old = [row for row in rows if now - datetime.fromisoformat(row.doc["at"]) > AT_WORK]
    return _by_place(old, "waits to be taken up", "wait to be taken up")


async def _doubtful(app: App) -> list[str]:
    """Name the cards about what may have happened: only the owner can say."""
    rows = [row for row in await _rows(app, "cards", "open") if row.doc["kind"] == "unknown"]
    return [f"Whether it was done is not known: card {row.key} asks." for row in rows]


async def _stuck(app: App) -> list[str]:
    """Name the goals that wait for nothing and still do not move."""
    lines, now = [], app.kernel.clock.now()
    for row in await _rows(app, "goals", "active"):
        newest = await _newest(app.kernel.log, row.key)
        if newest is not None and now - newest.at > STUCK:
            since = newest.at.astimezone(app.kernel.zone)
            lines.append(f"Goal {row.key} has not moved since {since:%Y-%m-%d %H:%M}.")
    return lines


async def _newest(log: EventLog, goal: str) -> Event | None:
    """Return the newest event of a goal.

    Cheap, however long the goal is: only what its cards and calls say after its own newest event is
    read beside that.
    """
    stream = f"goal:{goal}"
    own = await log.read(EventQuery(places=((stream, await log.version(stream)),)), limit=1)
    after = own[-1].position if own else 0
    found = [*own, *await every_event(log, EventQuery(goal=goal, after=after))]
    return found[-1] if found else None


async def _failed(app: App) -> list[str]:
    """Name the newest goal that ended, where it failed: the one after it may do better."""
    states = frozenset({"finished"})
    query = RowQuery("goals", states=states, order="written", newest_first=True)
    newest = await app.kernel.rows.find(query, limit=1)
    if not newest or newest[0].doc.get("outcome") != "failed":
        return []
    return [f"The newest goal failed: /why {newest[0].key}"]


async def _unreadable(app: App) -> list[str]:
    lines, now = [], app.kernel.clock.now()
    for row in await _rows(app, "attachments", "failed"):
        if now - datetime.fromisoformat(row.doc["at"]) < NEWS:
            name = safe_line(str(row.doc.get("name") or row.doc["kind"]), LONGEST_NAME)
            lines.append(f"A file could not be read: {name}.")
    return lines


async def _rows(app: App, projection: str, *states: str) -> Sequence[Row]:
    query = RowQuery(projection, states=frozenset(states), order="written")
    return await app.kernel.rows.find(query, limit=None)


async def _is_old(app: App, position: int, age: timedelta) -> bool:
    found = await app.kernel.log.read(EventQuery(after=position - 1), limit=1)
    return bool(found) and app.kernel.clock.now() - found[0].at > age


def _by_place(rows: Sequence[Row], one: str, many: str) -> list[str]:
    """Return a line for each conversation of the rows."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.group or "?"] = counts.get(row.group or "?", 0) + 1
    return [
        f"1 message of {place} {one}." if count == 1 else f"{count} messages of {place} {many}."
        for place, count in counts.items()
    ]
