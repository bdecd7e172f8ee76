"""Entries as rows, and back."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from core.memory.search.words import indexed, same_words
from core.ports.fact_index import Entry, Placed

COLUMNS = (
    "number, stems, id, body, kind, speaker, said, source, part, outside, project, about,"
    " valid_until, label"
)


def same(text: str) -> str:
    """Return what texts share that say the same: case, spacing and closing marks aside."""
    return _digest(same_words(text))


def fingerprint(entry: Entry) -> str:
    """Return what an entry and one that is read again share, so that its vector still holds."""
    return _digest("\0".join((entry.id, entry.speaker or "", entry.text)))


def row_of(entry: Entry) -> tuple[object, ...]:
    """Return the values of an entry but its number, then those it is found by."""
    return (
        entry.id,
        whole(entry.text),
        indexed(entry.text),
        entry.kind,
        _whole(entry.speaker),
        _told(entry.at),
        _whole(entry.source),
        entry.part,
        int(entry.outside),
        _whole(entry.project),
        _whole(entry.about),
        _told(entry.valid_until),
        _whole(entry.label),
        same(entry.text),
        fingerprint(entry),
    )


def placed(rows: Iterable[tuple[Any, ...]]) -> list[Placed]:
    """Return rows of COLUMNS as entries with their numbers."""
    return [Placed(row[0], _entry(row[2:]), row[1].split()) for row in rows]


def whole(text: str) -> str:
    """Return a text that SQLite takes: halves of characters (lone surrogates) are marked."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def marks(values: Iterable[object]) -> str:
    """Return a question mark for each value, for a list in SQL."""
    return ",".join("?" for _ in values)


def counted(connection: sqlite3.Connection, name: str) -> int:
    """Return a number of the table `meta`, 0 before it was first written."""
    found = connection.execute("SELECT body FROM meta WHERE name=?", (name,)).fetchone()
    return int(found[0]) if found else 0


def all_rows(found: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    """Return what a statement found, typed."""
    return list(found.fetchall())


def _entry(row: tuple[Any, ...]) -> Entry:
    """Return an entry; hundreds are made for a question, so nothing is done to a value twice."""
    identity, body, kind, speaker, said, source, part, outside, project, about, until, label = row
    at, valid_until = _time(said), _time(until)
    outer = outside == 1
    return Entry(
        identity, body, kind, speaker, at, source, part, outer, project, about, valid_until, label
    )


def _whole(text: str | None) -> str | None:
    return None if text is None else whole(text)


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _told(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
