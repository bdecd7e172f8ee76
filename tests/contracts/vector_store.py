"""What every store of vectors keeps to; a test module subclasses this and gives the fixture."""

from array import array
from math import cos, sin

import pytest

from core.ports.vector_store import VectorStore

HERE = "facts-0123456789ab"
MANY = 1_200
"""More than one request takes."""


def vec(angle: float) -> "array[float]":
    """Return a vector of length 1."""
    return array("f", [cos(angle), sin(angle)])


class VectorStoreContract:
    """`store` is the store under test, empty."""

    async def test_an_unknown_collection_is_empty(self, store: VectorStore) -> None:
        """Nothing is near, nothing is counted, and taking away from it is no error."""
        assert await store.nearest(HERE, vec(0), 3) == []
        assert await store.count(HERE) == 0
        await store.remove(HERE, ["a"])
        await store.drop(HERE)
        assert await store.count(HERE) == 0

    async def test_the_nearest_come_first(self, store: VectorStore) -> None:
        """With their cosines; fewer than asked for where there are no more."""
        await store.put(HERE, ["far", "near", "at"], [vec(1.5), vec(0.5), vec(0)])
        found = await store.nearest(HERE, vec(0), 2)
        assert [one.id for one in found] == ["at", "near"]
        assert [one.cosine for one in found] == pytest.approx([1, cos(0.5)], abs=1e-4)
        assert [one.id for one in await store.nearest(HERE, vec(1.5), 9)] == ["far", "near", "at"]

    async def test_a_put_vector_is_replaced(self, store: VectorStore) -> None:
        """The newest vector of an id counts."""
        await store.put(HERE, ["a", "b"], [vec(0), vec(1)])
        await store.put(HERE, ["a"], [vec(3)])
        assert await store.count(HERE) == 2
        assert [one.id for one in await store.nearest(HERE, vec(0), 2)] == ["b", "a"]

    async def test_what_is_removed_is_not_found(self, store: VectorStore) -> None:
        """Ids that are not there are passed over."""
        await store.put(HERE, ["a", "b"], [vec(0), vec(1)])
        await store.remove(HERE, ["a", "never"])
        assert await store.count(HERE) == 1
        assert [one.id for one in await store.nearest(HERE, vec(0), 2)] == ["b"]
        await store.remove(HERE, [])
        assert await store.count(HERE) == 1

    async def test_collections_stand_apart(self, store: VectorStore) -> None:
        """One is dropped without the other losing any, and can be filled again."""
        await store.put(HERE, ["a"], [vec(0)])
        await store.put("talk-0123456789ab", ["a"], [vec(1)])
        await store.drop(HERE)
        assert (await store.count(HERE), await store.count("talk-0123456789ab")) == (0, 1)
        await store.put(HERE, ["b"], [vec(2)])
        assert [one.id for one in await store.nearest(HERE, vec(0), 2)] == ["b"]

    async def test_many_at_once(self, store: VectorStore) -> None:
        """As many as there are are put, found and removed, also above one request's size."""
        names = [f"F{number}" for number in range(MANY)]
        await store.put(HERE, names, [vec(number / MANY) for number in range(MANY)])
        assert await store.count(HERE) == MANY
        assert (await store.nearest(HERE, vec(0.5), 1))[0].id == f"F{MANY // 2}"
        await store.remove(HERE, names[1:])
        assert await store.count(HERE) == 1

    async def test_an_empty_put_is_nothing(self, store: VectorStore) -> None:
        """No ids make no collection and no error."""
        await store.put(HERE, [], [])
        assert await store.count(HERE) == 0
