"""A small world on disk for engines that are killed: work, timers and effects in one SQLite file.

An effect and the end of its work are one transaction, as an append to the log is.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS work (
  id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, due TEXT, done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS effects (
  number INTEGER PRIMARY KEY AUTOINCREMENT, work INTEGER NOT NULL, conversation TEXT NOT NULL);
"""
STEP_S = 0.002


class World:
    """The agenda and the drain over `folder/world.db`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "world.db"
        with closing(self._open()) as db:
            db.executescript(SCHEMA)

    def add(self, conversation: str, count: int, due: datetime | None = None) -> None:
        """Add pieces of work, to be done now or when due."""
        at = due.isoformat() if due else None
        with closing(self._open()) as db:
            db.executemany(
                "INSERT INTO work (conversation, due) VALUES (?, ?)", [(conversation, at)] * count
            )

    def left(self) -> int:
        """Return how many pieces of work are not done."""
        return int(self._rows("SELECT count(*) FROM work WHERE NOT done")[0][0])

    def effects(self) -> list[tuple[str, int]]:
        """Return what was done, as (conversation, work), in the order it happened."""
        return self._rows("SELECT conversation, work FROM effects ORDER BY number")

    async def unfinished(self) -> Sequence[str]:
        """Return the conversations with work that is not timed."""
        sql = "SELECT DISTINCT conversation FROM work WHERE NOT done AND due IS NULL"
        return [row[0] for row in self._rows(sql)]

    async def due(self, now: datetime) -> Sequence[str]:
        """Return the conversations with work that is due."""
        sql = "SELECT DISTINCT conversation FROM work WHERE NOT done AND due <= ?"
        return [row[0] for row in self._rows(sql, now.isoformat())]

    async def next_due(self) -> datetime | None:
        """Return when the next work is due."""
        found = self._rows("SELECT min(due) FROM work WHERE NOT done")[0][0]
        return datetime.fromisoformat(found) if found else None

    async def drain(self, conversation: str) -> None:
        """Do what can be done in a conversation now, in order."""
        sql = "SELECT id FROM work WHERE conversation = ? AND NOT done AND ifnull(due, '') <= ?"
        now = datetime.now(UTC).isoformat()
        for work, *_ in self._rows(f"{sql} ORDER BY id", conversation, now):
            await asyncio.sleep(STEP_S)
            with closing(self._open()) as db:
                db.execute("BEGIN IMMEDIATE")
                db.execute(
                    "INSERT INTO effects (work, conversation) VALUES (?, ?)", (work, conversation)
                )
                db.execute("UPDATE work SET done = 1 WHERE id = ?", (work,))
                db.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None, timeout=30)

    def _rows(self, sql: str, *values: str) -> list[tuple[str, int]]:
        with closing(self._open()) as db:
            return db.execute(sql, values).fetchall()


async def main(factory: str, folder: Path) -> None:
    """Run the engine that `factory` makes over the world in `folder` until it is killed."""
    module, _, name = factory.partition(":")
    world = World(folder)
    engine = getattr(import_module(module), name)(world, folder)
    await engine.run(world.drain)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
