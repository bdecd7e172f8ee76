"""Events per second of the log on either database; `bench.event_log` measures it in more ways."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from adapters.files.anchor import FileAnchor
from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from adapters.system.state_key import StateKey
from bench.event_log import CONCURRENT, ROUNDS, SINGLE, concurrent, single
from bench.figures import Figure, spread
from core.domain.canonical import sha256
from core.ports.anchor import Anchored, Mark
from core.projections import ALL
from tests.servers.postgres import PostgresServer
from tests.servers.process import MissingProgramError

FEW = 5


async def logs(folder: Path, *, tiny: bool) -> list[Figure]:
    """Measure appends of three events, one by one and many at once, and what an anchor adds."""
    figures = await _database("SQLite", f"sqlite:///{folder / 'log.sqlite'}", tiny=tiny)
    figures += spread("anchor moved, durably", await _anchored(folder, FEW if tiny else SINGLE))
    for server in _postgres():
        url = server.url(server.create_database())
        figures += await _database("Postgres", url, tiny=tiny)
    return figures


async def _anchored(folder: Path, count: int) -> list[float]:
    """Return the milliseconds that an effect waits for its anchor, once each."""
    anchor = FileAnchor(folder / "log.anchor", folder / "state", StateKey.of_process())
    seen, took = await anchor.load(), list[float]()
    for number in range(1, count + 1):
        digest = sha256(str(number))
        mark = Mark(log=sha256("log"), position=number, hash=digest, at="2026-11-23T09:00:00")
        start = time.perf_counter()
        seen = await anchor.swap(seen, Anchored(mark=mark)) or seen
        took.append((time.perf_counter() - start) * 1000)
    return took


def _postgres() -> Iterator[PostgresServer]:
    """Yield a private, durable server, if there is one on this machine."""
    try:
        server = PostgresServer(durable=True)
    except MissingProgramError:
        return
    with server:
        yield server


async def _database(name: str, url: str, *, tiny: bool) -> list[Figure]:
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    took = await single(store, FEW if tiny else SINGLE)
    count, rounds = (FEW, 1) if tiny else (CONCURRENT, ROUNDS)
    rates = [await concurrent(store, number, count) for number in range(rounds)]
    await store.close()
    one_by_one = 3000 / statistics.median(took)
    return [
        *spread(f"{name}: append of 3 events", took),
        Figure(f"{name}: appended one by one", one_by_one, "events/s"),
        Figure(f"{name}: appended at once", statistics.median(rates), "events/s"),
    ]
