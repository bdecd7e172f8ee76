"""Keep a database of today for ever: `python -m scripts.make_log NAME` stores one for the tests.

The story is told to the program at its own door, `chat --script`, so that an earlier checkout can
be told it too (`--checkout DIR`). What no story reaches is appended afterwards, so that a database
of this checkout has an event of every type. `--states` only writes down anew what the stored
databases fold to, after a fold was changed on purpose and its version raised.
"""

import asyncio
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from core.log.folding import StoredRow, digest_of, stored
from core.ports.read_models import RowQuery
from core.projections import ALL
from scripts.log_samples import samples
from tests.servers.smtp import SmtpServer

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "tests" / "data" / "logs"
DATABASE = "equerry.db"
FORGOTTEN = "spare key"
STORY = (
    "hi",
    "remember that Anna prefers tea in the morning",
    "remember that Bob's email is bob@acme.example",
    "remember that Bob's email is bob@new.example",
    f"remember that the {FORGOTTEN} is at Carla's",
    "/profile name Ada",
    "/profile voice plain and brief",
    "/profile rollback 1",
    "add a task: write the offer for Globex",
    "add a task: call Dora on Friday",
    "add a task: never mind this",
    "/undo",
    "accept",
    "remind me tomorrow at 9am to water the plants",
    "remind me every monday at 8am to send the invoices",
    "remind me on friday at 5pm to call home",
    "cancel the reminder to call home",
    "/undo",
    "accept",
    "note: buy milk",
    "accept",
    "write a file plan.txt saying first draft",
    "write a file plan.txt saying second draft",
    "done with the offer for Globex",
    "/undo",
    "accept",
    "my password for the router is hunter2-Gate",
    "send a mail to bob@acme.example about lunch: see you at noon",
    "edit subject=Lunch on Friday",
    "accept",
    "send a mail to bob@acme.example about dinner: see you at eight",
    "reject: not today",
    "send a mail to bob@acme.example about tea: this one is stopped",
    "/stop all",
    "send a mail to eve@acme.example about news: from now on always",
    "always up to $5",
    "send a mail to eve@acme.example about news: once more",
    "/pause",
    "note: this one waits while all is paused",
    "/resume",
    "/why",
    "what is on my list?",
    "send a mail to carol@globex.example about the offer: it comes on Monday",
    "send a mail to carol@globex.example about the offer: it comes on Monday",
    "send a mail to dora@globex.example about the edit: first words",
)
"""The last lines leave cards open: one of two goals, one alone, and the note."""


def tell(checkout: Path, folder: Path) -> Path:
    """Tell a checkout the story in an empty folder; return the path of its database."""
    with SmtpServer() as server:
        smtp = {"host": "127.0.0.1", "port": server.port, "tls": "none", "from": "me@home.example"}
        config = {
            "data_dir": str(folder / "data"),
            "profile": {"timezone": "Europe/Berlin", "quiet_hours": None},
            "actions": {"mail": {"smtp": smtp}},
            "gates": {"actions": {"note.append": "review"}},
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (folder / "story.txt").write_text("\n".join(STORY), encoding="utf-8")
        _run(checkout, folder, "chat", "--script", str(folder / "story.txt"))
    return folder / "data" / DATABASE


def forget(folder: Path) -> None:
    """Have a fact and its words erased."""
    known = json.loads(_run(ROOT, folder, "memory", "list", "--json"))
    wanted = [one["id"] for one in known if FORGOTTEN in one["text"]]
    _run(ROOT, folder, "memory", "forget", *wanted)


def _run(checkout: Path, folder: Path, *command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "bot", "--config", str(folder / "config.yaml"), *command],
        cwd=checkout,
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout


async def append_the_rest(database: Path) -> None:
    """Append events of the types that the story did not reach."""
    store = await SqlStore.open(url_of(database), ALL, SystemClock(), SystemIds())
    try:
        await store.append(samples())
    finally:
        await store.close()


async def rows_of(url: str) -> dict[str, list[StoredRow]]:
    """Open a database with this program and return the rows of each projection."""
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    try:
        found = {it.name: await store.find(RowQuery(it.name), limit=None) for it in ALL}
        return {name: [stored(name, row, 0) for row in rows] for name, rows in found.items()}
    finally:
        await store.close()


async def state_of(url: str) -> dict[str, Any]:
    """Return what a database folds to: version, number of rows and digest of each projection."""
    rows = await rows_of(url)
    return {
        it.name: {
            "version": it.version,
            "rows": len(rows[it.name]),
            "digest": digest_of(rows[it.name])[:16],
        }
        for it in ALL
    }


def names() -> list[str]:
    """Return the names of the stored databases, the oldest first."""
    return sorted(path.name.removesuffix(".db.xz") for path in LOGS.glob("*.db.xz"))


def unpack(name: str, folder: Path) -> Path:
    """Write a stored database into a data folder; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / DATABASE
    database.write_bytes(lzma.decompress((LOGS / f"{name}.db.xz").read_bytes()))
    database.chmod(0o600)
    return database


def write_state(name: str) -> None:
    """Write down what a stored database folds to."""
    with tempfile.TemporaryDirectory() as folder:
        state = asyncio.run(state_of(url_of(unpack(name, Path(folder)))))
    text = json.dumps(state, indent=1, sort_keys=True)
    (LOGS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


def store(name: str, database: Path) -> None:
    """Compress a database under a name."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    connection.close()
    LOGS.mkdir(parents=True, exist_ok=True)
    packed = lzma.compress(database.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    (LOGS / f"{name}.db.xz").write_bytes(packed)


def url_of(database: Path) -> str:
    """Return the URL of a file of SQLite."""
    return f"sqlite:///{database}"


@click.command()
@click.argument("name", required=False)
@click.option("--checkout", type=click.Path(path_type=Path), help="Another checkout to tell it.")
@click.option("--states", is_flag=True, help="Only write the states of all stored ones anew.")
def main(name: str | None, checkout: Path | None, *, states: bool) -> None:
    """Store a database of this checkout, or of another, for the tests."""
    if name is not None and not states:
        with tempfile.TemporaryDirectory() as folder:
            database = tell(checkout or ROOT, Path(folder))
            if checkout is None:
                forget(Path(folder))
                asyncio.run(append_the_rest(database))
            store(name, database)
    written: Sequence[str] = names() if states or name is None else [name]
    for one in written:
        write_state(one)


if __name__ == "__main__":
    main()
