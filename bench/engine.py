"""Measure the embedded engine: `python -m bench.engine`.

Prints, each as one line: wake to run alone and among 64 busy conversations (median and 95th
percentile), drains per second, and the CPU of 10,000 waiting conversations at rest.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from adapters.engine.local import LocalEngine
from adapters.system import SystemClock

ROUNDS = 2000
BUSY = 64
WAITING = 10_000
REST_S = 5.0


class FarTimers:
    """An agenda of timers that are not due."""

    def __init__(self, count: int = 0) -> None:
        far = datetime.now(UTC) + timedelta(days=30)
        self._timers = [far + timedelta(minutes=number) for number in range(count)]

    async def unfinished(self) -> Sequence[str]:
        """Return nothing."""
        return []

    async def due(self, now: datetime) -> Sequence[str]:
        """Return nothing."""
        return []

    async def next_due(self) -> datetime | None:
        """Return the earliest timer."""
        return min(self._timers, default=None)


async def wake_to_run(others: int) -> list[float]:
    """Return the milliseconds from each wake to its drain, with `others` kept busy meanwhile."""
    engine = LocalEngine(FarTimers(), SystemClock(), parallel=others + 1)
    took: list[float] = []
    ran = asyncio.Event()
    woken = 0.0

    async def drain(conversation: str) -> None:
        if conversation == "measured":
            took.append((time.perf_counter() - woken) * 1000)
            ran.set()
            return
        await asyncio.sleep(0.01)
        await engine.wake(conversation)

    async def measure() -> None:
        nonlocal woken
        for number in range(others):
            await engine.wake(f"busy {number}")
        for _ in range(ROUNDS):
            ran.clear()
            woken = time.perf_counter()
            await engine.wake("measured")
            await ran.wait()

    await _meanwhile(engine, drain, measure)
    return took


async def drains_per_second() -> float:
    """Return how many empty drains of distinct conversations run in a second."""
    engine = LocalEngine(FarTimers(), SystemClock())
    rate = 0.0

    async def measure() -> None:
        nonlocal rate
        await engine.idle()
        start = time.perf_counter()
        for number in range(WAITING):
            await engine.wake(f"c{number}")
        await engine.idle()
        rate = WAITING / (time.perf_counter() - start)

    await _meanwhile(engine, _nothing, measure)
    return rate


async def cpu_at_rest() -> float:
    """Return the share of one core used while 10,000 timers and 10,000 later wakes wait."""
    engine = LocalEngine(FarTimers(WAITING), SystemClock())
    share = 0.0

    async def measure() -> None:
        nonlocal share
        later = datetime.now(UTC) + timedelta(days=60)
        for number in range(WAITING):
            await engine.wake(f"c{number}", at=later + timedelta(seconds=number))
        await engine.idle()
        before = time.process_time()
        await asyncio.sleep(REST_S)
        share = (time.process_time() - before) / REST_S

    await _meanwhile(engine, _nothing, measure)
    return share


async def _nothing(_conversation: str) -> None:
    await asyncio.sleep(0)


async def _meanwhile(
    engine: LocalEngine,
    drain: Callable[[str], Awaitable[None]],
    measure: Callable[[], Awaitable[None]],
) -> None:
    run = asyncio.create_task(engine.run(drain))
    try:
        await measure()
    finally:
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run


def _line(name: str, took: list[float]) -> str:
    median, p95 = statistics.median(took), statistics.quantiles(took, n=20)[18]
    return f"{name}: median {median:.3f} ms, p95 {p95:.3f} ms ({len(took)} wakes)"


async def main() -> None:
    """Measure and print."""
    print(_line("wake to run, alone", await wake_to_run(0)))
    print(_line(f"wake to run, among {BUSY} busy", await wake_to_run(BUSY)))
    print(f"empty drains: {await drains_per_second():,.0f} a second")
    print(f"at rest with {WAITING:,} timers and wakes: {await cpu_at_rest():.3%} of a core")


if __name__ == "__main__":
    asyncio.run(main())
