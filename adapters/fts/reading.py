"""What is asked of an index file."""

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from typing import TypeVar

from adapters.fts.exact import unpacked
from adapters.fts.records import COLUMNS, all_rows, marks, placed, same, whole
from adapters.fts.writing import position
from core.ports.fact_index import Extent, Match, Placed, Statistics

T = TypeVar("T")
_SOME = 900
_SCORED = 3000
"""Entries whose words are scored for one question: a word that is everywhere tells little."""


def match(connection: sqlite3.Connection, words: Sequence[str], most: int) -> list[Match]:
    """Return the entries that hold any of the words, best first (BM25 of FTS5)."""
    words = _rarest(connection, words)
    if not words:
        return []
    asked = " OR ".join('"' + word.replace('"', '""') + '"' for word in words)
    found = connection.execute(
        "SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (asked, most)
    )
    return [Match(int(number), -float(rank)) for number, rank in found.fetchall()]


def _rarest(connection: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """Return the rarest stems, as many as are in few enough entries together to score them all."""
    sql = f"SELECT term, doc FROM frequencies WHERE term IN ({marks(words)}) ORDER BY doc"  # noqa: S608 - question marks
    kept: list[str] = []
    rows = 0
    for term, held in connection.execute(sql, list(words)).fetchall():
        rows += int(held)
        if kept and rows > _SCORED:
            break
        kept.append(str(term))
    return kept


def statistics(connection: sqlite3.Connection, words: Sequence[str]) -> Statistics:
    """Return how rare the stems are, how long entries are, and who speaks."""
    known = dict(connection.execute("SELECT name, body FROM meta").fetchall())
    found = connection.execute(
        f"SELECT term, doc FROM frequencies WHERE term IN ({marks(words)})",  # noqa: S608 - question marks
        list(words),
    ).fetchall()
    total, length = int(known.get("entries", 0)), int(known.get("length", 0))
    speakers = connection.execute("SELECT name FROM speakers").fetchall()
    return Statistics(
        entries=total,
        holding={str(term): int(count) for term, count in found},
        mean_length=length / total if total else 0.0,
        speakers=frozenset(str(name) for (name,) in speakers),
    )


def entries(
    connection: sqlite3.Connection, numbers: Sequence[int], beside: Sequence[int], reach: int
) -> list[Placed]:
    """Return entries by number; of those in `beside` also up to `reach` neighbours each way."""
    wanted = dict.fromkeys(numbers)
    if beside and reach:
        near = (
            f"SELECT e.number FROM entries m JOIN entries e ON e.source = m.source"  # noqa: S608 - question marks
            f" AND e.part BETWEEN m.part - ? AND m.part + ? WHERE m.number IN ({marks(beside)})"
        )
        around = connection.execute(near, (reach, reach, *beside)).fetchall()
        wanted.update((int(number), None) for (number,) in around)
    found: list[Placed] = []
    for some in _pieces(list(wanted)):
        sql = f"SELECT {COLUMNS} FROM entries WHERE number IN ({marks(some)})"  # noqa: S608 - question marks
        found += placed(all_rows(connection.execute(sql, some)))
    return found


def numbers(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return the numbers of entries by id."""
    found: dict[str, int] = {}
    for some in _pieces(ids):
        sql = f"SELECT id, number FROM entries WHERE id IN ({marks(some)})"  # noqa: S608 - question marks
        found.update(connection.execute(sql, some).fetchall())
    return found


def _pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Give as many values at a time as a statement takes."""
    for start in range(0, len(values), _SOME):
        yield values[start : start + _SOME]


def about(connection: sqlite3.Connection, subject: str) -> list[Placed]:
    """Return the entries with this subject and relation, oldest first."""
    sql = f"SELECT {COLUMNS} FROM entries WHERE about=? ORDER BY number"  # noqa: S608 - constants
    return placed(all_rows(connection.execute(sql, (whole(subject),))))


def same_text(connection: sqlite3.Connection, text: str) -> list[Placed]:
    """Return the entries that say the same word for word."""
    sql = f"SELECT {COLUMNS} FROM entries WHERE same=? ORDER BY number"  # noqa: S608 - constants
    return placed(all_rows(connection.execute(sql, (same(text),))))


def unembedded(connection: sqlite3.Connection, space: str, most: int, after: int) -> list[Placed]:
    """Return entries behind a number that have no vector of the space, oldest first."""
    sql = (
        f"SELECT {COLUMNS} FROM entries e WHERE number > ? AND NOT EXISTS"  # noqa: S608 - constants
        " (SELECT 1 FROM vectors v WHERE v.space=? AND v.number=e.number) ORDER BY number LIMIT ?"
    )
    return placed(all_rows(connection.execute(sql, (after, space, most))))


def unstored(
    connection: sqlite3.Connection, space: str, most: int
) -> list[tuple[int, str, "array[float]"]]:
    """Return entries whose vector the vector store does not have yet."""
    found = connection.execute(
        "SELECT v.number, e.id, v.body FROM vectors v JOIN entries e ON e.number = v.number"
        " WHERE v.space=? AND v.stored=0 ORDER BY v.number LIMIT ?",
        (space, most),
    ).fetchall()
    return [(int(number), str(identity), unpacked(body)) for number, identity, body in found]


def gone(connection: sqlite3.Connection, most: int) -> list[str]:
    """Return ids that the vector store may still have and must not."""
    found = connection.execute("SELECT id FROM gone LIMIT ?", (most,)).fetchall()
    return [str(identity) for (identity,) in found]


def extent(connection: sqlite3.Connection, space: str) -> Extent:
    """Return how much there is."""
    entries_sql = "SELECT count(*) FROM entries"
    vectors_sql = "SELECT count(*), coalesce(sum(stored), 0) FROM vectors WHERE space=?"
    total = int(connection.execute(entries_sql).fetchone()[0])
    embedded, stored = connection.execute(vectors_sql, (space,)).fetchone()
    return Extent(total, int(embedded), int(stored), position(connection))


def spaces(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the spaces there are vectors of, with how many."""
    found = connection.execute("SELECT space, count(*) FROM vectors GROUP BY space").fetchall()
    return {str(space): int(count) for space, count in found}
