"""The contract of the port EventLog: every implementation passes it unchanged."""

import asyncio
from datetime import timedelta

import pytest

from adapters.inmemory.clock import FakeClock
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError, BugError, VersionConflictError
from core.domain.events import GENESIS, UPCASTERS, NewEvent, decode, stamp
from core.domain.events.goals import TaskFinished
from core.domain.events.memory import FactLearned
from core.domain.events.personal import TodoAdded, TodoDone
from core.ports.event_log import EventQuery
from core.ports.read_models import RowQuery
from tests.contracts.stores import Store, StoreContract, added, done, on, reopened

ALL = EventQuery()
NASTY = "a\x00b\x1b[31m\u202e\ud83d\ude00\ud800 \\ud800 \\\\u0000 ü😀\u2028"
"""NUL, escape codes, right-to-left marks, halves of pairs beside each other and alone, and the
literal text of an escape; the first two halves would be one character after a naive round trip."""


class EventLogContract(StoreContract):
    """Implementations subclass it and give the fixture `store`, over `clock`."""

    async def test_positions_and_versions_count_from_one(self, store: Store) -> None:
        """Positions count over the log, versions over each stream, without gaps."""
        await store.append([on("a"), on("b"), on("a")])
        await store.append([on("b")])
        events = await store.read(ALL)
        assert [event.position for event in events] == [1, 2, 3, 4]
        assert [(event.stream, event.version) for event in events] == [
            ("a", 1),
            ("b", 1),
            ("a", 2),
            ("b", 2),
        ]
        assert [await store.version(stream) for stream in ("a", "b", "c")] == [2, 2, 0]

    async def test_events_are_chained(self, store: Store) -> None:
        """Each event carries the hash of the one before it and its own."""
        assert await store.head() == (0, GENESIS)
        await store.append([on("a"), on("a")])
        first, second = await store.read(ALL)
        assert (first.prev, second.prev) == (GENESIS, first.hash)
        assert second.hash == second.expected_hash()
        assert await store.head() == (2, second.hash)

    async def test_what_append_returns_is_what_is_read(self, store: Store) -> None:
        """The events that an append returns equal those that are read later."""
        new = NewEvent(
            stream="s", payload=TodoDone(todo="x"), goal="G1", actor="me", causation="c", key="k"
        )
        appended = await store.append([new, added()])
        assert not appended.duplicate
        assert list(appended.events) == list(await store.read(ALL))

    async def test_time_never_runs_backwards(self, store: Store, clock: FakeClock) -> None:
        """A clock that was set back does not make an event older than the one before it."""
        first = (await store.append([on("a")])).events[0]
        clock.set(clock.now() - timedelta(hours=1))
        second = (await store.append([on("a")])).events[0]
        assert second.at == first.at
        clock.set(clock.now() + timedelta(hours=2))
        third = (await store.append([on("a")])).events[0]
        assert third.at == clock.now() > second.at

    async def test_nothing_is_appended(self, store: Store) -> None:
        """An append of no events is fine and does nothing."""
        assert (await store.append([])).events == ()
        assert await store.head() == (0, GENESIS)

    async def test_expected_versions_are_checked(self, store: Store) -> None:
        """An append on a stream that moved on is refused whole, naming both versions."""
        await store.append([on("a")], expect={"a": 0, "never": 0})
        with pytest.raises(VersionConflictError) as caught:
            await store.append([on("b"), on("a")], expect={"b": 0, "a": 0})
        assert (caught.value.stream, caught.value.expected, caught.value.actual) == ("a", 0, 1)
        assert len(await store.read(ALL)) == 1
        await store.append([on("a")], expect={"a": 1})

    async def test_a_key_is_appended_once(self, store: Store) -> None:
        """A second append with a key returns what the first stored, even at a stale version."""
        first = await store.append([added(key="k")], expect={"todo:T1": 0})
        again = await store.append([added(key="k")], expect={"todo:T1": 0})
        assert again.duplicate
        assert again.events == first.events
        assert len(await store.read(ALL)) == 1

    async def test_a_partly_known_batch_appends_nothing(self, store: Store) -> None:
        """One known key in a batch keeps the whole batch out, and only known events come back."""
        await store.append([added("T1", key="k1"), added("T2", key="k2")])
        again = await store.append([added("T3", key="k3"), done("T2", key="k2"), added("T4")])
        assert again.duplicate
        assert [(event.key, event.type) for event in again.events] == [("k2", "todo.added.v1")]
        assert len(await store.read(ALL)) == 2

    async def test_a_key_twice_in_one_append_is_a_bug(self, store: Store) -> None:
        """Two events of one append cannot carry the same key."""
        with pytest.raises(BugError, match="same key"):
            await store.append([added("T1", key="k"), added("T2", key="k")])
        assert await store.read(ALL) == []

    async def test_one_of_many_wins_each_version(self, store: Store) -> None:
        """Of fifty appends at the same version exactly one is stored, five times over."""
        for version in range(5):
            outcomes = await asyncio.gather(
                *(store.append([on("s"), on(f"o{n}")], expect={"s": version}) for n in range(50)),
                return_exceptions=True,
            )
            lost = [found for found in outcomes if isinstance(found, VersionConflictError)]
            assert len(lost) == 49
        events = await store.read(ALL)
        assert [event.position for event in events] == list(range(1, 11))
        assert (await store.verify()).problem is None

    async def test_one_of_many_stores_a_key(self, store: Store) -> None:
        """Of fifty appends with one key one is stored, and all the others return its event."""
        outcomes = await asyncio.gather(
            *(store.append([on("s"), done(key="k")]) for _ in range(50))
        )
        assert [outcome.duplicate for outcome in outcomes].count(False) == 1
        assert {outcome.events[-1].id for outcome in outcomes} == {(await store.read(ALL))[1].id}

    async def test_a_refused_append_harms_no_neighbour(self, store: Store) -> None:
        """Appends that are refused leave no trace among those that are made at the same time."""
        good = [store.append([on(f"g{n}")]) for n in range(20)]
        bad = [store.append([on("x"), on("bad\x00name")]) for _ in range(20)]
        outcomes = await asyncio.gather(*good, *bad, return_exceptions=True)
        assert sum(isinstance(found, BadInputError) for found in outcomes) == 20
        events = await store.read(ALL)
        assert [event.stream for event in events] == [f"g{n}" for n in range(20)]
        assert (await store.verify()).problem is None

    async def test_reading_narrows(self, store: Store, clock: FakeClock) -> None:
        """Each field of a query narrows, the limit cuts, and `after` is exclusive."""
        await store.append([on("a", goal="G1"), done("T2"), on("b", goal="G1")])
        clock.advance(60)
        later = clock.now()
        await store.append([on("a", goal="G2"), on("b")])
        await store.append([on("b", key="k1")])
        queries = {
            EventQuery(stream="a"): [1, 4],
            EventQuery(goal="G1"): [1, 3],
            EventQuery(type="todo.done.v1"): [2],
            EventQuery(after=3): [4, 5, 6],
            EventQuery(since=stamp(later)): [4, 5, 6],
            EventQuery(since="2026-11-02T10:01:00+01:00", stream="a"): [4],
            EventQuery(since="2026-11-02T09:01"): [4, 5, 6],
            EventQuery(stream="nobody's"): [],
            EventQuery(keys=("k1", "k2", "nobody's")): [6],
            EventQuery(keys=("k1",), stream="a"): [],
            EventQuery(streams=("b", "nobody's", "todo:T2")): [2, 3, 5, 6],
            EventQuery(streams=("a", "b"), goal="G2"): [4],
            EventQuery(streams=("nobody's", "x" * 600)): [],
            EventQuery(places=(("a", 2), ("b", 1), ("b", 9))): [3, 4],
            EventQuery(places=(("a", 2), ("b", 1)), after=3): [4],
            EventQuery(places=(("x" * 600, 1),)): [],
        }
        for query, positions in queries.items():
            assert [event.position for event in await store.read(query)] == positions, query
        assert [event.position for event in await store.read(ALL, limit=2)] == [1, 2]

    async def test_a_time_that_is_none_is_refused(self, store: Store) -> None:
        """Reading since something that is no time says how to write one."""
        await store.append([on("a")])
        with pytest.raises(BadInputError, match="'yesterday' is no time"):
            await store.read(EventQuery(since="yesterday"))

    async def test_text_is_kept_apart_and_filled_in(self, store: Store) -> None:
        """Events refer to erasable text; `inflated` fills it in and decoding gives it."""
        (event,) = (await store.append([added("T1")])).events
        assert event.payload["title"].keys() == {"ref", "sha256"}
        (full,) = await store.inflated([event])
        payload = decode(full)
        assert isinstance(payload, TodoAdded)
        assert payload.title.text == "title of T1"
        assert await store.inflated([]) == ()
        assert await store.values([]) == {}

    async def test_erased_text_is_gone_and_the_chain_holds(self, store: Store) -> None:
        """Erasing counts what there was, takes it away for good, and breaks no chain."""
        sealed = Erasable.of("a secret")
        learned = NewEvent(stream="f", payload=FactLearned(fact="F1", text=sealed, by="me"))
        events = (await store.append([learned, added()])).events
        assert await store.values([sealed.ref, "nothing"]) == {sealed.ref: "a secret"}
        assert await store.erase([sealed.ref, "nothing"]) == 1
        assert await store.erase([sealed.ref]) == 0
        payload = decode((await store.inflated(events))[0])
        assert isinstance(payload, FactLearned)
        assert payload.text.text == "[erased]"
        await store.append([learned])
        assert await store.values([sealed.ref]) == {}
        report = await store.verify()
        assert (report.problem, report.events, report.erased) == (None, 3, 1)

    async def test_one_text_in_two_events(self, store: Store) -> None:
        """The same sealed text may stand in several events, of one append and of two."""
        sealed = Erasable.of("twice")
        facts = [
            NewEvent(stream=name, payload=FactLearned(fact=name, text=sealed, by="me"))
            for name in "abc"
        ]
        await store.append(facts[:2])
        await store.append(facts[2:])
        assert await store.values([sealed.ref]) == {sealed.ref: "twice"}
        assert (await store.verify()).problem is None

    @pytest.mark.parametrize(
        "text",
        [NASTY, "x" * 1_000_000, "ü😀" * 100_000, ""],
        ids=["nasty", "large", "wide", "none"],
    )
    async def test_any_text_survives(self, store: Store, text: str) -> None:
        """Text comes back as it was, in the payload and apart from it, and the chain verifies."""
        sealed = Erasable.of({text: [text]})
        learned = NewEvent(
            stream="f", payload=FactLearned(fact="F", text=sealed, by=text), actor="me"
        )
        await store.append([learned])
        (event,) = await store.read(ALL)
        assert event.payload["by"] == text
        assert await store.values([sealed.ref]) == {sealed.ref: {text: [text]}}
        assert (await store.verify()).problem is None

    @pytest.mark.parametrize(
        "name", ["nul\x00", "half\ud800", "long" * 1000], ids=["nul", "half", "long"]
    )
    async def test_names_that_cannot_be_stored_are_refused(self, store: Store, name: str) -> None:
        """Streams, keys and the like are refused when some database could not hold them."""
        with pytest.raises(BadInputError, match="stream"):
            await store.append([on(name)])
        with pytest.raises(BadInputError, match="key"):
            await store.append([done(key=name)])
        with pytest.raises(BadInputError, match="stream"):
            await store.append([done()], expect={name: 0})
        assert await store.read(ALL) == []

    @pytest.mark.parametrize("name", ["nul\x00", "half\ud800", "long" * 1000], ids=["n", "h", "l"])
    async def test_names_that_cannot_be_stored_are_not_found(self, store: Store, name: str) -> None:
        """Asking for a name that nothing can have finds nothing."""
        await store.append([added()])
        assert await store.read(EventQuery(stream=name, goal=name, type=name)) == []
        assert await store.version(name) == 0
        assert await store.values([name]) == {}
        assert await store.erase([name]) == 0
        assert await store.get("board", name) is None
        assert await store.find(RowQuery("board", group=name)) == []

    async def test_values_that_are_not_json_are_refused(self, store: Store) -> None:
        """A payload with a number that JSON has no form for is refused in one sentence."""
        payload = TaskFinished(task="t1", agent="a", output=Erasable.of(1), confidence=float("nan"))
        with pytest.raises(BadInputError, match="not JSON"):
            await store.append([NewEvent(stream="s", payload=payload)])
        assert await store.read(ALL) == []

    async def test_old_payloads_are_decoded_as_new_ones(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An event of an old type is decoded, and folded, as the newest form of it."""
        monkeypatch.setitem(UPCASTERS, "todo.reopened.v1", lambda old: ("todo.done.v1", old))
        await store.append([added(), reopened()])
        assert isinstance(decode((await store.read(ALL))[1]), TodoDone)
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "done"
