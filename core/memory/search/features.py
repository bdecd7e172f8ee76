"""What speaks for a candidate, as numbers; `weights.py` says how much each counts."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from math import log

from core.memory.search.candidates import Pool
from core.memory.search.question import MONTHS
from core.ports.fact_index import Entry, Placed, Statistics

K1, B = 0.8, 0.3
"""BM25 for short texts: a word that is said twice counts little more, length matters little."""
_WORD = re.compile(r"\w+")
_TIME_WORDS = (
    "yesterday today tonight tomorrow last next ago recently soon since week weeks weekend"
    " weekends month months year years day days night nights morning mornings"
    " monday tuesday wednesday thursday friday saturday sunday"
)
_TIMES = frozenset((*_TIME_WORDS.split(), *MONTHS))
Row = tuple[float, ...]
FEATURES = (
    "lex", "lex_raw", "lex_root", "covered", "dense", "dense_share",
    "speaker", "speaker_dense", "other_before", "source_covered", "source_best",
    "lex-1", "lex+1", "lex-2", "dense-1", "dense+1", "dense-2",
    "asks", "asked", "when_time", "time", "date", "length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signals:
    """How well each candidate fits by its words (`lex`, `share` of the best) and by its meaning.

    `held` are the words of the question that each candidate holds.
    """

    held: Mapping[int, AbstractSet[str]]
    lex: Mapping[int, float]
    share: Mapping[int, float]
    dense: Mapping[int, float]
    top_dense: float
    rare: Mapping[str, float]
    places: Mapping[tuple[str | None, int], int]


def features(pool: Pool) -> dict[int, Row]:
    """Return the row of each candidate, its values in the order of FEATURES."""
    signals = _signals(pool)
    sources = _sources(pool, signals)
    return {
        number: (
            *_fit(signals, one),
            *_speaking(pool, signals, one),
            *sources[number],
            *_beside(signals, one),
            *_form(pool, signals, one),
        )
        for number, one in pool.placed.items()
    }


def _signals(pool: Pool) -> Signals:
    rare = rarity(pool.statistics, pool.question.words)
    mean = max(pool.statistics.mean_length, 1e-9)
    held = {number: rare.keys() & one.stems for number, one in pool.placed.items()}
    lex = {
        number: _bm25(one.stems, rare, mean) if held[number] else 0.0
        for number, one in pool.placed.items()
    }
    top = max(lex.values(), default=0.0) + 1e-9
    places: dict[tuple[str | None, int], int] = {
        (one.entry.source, one.entry.part): number
        for number, one in pool.placed.items()
        if one.entry.source is not None and one.entry.part is not None
    }
    return Signals(
        held=held,
        lex=lex,
        share={number: value / top for number, value in lex.items()},
        dense=pool.dense or dict.fromkeys(pool.placed, 0.0),
        top_dense=max(pool.dense.values(), default=0.0) + 1e-9,
        rare=rare,
        places=places,
    )


def rarity(known: Statistics, words: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of each stem that any entry holds."""
    return {
        word: max(log((known.entries - held + 0.5) / (held + 0.5)), 1e-6)
        for word in words
        if (held := known.holding.get(word, 0))
    }


def _bm25(words: Sequence[str], rare: Mapping[str, float], mean: float) -> float:
    held = Counter(word for word in words if word in rare)
    norm = K1 * (1 - B + B * len(words) / mean)
    return sum(rare[word] * n * (K1 + 1) / (n + norm) for word, n in held.items())


def _covered(signals: Signals, words: AbstractSet[str]) -> float:
    """Return how much of the question is held, rare words counting more."""
    rare = signals.rare
    return sum(rare[word] for word in words) / sum(rare.values()) if words else 0.0


def _fit(signals: Signals, one: Placed) -> Row:
    number = one.number
    share, dense = signals.share[number], signals.dense[number]
    return (
        share,
        signals.lex[number] / 10,
        share**0.5,
        _covered(signals, signals.held[number]),
        dense,
        dense / signals.top_dense,
    )


def _speaking(pool: Pool, signals: Signals, one: Placed) -> Row:
    """Return whether the one who is asked about speaks, and whether another did just before."""
    names = pool.question.names
    if len(names) != 1:
        return (0.0, 0.0, 0.0)
    mine = float(one.entry.speaker in names)
    before = _before(pool, signals, one.entry)
    other = before is not None and before.speaker not in names
    return (mine, mine * signals.dense[one.number], float(other))


def _before(pool: Pool, signals: Signals, entry: Entry) -> Entry | None:
    number = signals.places.get((entry.source, (entry.part or 0) - 1))
    return None if number is None else pool.placed[number].entry


def _sources(pool: Pool, signals: Signals) -> dict[int, Row]:
    """Return how well the whole talk or document fits that a candidate stands in."""
    groups: dict[str, list[int]] = {}
    for number, one in pool.placed.items():
        groups.setdefault(one.entry.source or f"#{number}", []).append(number)
    rows: dict[int, Row] = {}
    for numbers in groups.values():
        words: AbstractSet[str] = set().union(*(signals.held[number] for number in numbers))
        best = max(signals.dense[number] for number in numbers)
        rows.update(dict.fromkeys(numbers, (_covered(signals, words), best)))
    return rows


def _beside(signals: Signals, one: Placed) -> Row:
    """Return how well the neighbours fit: an answer follows its question."""
    source, part = one.entry.source, one.entry.part
    if source is None or part is None:
        return (0.0,) * 6
    places = signals.places
    before = places.get((source, part - 1), -1)
    after = places.get((source, part + 1), -1)
    far = places.get((source, part - 2), -1)
    share, dense = signals.share, signals.dense
    return (
        share.get(before, 0.0),
        share.get(after, 0.0),
        share.get(far, 0.0),
        dense.get(before, 0.0),
        dense.get(after, 0.0),
        dense.get(far, 0.0),
    )


def _form(pool: Pool, signals: Signals, one: Placed) -> Row:
    """Return what the text looks like, beside what is asked."""
    before = _before(pool, signals, one.entry)
    asks, time = _looks(one.entry.text)
    return (
        asks,
        _looks(before.text)[0] if before is not None else 0.0,
        pool.question.when * time,
        time,
        float(pool.question.meant(one.entry.at)),
        log(1 + len(one.stems)),
    )


@lru_cache(maxsize=8192)
def _looks(text: str) -> tuple[float, float]:
    """Return whether a text ends in a question, and whether it tells a time."""
    spoken = text.partition(" [")[0]
    return float(spoken.rstrip().endswith("?")), float(
        not _TIMES.isdisjoint(_WORD.findall(text.lower()))
    )
