"""The index of what was learned: words, vectors and neighbours, made from the log."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found: a fact, or what was said.

    `source` is the talk or document it stands in and `part` its place in there; `about` is
    "subject|relation" where known; `outside` tells that it is derived from outside text; `label` is
    what the program calls it that handed it in.
    """

    id: str
    text: str
    kind: str = "note"
    speaker: str | None = None
    at: datetime | None = None
    source: str | None = None
    part: int | None = None
    outside: bool = False
    project: str | None = None
    about: str | None = None
    valid_until: datetime | None = None
    label: str | None = None

    @property
    def called(self) -> str:
        """What a search answers as its id: the label where it has one."""
        return self.label or self.id


class Placed(NamedTuple):
    """An entry with its number in the index and the stems of its words, in order."""

    number: int
    entry: Entry
    stems: Sequence[str] = ()


class Match(NamedTuple):
    """How well the words of an entry fit; higher is better."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What a piece of the log does to the index; `position` is the last event of it."""

    position: int
    put: Sequence[Entry] = ()
    removed: Sequence[str] = ()
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is: entries, those with a vector of the space, those the store has."""

    entries: int
    embedded: int
    stored: int
    position: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many entries there are and hold each stem, how long they are, who said something."""

    entries: int
    holding: Mapping[str, int]
    mean_length: float
    speakers: frozenset[str]


class FactIndex(Protocol):
    """One scope's index. What it holds is never older than `position` says.

    Every method raises FactIndexError where it cannot be used now. One that was damaged is empty
    after that, at position 0: whoever asks anything of it looks whether the position went back.
    """

    async def position(self) -> int:
        """Return the position of the last event that is in it."""
        ...

    async def apply(self, changes: Changes, after: int) -> bool:
        """Apply changes when the index is at position `after`; False when it is not.

        Where something was erased, no file holds its words any more when this returns.
        """
        ...

    async def fill_from(self, log: str) -> None:
        """Note which log it is filled from; one that was filled from another is emptied as `clear`.

        The log that never went backwards has an empty name.
        """
        ...

    async def clear(self) -> None:
        """Empty it, to be filled from the log again; vectors of texts that return are kept."""
        ...

    async def renew(self) -> None:
        """Make it anew, empty, because it is damaged: vectors are not kept."""
        ...

    async def statistics(self, words: Sequence[str]) -> "Statistics":
        """Return how rare the stems are, and who speaks."""
        ...

    async def match(self, words: Sequence[str], most: int) -> list[Match]:
        """Return the entries that hold any of the stems, best first (BM25)."""
        ...

    async def entries(
        self, numbers: Sequence[int], beside: Sequence[int] = (), reach: int = 0
    ) -> list[Placed]:
        """Return entries by number; of those in `beside` also up to `reach` neighbours each way."""
        ...

    async def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the numbers of entries by id, of those that are there."""
        ...

    async def about(self, about: str) -> list[Placed]:
        """Return the entries with this subject and relation."""
        ...

    async def same_text(self, text: str) -> list[Placed]:
        """Return the entries with this text, case, spacing and closing marks aside."""
        ...

    async def unembedded(self, space: str, most: int, after: int = 0) -> list[Placed]:
        """Return entries behind a number that have no vector of the space, oldest first."""
        ...

    async def embed(self, space: str, vectors: Sequence[tuple[int, "array[float]"]]) -> None:
        """Keep vectors of entries by number."""
        ...

    async def nearest(self, space: str, vector: "array[float]", most: int) -> list[Match]:
        """Return the entries nearest to a vector, every one compared."""
        ...

    async def cosines(
        self, space: str, numbers: Sequence[int], vectors: Sequence["array[float]"]
    ) -> list[list[float]]:
        """Return for each vector its cosine with each entry; 0 for one without a vector."""
        ...

    async def unstored(self, space: str, most: int) -> list[tuple[int, str, "array[float]"]]:
        """Return entries whose vector the vector store does not have yet: number, id, vector."""
        ...

    async def gone(self, most: int) -> list[str]:
        """Return ids that the vector store may still have and must not."""
        ...

    async def mark_stored(self, numbers: Sequence[int], gone: Sequence[str] = ()) -> None:
        """Note what the vector store has by now, and what it has no more."""
        ...

    async def restore(self) -> None:
        """Note that the vector store has nothing."""
        ...

    async def extent(self, space: str) -> Extent:
        """Return how much there is."""
        ...

    async def spaces(self) -> dict[str, int]:
        """Return the spaces there are vectors of, with how many."""
        ...

    async def leave(self, space: str) -> None:
        """Take away the vectors of a space."""
        ...

    async def close(self) -> None:
        """Let go of the file."""
        ...
