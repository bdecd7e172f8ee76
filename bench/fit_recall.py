"""`python -m bench.fit_recall FILE`: how `core/memory/search/weights.py` was fitted.

For every question of the dev half the features of all candidates are written down as recall sees
them. A linear listwise model is fitted to them: the softmax over the candidates of a question
against its evidence, with a penalty on the squares of standardised weights. It is convex, so
Newton's steps find the one best set of weights from any start.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.embedding.onnx import OnnxEmbedder, built_in
from adapters.fts.index import FtsIndex
from bench.conversations import (
    ANSWERED,
    Conversation,
    Scores,
    Turn,
    by_category,
    conversations,
    recall_table,
    scores,
)
from core.memory.index.indexer import embedded_text
from core.memory.search.candidates import gather
from core.memory.search.features import FEATURES, features
from core.memory.search.question import understand
from core.memory.search.weights import WEIGHTS
from core.ports.fact_index import Changes, Entry

PENALTY = 0.01
SETTLED = 1e-7
STEPS = 50
SOME = 64
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A question: its candidates with a line of features each, and what is its evidence."""

    category: int
    evidence: frozenset[str]
    ids: Sequence[str]
    lines: Array

    @property
    def share(self) -> Array:
        """What each candidate should get: an equal share of the evidence, or nothing."""
        held = np.array([float(one in self.evidence) for one in self.ids])
        return np.asarray(held / max(float(held.sum()), 1.0))


@dataclass(frozen=True, slots=True)
class Seen:
    """A conversation with the rows of its questions."""

    lengths: dict[str, int]
    rows: Sequence[Row]


def fitted(seen: Sequence[Seen]) -> Array:
    """Return the weights that fit the evidence of these conversations best."""
    rows = [row for one in seen for row in one.rows if row.category in ANSWERED and row.share.any()]
    deviation = np.vstack([row.lines for row in rows]).std(axis=0) + 1e-9
    lines = [row.lines / deviation for row in rows]
    shares = [row.share for row in rows]
    weights = np.zeros(len(FEATURES))
    loss, gradient, curve = _loss(lines, shares, weights)
    for _ in range(STEPS):
        step = np.linalg.solve(curve, gradient)
        size = 1.0
        while (tried := _loss(lines, shares, weights - size * step))[0] > loss and size > SETTLED:
            size /= 2
        weights = weights - size * step
        settled = loss - tried[0] < SETTLED
        loss, gradient, curve = tried
        if settled:
            break
    return np.asarray(weights / deviation)


def _loss(
    lines: Sequence[Array], shares: Sequence[Array], weights: Array
) -> tuple[float, Array, Array]:
    """Return the cross-entropy with the penalty, its gradient and its second derivative."""
    loss = PENALTY * float(weights @ weights)
    gradient = 2 * PENALTY * weights
    curve = 2 * PENALTY * np.eye(len(weights))
    for line, share in zip(lines, shares, strict=True):
        score = line @ weights
        score -= score.max()
        likely = np.exp(score)
        likely /= likely.sum()
        mean = likely @ line
        loss -= float(share @ np.log(likely + 1e-300)) / len(lines)
        gradient = gradient + (mean - share @ line) / len(lines)
        spread = (line * likely[:, np.newaxis]).T @ line - np.outer(mean, mean)
        curve = curve + spread / len(lines)
    return loss, gradient, curve


def judged(seen: Sequence[Seen], weights: Array) -> list[tuple[int, Scores]]:
    """Return the scores of all questions when candidates are ordered by these weights."""
    found = []
    for one in seen:
        for row in one.rows:
            order = np.argsort(-(row.lines @ weights), kind="stable")
            ids = [row.ids[place] for place in order]
            found.append((row.category, scores(row.evidence, ids, one.lengths)))
    return found


def left_out(seen: Sequence[Seen], fit: Callable[[Sequence[Seen]], Array]) -> dict[str, Scores]:
    """Return the means when each conversation is judged by a fit to the others."""
    found = []
    for place, one in enumerate(seen):
        found += judged([one], fit([*seen[:place], *seen[place + 1 :]]))
    return by_category(found)


