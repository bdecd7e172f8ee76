"""Measure the event log: `python -m bench.event_log`.

For SQLite, and for a private Postgres where there is one, both durable: the milliseconds of one
append of three small events (median and 95th percentile) beside those of a bare transaction on
the same disk, events per second of appends made at once and of large appends, and the time to
verify, to rebuild and to open. All with the real projections.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from core.domain.erasable import Erasable
from core.domain.events import NewEvent
from core.domain.events.goals import ContextRecalled, GoalStarted
from core.domain.events.messages import MessageReceived
from core.projections import ALL
from tests.servers.postgres import PostgresServer
from tests.servers.process import MissingProgramError

SINGLE = 1000
CONCURRENT = 2000
LARGE = 100
ROUNDS = 5
WARM_UP = 50
DISK = "/var/tmp"  # noqa: S108 - a disk; /tmp may be memory, where durability is free


def three(name: str) -> list[NewEvent]:
    """Return what the start of a goal appends: a message, the goal, what was recalled."""
    received = MessageReceived(
        message=name,
        channel="terminal",
        conversation="terminal",
        sender="owner",
        owner=True,
        text=Erasable.of("remind me friday 9am to call the bank"),
        sent_at=SystemClock().now(),
    )
    started = GoalStarted(
        conversation="terminal", origin="message", title=Erasable.of("call"), messages=(name,)
    )
    goal = {"stream": f"goal:{name}", "goal": name}
    return [
        NewEvent(stream="conversation:terminal", payload=received, key=f"in:{name}"),
        NewEvent(payload=started, **goal),
        NewEvent(payload=ContextRecalled(tokens=120), **goal),
    ]


async def single(store: SqlStore, count: int = SINGLE) -> list[float]:
    """Return the milliseconds of appends made one after the other."""
    took: list[float] = []
    for number in range(count + WARM_UP):
        events = three(f"S{number}")
        start = time.perf_counter()
        await store.append(events, expect={f"goal:S{number}": 0})
        took.append((time.perf_counter() - start) * 1000)
    return took[WARM_UP:]


async def concurrent(store: SqlStore, round_: int, count: int = CONCURRENT) -> float:
    """Return the events per second of many appends of three events made at once."""
    batches = [three(f"C{round_}-{number}") for number in range(count)]
    start = time.perf_counter()
    await asyncio.gather(*(store.append(batch) for batch in batches))
    return count * 3 / (time.perf_counter() - start)


async def large(store: SqlStore, round_: int) -> float:
    """Return the events per second of appends of three hundred events."""
    batches = [
        [event for number in range(LARGE) for event in three(f"L{round_}-{batch}-{number}")]
        for batch in range(ROUNDS)
    ]
    start = time.perf_counter()
    for batch in batches:
        await store.append(batch)
    return LARGE * ROUNDS * 3 / (time.perf_counter() - start)


def bare(folder: Path) -> list[float]:
    """Return the milliseconds of a bare SQLite transaction of three rows of the same size."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (position INTEGER PRIMARY KEY, body TEXT)")
    took: list[float] = []
    for _ in range(SINGLE):
        start = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t (body) VALUES (?)", [("x" * 700,)] * 3)
        connection.execute("COMMIT")
        took.append((time.perf_counter() - start) * 1000)
    connection.close()
    return took


def spread(took: list[float]) -> str:
    """Say median and 95th percentile."""
    p95 = statistics.quantiles(took, n=20)[18]
    return f"median {statistics.median(took):.2f} ms, p95 {p95:.2f} ms"


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return the seconds that `work` takes."""
    start = time.perf_counter()
    await work()
    return time.perf_counter() - start


async def measure(name: str, url: str) -> None:
    """Measure one database."""
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    print(f"{name}: append of 3 events: {spread(await single(store))}")
    rates = [await concurrent(store, number) for number in range(ROUNDS)]
    print(f"{name}: {CONCURRENT} appends at once: median {statistics.median(rates):,.0f} events/s")
    rates = [await large(store, number) for number in range(ROUNDS)]
    print(f"{name}: appends of {LARGE * 3} events: median {statistics.median(rates):,.0f} events/s")
    position, _ = await store.head()
    print(f"{name}: verify {position / await timed(store.verify):,.0f} events/s")
    print(f"{name}: rebuild {position / await timed(store.rebuild):,.0f} events/s")
    await store.close()
    start = time.perf_counter()
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    print(f"{name}: open {position:,} events: {(time.perf_counter() - start) * 1000:.0f} ms")
    await store.close()


def main() -> None:
    """Measure what there is."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        print(f"a bare SQLite transaction: {spread(bare(Path(folder)))}")
        asyncio.run(measure("SQLite", f"sqlite:///{folder}/log.sqlite"))
    try:
        server = PostgresServer(durable=True)
    except MissingProgramError as missing:
        print(f"Postgres: {missing}")
        return
    with server:
        asyncio.run(measure("Postgres", server.url(server.create_database())))


if __name__ == "__main__":
    main()
