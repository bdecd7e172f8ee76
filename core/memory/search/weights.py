"""How much each feature counts.

Fitted by `python -m bench.fit_recall` on five long conversations (LoCoMo, dev half): the share of
probability that a linear listwise model gives to the turns that hold the answer, with a penalty
on large weights. Left out one conversation at a time it finds 76.9, 81.9 and 89.2 % of them among
the first 5, 10 and 25 (categories 1 to 4); docs/adr/0007-memory.md has the figures.
"""

from operator import mul
from types import MappingProxyType

from core.memory.search.features import FEATURES, Row

WEIGHTS = MappingProxyType(
    {
        "lex": 1.809,
        "lex_raw": 1.008,
        "lex_root": -1.149,
        "covered": 0.84,
        "dense": -1.337,
        "dense_share": 2.273,
        "speaker": 2.331,
        "speaker_dense": 2.047,
        "other_before": -0.71,
        "source_covered": 2.151,
        "source_best": 3.59,
        "lex-1": 1.057,
        "lex+1": 0.225,
        "lex-2": 0.863,
        "dense-1": 1.691,
        "dense+1": 0.954,
        "dense-2": 0.558,
        "asks": -0.57,
        "asked": 0.307,
        "when_time": 1.709,
        "time": 0.477,
        "date": 4.801,
        "length": 0.357,
    }
)
_ORDERED = tuple(WEIGHTS[name] for name in FEATURES)


def weighed(row: Row) -> float:
    """Return what a row of features comes to."""
    total: float = sum(map(mul, _ORDERED, row))
    return total
