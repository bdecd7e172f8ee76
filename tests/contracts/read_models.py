"""The contract of the port ReadModels, and of folding in the transaction of the append."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pytest

from adapters.inmemory.clock import START, FakeClock
from core.domain.errors import BugError
from core.domain.events import Event
from core.ports.read_models import Drop, Get, Projection, Row, RowQuery
from tests.contracts.stores import BOARD, Store, StoreContract, added, done, removed, reopened


class Grudging:
    """A projection that fails on a reopened to-do, after it has written a row."""

    name = "grudging"
    handles = frozenset({"todo.reopened.v1", "todo.done.v1"})

    def fold(self, event: Event, get: Get) -> Iterable[Row | Drop]:
        """Fold one event."""
        yield Row(event.payload["todo"], {"position": event.position})
        if event.type == "todo.reopened.v1":
            message = "never again"
            raise BugError(message)


PROJECTIONS: Sequence[Projection] = (BOARD, Grudging())


class ReadModelsContract(StoreContract):
    """Implementations subclass it and give the fixture `store` over PROJECTIONS."""

    projections = PROJECTIONS

    async def keys(self, store: Store, query: RowQuery, limit: int = 100) -> list[str]:
        """Return the keys that a query finds, without the counters."""
        rows = await store.find(query, limit=limit)
        return [row.key for row in rows if not row.key.startswith("#")]

    async def test_rows_are_there_when_the_append_returns(self, store: Store) -> None:
        """A row is never older than the last append that returned."""
        assert await store.get("board", "T1") is None
        (event,) = (await store.append([added("T1", project="p")])).events
        expected = Row("T1", {"title": event.payload["title"]}, "p", "open", START)
        assert await store.get("board", "T1") == expected
        await store.append([done("T1")])
        expected = Row("T1", {"title": event.payload["title"]}, "p", "done", None)
        assert await store.get("board", "T1") == expected
        await store.append([removed("T1")])
        assert await store.get("board", "T1") is None

    async def test_a_fold_sees_its_own_rows_of_the_same_append(self, store: Store) -> None:
        """Within one append each event is folded over what the ones before it wrote."""
        await store.append([added("T1"), added("T2"), done("T1"), removed("T2")])
        row = await store.get("board", "T1")
        assert row is not None
        assert row.state == "done"
        assert await store.get("board", "T2") is None
        count = await store.get("board", "#None")
        assert count == Row("#None", {"count": 2})

    async def test_rows_and_events_are_one(self, store: Store) -> None:
        """An append whose fold fails leaves neither events nor rows, and the next one works."""
        with pytest.raises(BugError, match="never again"):
            await store.append([added("T1"), done("T1"), reopened("T1")])
        assert (await store.head())[0] == 0
        assert await store.get("board", "T1") is None
        assert await store.get("grudging", "T1") is None
        await store.append([done("T2")])
        assert await store.get("grudging", "T2") == Row("T2", {"position": 1})

    async def test_projections_do_not_see_each_other(self, store: Store) -> None:
        """Two projections may use the same key."""
        await store.append([added("T1"), done("T1")])
        board, grudging = await store.get("board", "T1"), await store.get("grudging", "T1")
        assert board != grudging
        assert await store.get("nobody", "T1") is None

    async def test_finding_narrows(self, store: Store, clock: FakeClock) -> None:
        """Group, states and due time narrow a query, and so they do together."""
        await store.append([added("T1", project="p"), added("T2", project="q"), done("T2")])
        clock.advance(60)
        await store.append([added("T3", project="p")])
        board = "board"
        cases = {
            RowQuery(board): ["T1", "T2", "T3"],
            RowQuery(board, group="p"): ["T1", "T3"],
            RowQuery(board, states=frozenset({"done"})): ["T2"],
            RowQuery(board, states=frozenset({"open", "done"})): ["T1", "T2", "T3"],
            RowQuery(board, group="q", states=frozenset({"open"})): [],
            RowQuery(board, due_by=START): ["T1"],
            RowQuery(board, due_by=START + timedelta(seconds=59.999999)): ["T1"],
            RowQuery(board, due_by=clock.now()): ["T1", "T3"],
            RowQuery("nobody"): [],
        }
        for query, keys in cases.items():
            assert await self.keys(store, query) == keys, query
            assert len(await store.find(query)) == await store.count(query)
        assert await self.keys(store, RowQuery(board, group="p"), limit=1) == ["T1"]

    async def test_order(self, store: Store, clock: FakeClock) -> None:
        """Rows come by key, due time or last write, either way; those without a time last."""
        for name in ("T2", "T10", "T1"):
            await store.append([added(name)])
            clock.advance(1)
        await store.append([done("T10")])
        cases = {
            ("key", False): ["T1", "T10", "T2"],
            ("key", True): ["T2", "T10", "T1"],
            ("due", False): ["T2", "T1", "T10"],
            ("due", True): ["T1", "T2", "T10"],
            ("written", False): ["T2", "T1", "T10"],
            ("written", True): ["T10", "T1", "T2"],
        }
        for (order, newest_first), keys in cases.items():
            query = RowQuery("board", order=order, newest_first=newest_first)
            assert await self.keys(store, query) == keys, (order, newest_first)
        due = RowQuery("board", order="due", due_by=clock.now())
        assert await self.keys(store, due) == ["T2", "T1"]

    async def test_an_unknown_order_is_a_bug(self, store: Store) -> None:
        """Rows cannot be ordered by what they have not."""
        await store.append([added()])
        with pytest.raises(BugError, match="'size'"):
            await store.find(RowQuery("board", order="size"))

    async def test_order_is_by_code_point(self, store: Store) -> None:
        """Keys are ordered alike everywhere: by code point, whatever the language of a server."""
        names = ["b", "B", "ä", "a", "Z", "_", "1", "😀", "ﬀ"]
        await store.append([added(name) for name in names])
        assert await self.keys(store, RowQuery("board")) == sorted(names)

    async def test_groups_are_distinct(self, store: Store) -> None:
        """Groups are named once each, in order, rows without one left out."""
        projects = ("q", "p", "q", None)
        await store.append([added(f"T{n}", project=name) for n, name in enumerate(projects)])
        await store.append([done("T1")])
        assert await store.groups(RowQuery("board")) == ["p", "q"]
        assert await store.groups(RowQuery("board", states=frozenset({"open"}))) == ["q"]

    async def test_the_earliest_due_row(self, store: Store, clock: FakeClock) -> None:
        """The next due row is the earliest, the first by key among equals; None without any."""
        assert await store.next_due("board") is None
        await store.append([added("T2"), added("T1")])
        clock.advance(5)
        await store.append([added("T0")])
        first = await store.next_due("board")
        assert first is not None
        assert (first.key, first.due) == ("T1", START)
        await store.append([done("T1"), done("T2")])
        later = await store.next_due("board")
        assert later is not None
        assert later.due == datetime.fromisoformat("2026-11-02T09:00:05+00:00")

    async def test_all_rows_without_a_limit(self, store: Store) -> None:
        """Without a limit every row comes, more than any number one would think of."""
        for start in range(0, 1200, 400):
            await store.append([added(f"T{number}") for number in range(start, start + 400)])
        query = RowQuery("board", states=frozenset({"open"}))
        assert len(await store.find(query, limit=None)) == 1200
        assert len(await store.find(query)) == 100

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("ab", ["ab", "ab-1", "abz", "ab\u00e9", "ab\U0001f40e"]),
            ("ab-", ["ab-1"]),
            ("AB", ["AB"]),
            ("a%", ["a%b"]),
            ("a_", ["a_b"]),
            ("abzz", []),
            ("a\x00", []),
        ],
    )
    async def test_rows_by_the_beginning_of_their_key(
        self, store: Store, prefix: str, found: list[str]
    ) -> None:
        """A prefix is taken as it is: letters by case, no wildcards; order and limit hold."""
        names = ["ab", "ab-1", "abz", "ab\u00e9", "ab\U0001f40e", "AB", "a%b", "a_b", "ac", "b"]
        await store.append([added(name) for name in names])
        query = RowQuery("board", prefix=prefix)
        assert await self.keys(store, query) == found
        assert await store.count(query) == len(found)
        assert await self.keys(store, query, limit=1) == found[:1]
