import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from core.domain.events import Event
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from tests.adapters.sql.parts import opened
from tests.contracts.stores import on
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/log.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


@asynccontextmanager
async def child(url: str, name: str, appends: int = 0) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process that appends; kill it after."""
    command = [sys.executable, "-m", "tests.adapters.sql.child", url, name, str(appends)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def acknowledged(process: asyncio.subprocess.Process) -> list[int]:
    """Return the positions that a process has printed, to its end."""
    out, _ = await process.communicate()
    return [int(line) for line in out.decode().splitlines() if line]


async def until(reached: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not reached():  # noqa: ASYNC110 - what is waited for is another process
        await asyncio.sleep(0.02)


def note(positions: list[int], events: Sequence[Event]) -> None:
    """Write down the positions of the events that a listener hears."""
    positions.extend(event.position for event in events)


async def test_two_processes_share_one_log(url: str) -> None:
    """Two processes that create and fill one database at once leave one chain without a gap."""
    async with child(url, "a", 60) as first, child(url, "b", 60) as second:
        ends = await asyncio.gather(acknowledged(first), acknowledged(second))
    assert [len(end) for end in ends] == [60, 60]
    assert not set(ends[0]) & set(ends[1])
    async with opened(url) as store:
        report = await store.verify()
        assert (report.events, report.problem) == (360, None)
        assert await store.version("shared") == 120
        assert await store.groups(RowQuery("board")) == ["a", "b"]
        before, after = await store.rebuild()
        assert before == after


async def test_listeners_hear_of_other_processes(url: str) -> None:
    """A listener hears of what another process commits, each event once, in order."""
    heard: list[Event] = []
    async with opened(url) as store, child(url, "other", 20) as process:
        store.listen(heard.extend)
        async with asyncio.timeout(PATIENCE_S * 3):
            await until(lambda: len(heard) >= 30)
            await acknowledged(process)
            await until(lambda: len(heard) >= 60)
        assert [event.position for event in heard] == list(range(1, 61))
        assert list(heard) == list(await store.read(EventQuery()))


async def test_own_and_foreign_appends_are_heard_in_order(url: str) -> None:
    """Two stores that append in turns each hear everything in order of position."""
    heard: dict[str, list[int]] = {"a": [], "b": []}
    async with opened(url) as a, opened(url) as b:
        for name, store in (("a", a), ("b", b)):
            store.listen(partial(note, heard[name]))
        for n in range(20):
            await (a, b)[n % 2].append([on("shared"), on(f"own{n}")])
        async with asyncio.timeout(PATIENCE_S):
            await until(lambda: all(len(positions) >= 40 for positions in heard.values()))
    assert heard == {"a": list(range(1, 41)), "b": list(range(1, 41))}


async def test_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """After `kill -9` at random moments every acknowledged event is there and the chain holds."""
    url = f"sqlite:///{tmp_path}/log.sqlite"
    moments = random.Random(7)
    for round_ in range(4):
        async with child(url, f"r{round_}n") as process:
            assert process.stdout is not None
            for _ in range(moments.randint(3, 40)):
                await process.stdout.readline()
            await asyncio.sleep(moments.random() / 200)
            process.kill()
            last = (await acknowledged(process) or [0])[-1]
        async with opened(url) as store:
            report = await store.verify()
            assert report.problem is None
            assert report.events >= last
            assert report.events % 3 == 0
            before, after = await store.rebuild()
            assert before == after