def without(seen: Sequence[Seen], names: Sequence[str]) -> list[Seen]:
    """Return the same with some features at nothing, for an ablation."""
    kept = np.array([float(name not in names) for name in FEATURES])
    return [
        Seen(
            one.lengths,
            [Row(row.category, row.evidence, row.ids, row.lines * kept) for row in one.rows],
        )
        for one in seen
    ]


async def looked_at(one: Conversation, folder: Path, embedder: OnnxEmbedder) -> Seen:
    """Index a conversation and write down the features of every question."""
    index = FtsIndex(folder / f"{one.name}.db")
    await _fill(index, one, embedder)
    space = embedder.space
    speakers = (await index.statistics(())).speakers
    rows = []
    for asked in one.questions:
        question = understand(asked.text, speakers)
        pool = await gather(
            index,
            space,
            lambda it, most: index.nearest(space, it, most),
            question,
            embedder.query(question.text),
        )
        lines = features(pool)
        ids = [pool.placed[number].entry.id for number in lines]
        rows.append(Row(asked.category, asked.evidence, ids, np.array(list(lines.values()))))
    await index.close()
    return Seen({turn.id: turn.length for turn in one.turns}, rows)


async def _fill(index: FtsIndex, one: Conversation, embedder: OnnxEmbedder) -> None:
    if await index.position() == 0:
        await index.apply(Changes(1, _entries(one.turns)), 0)
    while found := await index.unembedded(embedder.space, SOME):
        vectors = await embedder.documents([embedded_text(it.entry) for it in found])
        numbers = [it.number for it in found]
        await index.embed(embedder.space, list(zip(numbers, vectors, strict=True)))


def _entries(turns: Sequence[Turn]) -> list[Entry]:
    parts: dict[str, int] = {}
    made = []
    for turn in turns:
        part = parts[turn.source] = parts.get(turn.source, 0) + 1
        entry = Entry(
            id=turn.id,
            text=turn.text,
            kind="turn",
            speaker=turn.speaker,
            at=turn.at,
            source=turn.source,
            part=part,
        )
        made.append(entry)
    return made


async def _all(file: Path, folder: Path) -> list[Seen]:
    embedder = OnnxEmbedder(built_in())
    try:
        return [await looked_at(one, folder, embedder) for one in conversations(file, "dev")]
    finally:
        await embedder.close()


GROUPS = {
    "words": ("lex", "lex_raw", "lex_root", "covered", "source_covered", "lex-1", "lex+1", "lex-2"),
    "meaning": tuple(name for name in FEATURES if "dense" in name or name == "source_best"),
    "speaker": ("speaker", "speaker_dense", "other_before"),
    "neighbours": ("lex-1", "lex+1", "lex-2", "dense-1", "dense+1", "dense-2", "asked"),
    "source": ("source_covered", "source_best"),
    "time": ("when_time", "time", "date"),
    "questions": ("asks", "asked"),
    "length": ("length",),
}
"""Features that are taken away together, to see what they are worth."""


def main() -> None:
    """Write down the features, fit, and print recall left out and the weights."""
    parser = argparse.ArgumentParser(prog="python -m bench.fit_recall", description=__doc__)
    parser.add_argument("file", type=Path, help="the data: locomo10.json or its dev half")
    parser.add_argument("--keep", type=Path, help="folder to keep the indexes in, for the next run")
    parser.add_argument("--ablation", action="store_true", help="leave out groups of features, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="equerry-fit-") as folder:
        seen = asyncio.run(_all(given.file, given.keep or Path(folder)))
    print("Fitted to the other conversations:\n" + recall_table(left_out(seen, fitted)))
    shipped = np.array([WEIGHTS[name] for name in FEATURES])
    print("\nThe shipped weights, on what they were fitted to:")
    print(recall_table(by_category(judged(seen, shipped))))
    print()
    for name, weight in zip(FEATURES, fitted(seen), strict=True):
        print(f"{name:16} {weight:8.3f}  shipped {WEIGHTS[name]:8.3f}")
    for group, names in GROUPS.items() if given.ablation else ():
        row = left_out(without(seen, names), fitted)
        told = " / ".join(f"{row['all four'][f'recall@{k}']:.1f}" for k in (5, 10, 25))
        print(f"without {group}: {told}, multi-hop@25 {row['multi-hop']['recall@25']:.1f}")


if __name__ == "__main__":
    main()
