import asyncio
from datetime import timedelta

from adapters.inmemory.clock import START, FakeClock, SequentialIds


async def test_time_stands_still_until_it_is_advanced() -> None:
    """The time is the one given, and moves by what it is told."""
    clock = FakeClock()
    assert clock.now() == clock.now() == START
    clock.advance(1.5)
    assert clock.now() == START + timedelta(seconds=1.5)


async def test_sleepers_wake_in_order_of_their_time() -> None:
    """Advancing wakes those whose time has come, earliest first, and no others."""
    clock, woken = FakeClock(), list[str]()

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.ensure_future(sleep(*it)) for it in (("c", 30), ("a", 10), ("b", 10.5))]
    await asyncio.sleep(0)
    assert clock.sleepers == 3
    clock.advance(10)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert woken == ["a"]
    clock.advance(20)
    await asyncio.gather(*tasks)
    assert woken == ["a", "b", "c"]
    assert clock.sleepers == 0


async def test_no_time_is_no_wait() -> None:
    """Sleeping for no time returns without an advance."""
    await FakeClock().sleep(0)
    await FakeClock().sleep(-1)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    """A task cancelled in its sleep is not counted and does not stop the others."""
    clock = FakeClock()
    gone, stays = (asyncio.ensure_future(clock.sleep(5)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    assert clock.sleepers == 1
    clock.advance(5)
    await stays


async def test_a_clock_can_be_set() -> None:
    """Setting the clock forward wakes sleepers, setting it back does not."""
    clock = FakeClock()
    sleeping = asyncio.ensure_future(clock.sleep(60))
    await asyncio.sleep(0)
    clock.set(START - timedelta(days=1))
    assert clock.sleepers == 1
    clock.set(START + timedelta(days=1))
    await sleeping


def test_sequential_names_count() -> None:
    """Names count from one."""
    ids = SequentialIds()
    assert [ids.new(), ids.new()] == ["0" * 31 + "1", "0" * 31 + "2"]
