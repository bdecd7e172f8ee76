import asyncio
import logging

import pytest

from adapters.inmemory.clock import FakeClock, SequentialIds
from adapters.inmemory.event_log import MemoryStore
from core.domain.errors import BadInputError
from core.log.following import Listeners, since_stamp
from core.ports.event_log import EventQuery
from core.projections import ALL
from tests.contracts.stores import added, done, take


@pytest.mark.parametrize(
    ("since", "stamped"),
    [
        ("2026-05-01T09:00:00+02:00", "2026-05-01T07:00:00.000000+00:00"),
        ("2026-05-01T09:00:00", "2026-05-01T09:00:00.000000+00:00"),
        ("2026-05-01", "2026-05-01T00:00:00.000000+00:00"),
    ],
)
def test_times_are_stamped_like_events(since: str, stamped: str) -> None:
    """A time in any zone becomes the form of the log; without one it means UTC."""
    assert since_stamp(since) == stamped


def test_words_are_no_time() -> None:
    """What is no ISO time is one sentence."""
    with pytest.raises(BadInputError, match="'yesterday' is no time"):
        since_stamp("yesterday")


async def test_following_begins_with_what_is_stored_and_goes_on_live() -> None:
    """Stored events come first, then new ones, and only those that match."""
    store = MemoryStore(ALL, FakeClock(), SequentialIds())
    await store.append([added("T1"), added("T2")])
    events = store.subscribe(EventQuery(stream="todo:T1"))
    (first,) = await take(events, 1)
    assert first.position == 1

    async def later() -> None:
        await store.append([done("T2")])
        await store.append([done("T1")])

    task = asyncio.create_task(later())
    (second,) = await take(events, 1)
    assert (second.position, second.type) == (4, "todo.done.v1")
    await task
    await events.aclose()  # type: ignore[attr-defined]
    assert not store._listeners


async def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """One that raises is logged; the others hear of the events all the same."""
    store = MemoryStore(ALL, FakeClock(), SequentialIds())
    heard: list[int] = []
    listeners = Listeners()
    stop = listeners.add(lambda _events: 1 / 0)  # type: ignore[arg-type]
    listeners.add(lambda events: heard.append(len(events)))
    appended = await store.append([added("T1")])
    with caplog.at_level(logging.ERROR):
        listeners.tell(appended.events)
    assert heard == [1]
    assert "listener of the event log failed" in caplog.text
    stop()
    caplog.clear()
    listeners.tell(appended.events)
    assert (heard, caplog.text) == ([1, 1], "")
