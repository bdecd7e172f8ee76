import asyncio
from datetime import UTC, datetime, timedelta

from adapters.system import SystemClock, SystemIds


def test_the_time_is_now_in_utc() -> None:
    """The clock tells the machine's time, aware, in UTC."""
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


async def test_sleeping_takes_time() -> None:
    """Sleeping returns after the time asked for, not before."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    await SystemClock().sleep(0.02)
    assert loop.time() - start >= 0.019


def test_names_are_fresh() -> None:
    """Names are 32 hexadecimal characters, each new, and later ones are not smaller in front."""
    ids = SystemIds()
    names = [ids.new() for _ in range(2000)]
    assert len(set(names)) == 2000
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)
    assert [name[:12] for name in names] == sorted(name[:12] for name in names)
