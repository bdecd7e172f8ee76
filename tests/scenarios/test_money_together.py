"""Calls at the same time, in one process and in two, over real stores: no cap is passed."""

import asyncio
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.sql import SqlStore
from adapters.system import SystemClock, SystemIds
from core.domain.events import Event
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from core.projections import ALL
from tests.scenarios.spender import DAY, MOST, spend

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


def check_caps(events: list[Event]) -> Decimal:
    """Assert that no prefix of the log has passed a cap; return what was spent in all."""
    used: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        if event.type not in {"budget.reserved.v1", "budget.settled.v1"}:
            continue
        payload = event.payload
        change = Decimal(payload["usd"]) - Decimal(payload.get("reserved", "0"))
        for scope, cap in ((f"day:{payload['day']}", DAY), (f"goal:{event.goal}", Decimal(2))):
            used[scope] += change
            assert used[scope] <= cap, (scope, event.position)
    return sum((usd for scope, usd in used.items() if scope.startswith("day:")), Decimal(0))


async def all_events(store: SqlStore) -> list[Event]:
    """Return the whole log."""
    return list(await store.read(EventQuery(), limit=100_000))


async def check_spent(store: SqlStore) -> None:
    """Assert that events, reservations and the cost report agree, to the last digit."""
    events = await all_events(store)
    spent = check_caps(events)
    called = [event.payload for event in events if event.type == "model.called.v1"]
    assert sum(Decimal(payload["usd"]) for payload in called) == spent
    assert spent > DAY - MOST
    costs = await store.find(RowQuery("costs", states=frozenset({"all"})))
    assert sum(Decimal(row.doc["usd"]) for row in costs) == spent
    assert await store.count(RowQuery("spend", group="hold")) == 0
    before, after = await store.rebuild()
    assert before == after


async def test_64_calls_at_once_stay_inside_the_cap(url: str) -> None:
    """Together they could cost $6.40; the day's $3 are used up and not passed."""
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    try:
        answered, stopped = await spend(store, "one", 64)
        assert answered + stopped == 64
        assert answered >= 30
        assert stopped
        for _ in range(10):
            await spend(store, "rest", 8)
        await check_spent(store)
    finally:
        await store.close()


async def test_two_processes_stay_inside_the_cap(url: str) -> None:
    """Two processes with 64 calls each at the same time share one budget."""
    commands = [
        [sys.executable, "-m", "tests.scenarios.spender", url, name, "64"] for name in ("a", "b")
    ]
    # The tables are there before both begin.
    store = await SqlStore.open(url, ALL, SystemClock(), SystemIds())
    try:
        running = [
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
            for command in commands
        ]
        said = [(await process.communicate())[0].split() for process in running]
        assert [process.returncode for process in running] == [0, 0]
        assert [sum(map(int, words)) for words in said] == [64, 64]
        assert sum(int(words[0]) for words in said) >= 30
        for _ in range(10):
            await spend(store, "rest", 8)
        await check_spent(store)
    finally:
        await store.close()
