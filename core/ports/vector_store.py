"""An index of vectors by nearness; it holds ids and vectors, no text, and can be made again."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Near(NamedTuple):
    """A vector's id and how near it is: the cosine, -1 to 1."""

    id: str
    cosine: float


class VectorStore(Protocol):
    """Collections of vectors, one per scope and space. Every method may raise VectorStoreError."""

    async def put(
        self, collection: str, ids: Sequence[str], vectors: Sequence["array[float]"]
    ) -> None:
        """Store vectors under their ids; one that is there is replaced."""
        ...

    async def nearest(self, collection: str, vector: "array[float]", most: int) -> list[Near]:
        """Return up to `most` of the nearest vectors, nearest first; none for no collection."""
        ...

    async def remove(self, collection: str, ids: Sequence[str]) -> None:
        """Take vectors away; ids that are not there are passed over."""
        ...

    async def count(self, collection: str) -> int:
        """Return how many vectors there are; 0 for no collection."""
        ...

    async def drop(self, collection: str) -> None:
        """Take a collection away with all that is in it."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
