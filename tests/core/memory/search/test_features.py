from math import isfinite

from hypothesis import example, given
from hypothesis import strategies as st

from core.memory.search.candidates import Pool
from core.memory.search.features import FEATURES, features, rarity
from core.memory.search.question import understand
from core.ports.fact_index import Entry, Placed, Statistics

COUNTS = st.integers(-2, 10_000)


@given(entries=COUNTS, held=COUNTS)
@example(entries=3, held=4)
@example(entries=0, held=1)
def test_any_two_counts_have_a_rarity(entries: int, held: int) -> None:
    """However an index counts, a word is rare by a number above nought, or by none at all."""
    found = rarity(Statistics(entries, {"badger": held}, 0.0, frozenset()), ["badger", "other"])
    assert found.keys() <= {"badger"}
    assert all(isfinite(value) and value > 0 for value in found.values())


@given(
    entries=COUNTS,
    held=COUNTS,
    mean=st.floats(0, 1000),
    dense=st.none() | st.floats(-1, 1) | st.just(-1e-9),
    text=st.sampled_from(["", "badger", "badger badger yesterday?", "nothing of it"]),
)
def test_any_pool_has_features(
    entries: int, held: int, mean: float, dense: float | None, text: str
) -> None:
    """Whatever is counted and however near it is, every feature is a number."""
    placed = Placed(1, Entry(id="a", text=text, source="talk", part=0), text.split())
    known = Statistics(entries, {"badger": held}, mean, frozenset())
    pool = Pool(
        understand("the badger", ()), {1: placed}, known, {} if dense is None else {1: dense}
    )
    (row,) = features(pool).values()
    assert len(row) == len(FEATURES)
    assert all(isfinite(value) for value in row)
