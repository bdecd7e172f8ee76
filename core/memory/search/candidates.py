"""What may answer a question: what fits by words, what fits by meaning, and what stands beside."""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.memory.search.question import Question
from core.ports.fact_index import FactIndex, Match, Placed, Statistics

BY_WORDS, BY_MEANING = 80, 80
"""How many are looked at for their words, and for their meaning; more where more are wanted."""
POOL = 100
"""How many of them are weighed."""
CORE = 15
"""Whose neighbours are looked at, too."""
REACH = 2
RANK = 20
"""How little the first ranks of a list differ, when lists are fused."""

Nearest = Callable[["array[float]", int], Awaitable[Sequence[Match]]]


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates, how rare the question's words are, and how near each is to the question."""

    question: Question
    placed: dict[int, Placed]
    statistics: Statistics
    dense: dict[int, float]


async def gather(
    index: FactIndex,
    space: str,
    nearest: Nearest,
    question: Question,
    asked: Awaitable["array[float] | None"],
    most: int = 0,
) -> Pool:
    """Return what may answer; where no vector is `asked`, only words count. Raises StorageError.

    The question becomes a vector while the words are looked up.
    """
    by_words, statistics, vector = await asyncio.gather(
        index.match(question.words, max(BY_WORDS, most)), index.statistics(question.words), asked
    )
    by_meaning = [] if vector is None else await nearest(vector, max(BY_MEANING, most))
    ranked = _fused(by_words, by_meaning)[: max(POOL, most)]
    found = await index.entries(ranked, ranked[:CORE], REACH)
    placed = {one.number: one for one in found}
    dense: dict[int, float] = {}
    if vector is not None:
        (cosines,) = await index.cosines(space, list(placed), [vector])
        dense = dict(zip(placed, cosines, strict=True))
    return Pool(question, placed, statistics, dense)


def _fused(*lists: Sequence[Match]) -> list[int]:
    """Return all numbers, best first by the sum of their reciprocal ranks."""
    scores: dict[int, float] = {}
    for matches in lists:
        for rank, match in enumerate(matches):
            scores[match.number] = scores.get(match.number, 0.0) + 1.0 / (RANK + rank)
    return sorted(scores, key=lambda number: (-scores[number], number))
