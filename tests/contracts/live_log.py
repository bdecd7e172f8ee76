"""The live half of the port EventLog, and what it says about tampering."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence

import pytest

from core.domain.events import Event
from core.ports.event_log import EventQuery
from tests.contracts.stores import Intruder, Store, StoreContract, added, done, on, take


class LiveLogContract(StoreContract):
    """Implementations subclass it and give the fixtures `store` and `intruder`."""

    async def test_listeners_hear_every_commit_in_order(self, store: Store) -> None:
        """Whatever is appended at the same time, a listener hears each event once, in order."""
        heard: list[int] = []
        store.listen(lambda events: heard.extend(event.position for event in events))
        await asyncio.gather(*(store.append([on("a"), on(f"b{n}")]) for n in range(50)))
        assert heard == list(range(1, 101))

    async def test_listeners_hear_before_the_append_returns(self, store: Store) -> None:
        """When an append has returned its listeners know of it, until they stop listening."""
        heard: list[Event] = []
        stop = store.listen(heard.extend)
        appended = await store.append([added()])
        assert heard == list(appended.events)
        stop()
        stop()
        await store.append([done()])
        assert len(heard) == 1

    async def test_duplicates_are_not_heard(self, store: Store) -> None:
        """An append that stored nothing tells nobody."""
        await store.append([added(key="k")])
        heard: list[Event] = []
        store.listen(heard.extend)
        await store.append([added(key="k")])
        assert heard == []

    async def test_a_listener_that_fails_harms_nobody(
        self, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A listener that raises is logged; the append and the other listeners go on."""

        def fail(_events: Sequence[Event]) -> None:
            raise ValueError

        heard: list[Event] = []
        store.listen(fail)
        store.listen(heard.extend)
        with caplog.at_level(logging.ERROR):
            await store.append([added()])
        assert len(heard) == 1
        assert "listener" in caplog.text

    async def test_subscribing_gives_stored_then_live_events(self, store: Store) -> None:
        """A subscription starts after a position and goes on with what comes, narrowed."""
        await store.append([on("a"), on("a"), on("b")])
        events = store.subscribe(EventQuery(stream="a", after=1))
        assert [event.position for event in await take(events, 1)] == [2]
        waiting = asyncio.ensure_future(take(events, 2))
        await store.append([on("b")])
        await store.append([on("a"), on("b"), on("a")])
        assert [event.position for event in await waiting] == [5, 7]
        assert isinstance(events, AsyncGenerator)
        await events.aclose()

    async def test_subscribing_misses_nothing_while_appends_go_on(self, store: Store) -> None:
        """Subscriptions begun at any moment of a burst see every event once, in order."""

        async def burst() -> None:
            for n in range(60):
                await store.append([on(f"s{n % 7}"), on("t")])

        async def watch(pause: int) -> list[int]:
            for _ in range(pause):
                await store.version("t")
            events = store.subscribe(EventQuery())
            return [event.position for event in await take(events, 120)]

        appending = asyncio.ensure_future(burst())
        seen = await asyncio.gather(*(watch(pause) for pause in (0, 1, 5, 20)))
        await appending
        assert seen == [list(range(1, 121))] * 4

    async def test_an_intact_log_verifies(self, store: Store) -> None:
        """Verifying counts the events and names the head; an empty log is intact too."""
        empty = await store.verify()
        assert (empty.events, empty.problem) == (0, None)
        await store.append([added("T1"), added("T2"), done("T1")])
        report = await store.verify()
        assert (report.events, report.head) == await store.head()
        assert (report.problem, report.erased) == (None, 0)

    async def test_a_changed_payload_is_found(self, store: Store, intruder: Intruder) -> None:
        """Verifying names the event whose payload was changed."""
        await store.append([done("T1"), done("T2"), done("T3")])
        await intruder.change(2, payload={"todo": "T9"})
        problem = (await store.verify()).problem
        assert problem == "Event 2 was changed: its hash does not match what it says."

    async def test_a_changed_actor_is_found_behind_a_new_hash(
        self, store: Store, intruder: Intruder
    ) -> None:
        """An intruder who also recomputes the hash is found at the next event."""
        await store.append([done("T1"), done("T2")])
        first = (await store.read(EventQuery(), limit=1))[0]
        forged = first.model_copy(update={"actor": "owner"})
        await intruder.change(1, actor="owner", hash=forged.expected_hash())
        problem = (await store.verify()).problem
        assert problem == "Event 2 does not continue the hash of the event before it."

    async def test_a_lost_event_is_found(self, store: Store, intruder: Intruder) -> None:
        """Verifying names the position that is missing."""
        await store.append([done("T1"), done("T2"), done("T3")])
        await intruder.lose(2)
        assert (await store.verify()).problem == "Event 2 is missing: 3 follows."

    async def test_a_version_out_of_order_is_found(self, store: Store, intruder: Intruder) -> None:
        """A gap between the versions of a stream is named, even behind a right hash."""
        await store.append([on("a"), on("a")])
        last = (await store.read(EventQuery(after=1)))[0]
        forged = last.model_copy(update={"version": 3})
        await intruder.change(2, version=3, hash=forged.expected_hash())
        problem = (await store.verify()).problem
        assert problem == "Event 2 has version 3 of the stream 'a' where 2 is next."

    async def test_a_changed_text_is_found(self, store: Store, intruder: Intruder) -> None:
        """A text that is not the one the event was sealed with is named, and so is a lost one."""
        (event,) = (await store.append([added()])).events
        ref = event.payload["title"]["ref"]
        await intruder.reword(ref, '"another title"')
        changed = (await store.verify()).problem
        assert changed == f"Event 1 refers to the text {ref!r}, which was changed."
        await intruder.reword(ref, None)
        lost = (await store.verify()).problem
        assert lost == f"Event 1 refers to the text {ref!r}, which is missing."
