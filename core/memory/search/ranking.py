"""The order of the candidates, and why each is where it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.memory.search.candidates import Pool
from core.memory.search.features import FEATURES, Row, features
from core.memory.search.weights import weighed
from core.ports.fact_index import Entry, Placed

NEWEST = 2.0
"""What being the newest of those that fit counts for "last time", and the oldest for "first"."""
FITTING = 0.5
"""The share of the best fit by words or meaning from which a candidate counts as fitting."""
CLOSE = 0.25
"""The cosine below which a text that shares no word with the question has nothing to do with it."""
_AT = {name: place for place, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that may answer; `reasons` say why, in words that quote nothing of either text."""

    entry: Entry
    score: float
    reasons: tuple[str, ...]


class _Weighed(NamedTuple):
    score: float
    placed: Placed
    row: Row


def rank(pool: Pool, most: int) -> list[Found]:
    """Return up to `most` candidates, best first."""
    return [_found(pool, one) for one in _ordered(pool)[:most]]


def relevant(pool: Pool, most: int) -> list[Found]:
    """Return up to `most` candidates that have to do with the question, best first."""
    fitting = [one for one in _ordered(pool) if fits(one.row)]
    return [_found(pool, one) for one in fitting[:most]]


def fits(row: Row) -> bool:
    """Whether a candidate has to do with the question by itself, not by what stands beside it."""
    return row[_AT["lex"]] > 0 or row[_AT["dense"]] >= CLOSE


def _ordered(pool: Pool) -> list[_Weighed]:
    rows = features(pool)
    order = _in_time(pool, rows)
    scored = [
        _Weighed(weighed(row) + order.get(number, 0.0), pool.placed[number], row)
        for number, row in rows.items()
    ]
    return sorted(scored, key=lambda one: (-one.score, one.placed.number))


def _found(pool: Pool, one: _Weighed) -> Found:
    return Found(one.placed.entry, one.score, _reasons(pool, one.placed, one.row))


def _in_time(pool: Pool, rows: dict[int, Row]) -> dict[int, float]:
    """Return what the time of those that fit adds, where the last or the first is asked for."""
    asked = pool.question
    if asked.last == asked.first:
        return {}
    dated: list[tuple[datetime, int]] = []
    for number, row in rows.items():
        at = pool.placed[number].entry.at
        strong = row[_AT["lex"]] >= FITTING or row[_AT["dense_share"]] >= 1 - FITTING / 2
        if at is not None and strong:
            dated.append((at, number))
    dated.sort(reverse=asked.first)
    last = max(len(dated) - 1, 1)
    return {number: NEWEST * place / last for place, (_, number) in enumerate(dated)}


def _reasons(pool: Pool, one: Placed, row: Row) -> tuple[str, ...]:
    asked = pool.question
    shared = len(set(asked.words) & set(one.stems))
    said: list[str] = []
    if shared:
        said.append(f"{shared} shared word{'s' if shared > 1 else ''}")
    if row[_AT["dense"]] >= CLOSE:
        said.append(f"meaning {row[_AT['dense']]:.2f}")
    if row[_AT["speaker"]]:
        said.append(f"said by {one.entry.speaker}")
    if row[_AT["date"]]:
        said.append("from the time asked about")
    beside = max(row[_AT[name]] for name in ("lex-1", "lex+1", "lex-2"))
    if beside > row[_AT["lex"]] + FITTING or (beside and not said):
        said.append("stands beside a hit")
    return tuple(said) or ("a weak fit",)
