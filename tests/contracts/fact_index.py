"""What every index of facts keeps to; a test module subclasses this and gives the fixture."""

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.memory.search.words import stems
from core.ports.fact_index import Changes, Entry, FactIndex, Placed

SPACE = "space-a"
HARD = "Die Größe des Cafés in Łódź — «naïve» 東京 \ud800 half, \x00 and 😀"
"""Letters with marks, of other scripts, half a character and a zero byte."""


def vec(*values: float) -> "array[float]":
    """Return a vector; callers pass values whose squares sum up to 1."""
    return array("f", values)


def fact(name: str, text: str = "", **more: object) -> Entry:
    """Return an entry whose id and text are the name unless said otherwise."""
    return replace(Entry(id=name, text=text or name), **more)  # type: ignore[arg-type]


async def fill(index: FactIndex, *entries: Entry, removed: Sequence[str] = ()) -> dict[str, int]:
    """Apply one more position; return the numbers of the entries by id."""
    at = await index.position()
    assert await index.apply(Changes(at + 1, entries, removed), at)
    return await index.numbers([entry.id for entry in entries])


async def one_of(index: FactIndex, name: str) -> Placed:
    """Return an entry by its id."""
    (found,) = await index.entries(list((await index.numbers([name])).values()))
    return found


class FactIndexContract:
    """`index` is the index under test, empty."""

    async def test_changes_apply_at_their_position_only(self, index: FactIndex) -> None:
        """What follows another position is refused and changes nothing."""
        assert await index.position() == 0
        assert await index.apply(Changes(7, (fact("one"),)), 0)
        assert await index.position() == 7
        assert not await index.apply(Changes(9, (fact("two"),), ("one",)), 0)
        assert not await index.apply(Changes(9, (fact("two"),), ("one",)), 8)
        assert await index.position() == 7
        assert list(await index.numbers(["one", "two"])) == ["one"]
        assert await index.apply(Changes(9, (), ("one", "never there")), 7)
        assert await index.numbers(["one"]) == {}
        assert (await index.extent(SPACE)).entries == 0

    async def test_what_was_filled_from_another_log_is_emptied(self, index: FactIndex) -> None:
        """Once, however often it is said which log it is; the store is told what is gone."""
        await index.fill_from("")
        assert await index.apply(Changes(7, (fact("one"),)), 0)
        await index.fill_from("")
        assert await index.position() == 7
        await index.fill_from("another")
        assert (await index.position(), await index.numbers(["one"])) == (0, {})
        assert await index.gone(9) == ["one"]
        assert await index.apply(Changes(3, (fact("two"),)), 0)
        await index.fill_from("another")
        assert await index.position() == 3

    async def test_a_long_text_is_found_by_its_last_word(self, index: FactIndex) -> None:
        """However long it is, no word of it is left out."""
        long = " ".join(f"word{number}" for number in range(6000)) + " aubergine"
        numbers = await fill(index, fact("long", long), fact("short", "nothing else"))
        found = await index.match(stems("aubergine"), 10)
        assert [one.number for one in found] == [numbers["long"]]

    async def test_every_field_comes_back(self, index: FactIndex) -> None:
        """An entry is read as it was put, with the stems of its words in order."""
        whole = Entry(
            id="F1",
            text="Bob likes green tea",
            kind="preference",
            speaker="Ada",
            at=datetime(2026, 5, 3, 10, tzinfo=UTC),
            source="talk:1",
            part=4,
            outside=True,
            project="house",
            about="Bob|likes",
            valid_until=datetime(2027, 1, 1, tzinfo=UTC),
            label="their name",
        )
        await fill(index, whole, fact("F2", "plain"))
        found = await one_of(index, "F1")
        assert found.entry == whole
        assert list(found.stems) == stems(whole.text)
        assert (await one_of(index, "F2")).entry == Entry(id="F2", text="plain")

    async def test_a_put_id_is_replaced(self, index: FactIndex) -> None:
        """The newest text of an id counts, under a new number, for its words too."""
        old = (await fill(index, fact("F1", "a zebra")))["F1"]
        new = (await fill(index, fact("F1", "an otter")))["F1"]
        assert new > old
        assert await index.entries([old]) == []
        assert await index.match(stems("zebra"), 5) == []
        assert [m.number for m in await index.match(stems("otter"), 5)] == [new]

    async def test_neighbours_stand_in_the_same_source(self, index: FactIndex) -> None:
        """Up to `reach` parts each way, of those in `beside` only; one that is gone has none."""
        parts = [fact(f"a{n}", source="a", part=n) for n in range(7)]
        other = [fact("b3", source="b", part=3), fact("lone"), fact("lone2")]
        at = await fill(index, *parts, *other)

        async def names(numbers: list[int], beside: list[int], reach: int) -> set[str]:
            return {one.entry.id for one in await index.entries(numbers, beside, reach)}

        assert await names([at["a3"]], [], 2) == {"a3"}
        assert await names([at["a3"]], [at["a3"]], 0) == {"a3"}
        assert await names([at["a3"], at["a0"]], [at["a3"]], 1) == {"a0", "a2", "a3", "a4"}
        assert await names([at["a0"]], [at["a0"]], 2) == {"a0", "a1", "a2"}
        assert await names([at["lone"]], [at["lone"]], 2) == {"lone"}
        assert await names([999], [999], 2) == set()
        assert await names([], [], 2) == set()

    async def test_who_holds_more_of_the_words_comes_first(self, index: FactIndex) -> None:
        """Any of the words is enough; no word or an unknown one matches nothing."""
        at = await fill(
            index, fact("tea"), fact("green tea leaves", "green tea"), fact("coal", "black coal")
        )
        found = await index.match(stems("green tea"), 5)
        assert [match.number for match in found] == [at["green tea leaves"], at["tea"]]
        assert found[0].score > found[1].score > 0
        assert len(await index.match(stems("green tea"), 1)) == 1
        assert await index.match((), 5) == []
        assert await index.match(["xylophon"], 5) == []

    async def test_words_of_any_script_are_found(self, index: FactIndex) -> None:
        """Each stem of a text finds it, however it is written; words are no search syntax."""
        at = await fill(index, fact("hard", HARD), fact("not", 'AND OR NEAR "quoted" stems:x*'))
        for word in stems(HARD):
            assert [m.number for m in await index.match([word], 5)] == [at["hard"]], word
        for word in stems("near quoted"):
            assert [m.number for m in await index.match([word], 5)] == [at["not"]], word
        found = await one_of(index, "hard")
        assert found.entry.text.replace("\ufffd", "\ud800") == HARD

    async def test_about_and_same_text(self, index: FactIndex) -> None:
        """The same subject and relation; the same text but for case, spacing and closing marks."""
        await fill(
            index,
            fact("F1", "Bob likes  tea.", about="Bob|likes"),
            fact("F2", "bob likes tea", about="Bob|likes"),
            fact("F3", "Bob likes teas", about="Bob|drinks"),
        )
        assert [one.entry.id for one in await index.about("Bob|likes")] == ["F1", "F2"]
        assert await index.about("Eve|likes") == []
        same = await index.same_text("  Bob LIKES\ntea! ")
        assert [one.entry.id for one in same] == ["F1", "F2"]
        assert await index.same_text("tea") == []

    async def test_vectors_are_compared(self, index: FactIndex) -> None:
        """Nearest first, at most as many as asked for; cosines are 0 without a vector."""
        at = await fill(index, fact("x"), fact("y"), fact("xy"), fact("none"))
        rows = {"x": vec(1, 0), "y": vec(0, 1), "xy": vec(0.6, 0.8)}
        await index.embed(SPACE, [(at[name], row) for name, row in rows.items()])
        found = await index.nearest(SPACE, vec(1, 0), 2)
        assert [match.number for match in found] == [at["x"], at["xy"]]
        assert [match.score for match in found] == pytest.approx([1.0, 0.6], abs=1e-3)
        got = await index.cosines(SPACE, [at["none"], at["xy"], 999], [vec(1, 0), vec(0, 1)])
        assert got[0] == pytest.approx([0, 0.6, 0], abs=1e-3)
        assert got[1] == pytest.approx([0, 0.8, 0], abs=1e-3)
        assert await index.cosines(SPACE, [at["x"]], []) == []
        assert await index.cosines("other", [at["x"]], [vec(1, 0)]) == [[0.0]]
        assert await index.nearest("other", vec(1, 0), 2) == []

    async def test_nearest_follows_every_change(self, index: FactIndex) -> None:
        """Vectors added behind, added in between, replaced and removed are seen at once."""
        at = await fill(index, fact("a"), fact("b"), fact("c"))
        await index.embed(SPACE, [(at["a"], vec(1, 0)), (at["c"], vec(0.8, 0.6))])

        async def order() -> list[int]:
            return [match.number for match in await index.nearest(SPACE, vec(1, 0), 9)]

        assert await order() == [at["a"], at["c"]]
        await fill(index, removed=["a"])
        await index.embed(SPACE, [(at["b"], vec(0.6, 0.8))])
        assert await order() == [at["c"], at["b"]]
        at |= await fill(index, fact("d"))
        await index.embed(SPACE, [(at["d"], vec(1, 0))])
        assert await order() == [at["d"], at["c"], at["b"]]
        await index.embed(SPACE, [(at["d"], vec(0, 1))])
        assert await order() == [at["c"], at["b"], at["d"]]

    async def test_what_lacks_a_vector_is_told(self, index: FactIndex) -> None:
        """Oldest first, behind a number, per space; a vector for nobody is not kept."""
        at = await fill(index, fact("a"), fact("b"), fact("c"))
        await index.embed(SPACE, [(at["b"], vec(1, 0)), (999, vec(1, 0))])

        async def names(space: str, most: int, after: int = 0) -> list[str]:
            return [one.entry.id for one in await index.unembedded(space, most, after)]

        assert await names(SPACE, 9) == ["a", "c"]
        assert await names(SPACE, 1) == ["a"]
        assert await names(SPACE, 9, at["a"]) == ["c"]
        assert await names("other", 9) == ["a", "b", "c"]
        extent = await index.extent(SPACE)
        assert (extent.entries, extent.embedded, extent.stored, extent.position) == (3, 1, 0, 1)

    async def test_what_the_store_lacks_is_told(self, index: FactIndex) -> None:
        """Until it is marked; what is removed or replaced is gone from the store until marked."""
        at = await fill(index, fact("a"), fact("b"))
        await index.embed(SPACE, [(at["a"], vec(1, 0)), (at["b"], vec(0, 1))])
        found = await index.unstored(SPACE, 9)
        assert [(number, name) for number, name, _ in found] == [(at["a"], "a"), (at["b"], "b")]
        assert list(found[0][2]) == [1, 0]
        assert len(await index.unstored(SPACE, 1)) == 1
        await index.mark_stored([at["a"], at["b"]])
        assert await index.unstored(SPACE, 9) == []
        assert (await index.extent(SPACE)).stored == 2
        await fill(index, removed=["a", "b"])
        assert set(await index.gone(9)) == {"a", "b"}
        assert (await index.extent(SPACE)).stored == 0
        await fill(index, fact("b"))
        assert await index.gone(9) == ["a"]
        await index.mark_stored((), ["a"])
        assert await index.gone(9) == []

    async def test_a_store_that_lost_all_gets_all(self, index: FactIndex) -> None:
        """After `restore` every vector is unstored, and nothing has to be taken away."""
        at = await fill(index, fact("a"), fact("b"))
        await index.embed(SPACE, [(at["a"], vec(1, 0))])
        await index.mark_stored([at["a"]])
        await fill(index, removed=["b"])
        await index.restore()
        assert await index.gone(9) == []
        assert [name for _, name, _ in await index.unstored(SPACE, 9)] == ["a"]
        assert (await index.extent(SPACE)).stored == 0

    async def test_spaces_stand_apart(self, index: FactIndex) -> None:
        """Vectors of one space are left without the other losing any, nor what is stored of it."""
        at = await fill(index, fact("a"), fact("b"))
        await index.embed(SPACE, [(at["a"], vec(1, 0)), (at["b"], vec(0, 1))])
        await index.mark_stored([at["a"], at["b"]])
        await index.embed("new", [(at["a"], vec(0, 1))])
        assert await index.spaces() == {SPACE: 2, "new": 1}
        assert [name for _, name, _ in await index.unstored("new", 9)] == ["a"]
        await index.leave(SPACE)
        assert await index.spaces() == {"new": 1}
        assert await index.nearest(SPACE, vec(1, 0), 9) == []
        assert [match.number for match in await index.nearest("new", vec(0, 1), 9)] == [at["a"]]

    async def test_clearing_keeps_the_vectors_of_what_returns(self, index: FactIndex) -> None:
        """After `clear` nothing is found; the same text has its vector again, another has none."""
        at = await fill(index, fact("same", "a zebra"), fact("other", "an otter"), fact("never"))
        await index.embed(SPACE, [(number, vec(0.6, 0.8)) for number in at.values()])
        await index.mark_stored(list(at.values()))
        await index.clear()
        assert (await index.position(), (await index.extent(SPACE)).entries) == (0, 0)
        assert await index.match(stems("zebra"), 5) == []
        assert await index.nearest(SPACE, vec(1, 0), 9) == []
        assert (await index.statistics(())).speakers == frozenset()
        at = await fill(index, fact("same", "a zebra"), fact("other", "a beaver"))
        assert [m.number for m in await index.nearest(SPACE, vec(0.6, 0.8), 9)] == [at["same"]]
        assert [one.entry.id for one in await index.unembedded(SPACE, 9)] == ["other"]
        assert [name for _, name, _ in await index.unstored(SPACE, 9)] == ["same"]
        assert await index.gone(9) == ["never"]

    async def test_statistics_follow_every_change(self, index: FactIndex) -> None:
        """How many hold a stem, how long entries are, and who speaks."""
        ada = fact("F1", "green tea tea", speaker="Ada")
        await fill(index, ada, fact("F2", "black tea", speaker="Bob"), fact("F3", "coal"))
        known = await index.statistics(stems("tea coal zebra"))
        assert known.entries == 3
        assert {word: n for word, n in known.holding.items() if n} == {"tea": 2, "coal": 1}
        assert known.mean_length == pytest.approx(2)
        assert known.speakers == {"Ada", "Bob"}
        await fill(index, fact("F1", "green", speaker="Eve"), removed=["F3"])
        known = await index.statistics(stems("tea coal"))
        assert known.entries == 2
        assert known.mean_length == pytest.approx(1.5)
        assert {word: n for word, n in known.holding.items() if n} == {"tea": 1}
        assert known.speakers == {"Bob", "Eve"}
        await fill(index, removed=["F1", "F2"])
        assert (await index.statistics(())).mean_length == 0
