"""What the data of a message weighs, by table, and what a year of messages comes to."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from bench.figures import Figure
from bench.turns import WARM_UP, running, take_turns
from core.ports.read_models import RowQuery

MESSAGES_A_DAY = 30
DAYS = 365
PROMPTS_KEPT_DAYS = 30
FILES_A_WEEK, FILE_MB = 10, 1.0
MEGA = 1e6
TALK = "hello {}, when is the meeting with the people from Acme, and what should I bring along?"
EFFECT = "note: milk and bread {}, and a cake for the party on Friday"
TARGETS = (18_000.0, 11.0)
"""Bytes and events of a message: what it took when this was first measured, and a little more."""


async def growth(folder: Path, count: int) -> list[Figure]:
    """Measure `count` messages and those that warm up; three in ten have an effect.

    At the end the prompts are erased, as they are after thirty days: their room is used again.
    """
    database = folder / "data" / "equerry.db"
    async with running(folder) as app:
        before = _sizes(database)
        first = (await app.store.head())[0]
        await take_turns(app, TALK, count * 3 // 4)
        await take_turns(app, EFFECT, count // 4)
        events = (await app.store.head())[0] - first
        messages = count * 3 // 4 + count // 4 + 2 * WARM_UP
        after = _sizes(database)
        prompts = await app.store.find(RowQuery("prompts"), limit=None)
        await app.store.erase([ref for row in prompts for ref in row.doc["refs"]])
        freed = _unused(database) / messages
    each = {name: (size - before.get(name, 0)) / messages for name, size in after.items()}
    index = (folder / "data" / "memory" / "talk.db").stat().st_size / messages
    return [*_figures(each, freed, index), *_year(each, freed, index, events / messages)]


def _figures(each: Mapping[str, float], freed: float, index: float) -> list[Figure]:
    tables = ("events", "contents", "read_rows")
    indexes = sum(size for name, size in each.items() if name not in tables)
    return [
        *(Figure(f"bytes a message, table {name}", each[name], "B") for name in tables),
        Figure("bytes a message, indexes of all tables", indexes, "B"),
        Figure("bytes a message, of that used again once its prompts are erased", freed, "B"),
        Figure("bytes a message, beside it the search index of talk", index, "B"),
    ]


def _year(each: Mapping[str, float], freed: float, index: float, events: float) -> list[Figure]:
    whole = sum(each.values())
    messages = MESSAGES_A_DAY * DAYS
    again = freed * MESSAGES_A_DAY * (DAYS - PROMPTS_KEPT_DAYS)
    files = FILES_A_WEEK * FILE_MB * DAYS / 7
    return [
        Figure("events a message", events, "", target=TARGETS[1]),
        Figure("bytes a message, whole database", whole, "B", target=TARGETS[0]),
        Figure(
            f"a year of {MESSAGES_A_DAY} messages a day, database and index",
            ((whole + index) * messages - again) / MEGA,
            "MB",
        ),
        Figure(f"{FILES_A_WEEK} files of {FILE_MB:.0f} MB a week, for a year", files, "MB"),
    ]


def _sizes(database: Path) -> dict[str, float]:
    """Return the bytes of each table and index."""
    statement = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
    with sqlite3.connect(database) as connection:
        return dict(connection.execute(statement).fetchall())


def _unused(database: Path) -> float:
    """Return the bytes of the file that nothing lies in."""
    with sqlite3.connect(database) as connection:
        (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return float(pages * size)
