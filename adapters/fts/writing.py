"""What changes an index file: each function is one transaction."""

import errno
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from adapters.fts.records import counted, marks, row_of
from core.ports.fact_index import Changes, Entry

_PUT = (
    "INSERT INTO entries (id, body, stems, kind, speaker, said, source, part, outside, project,"
    " about, valid_until, label, same, print) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
_SOME = 500


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk, say, ends it by itself
            connection.execute("ROLLBACK")
        raise


def position(connection: sqlite3.Connection) -> int:
    """Return the position of the last event that was applied."""
    return counted(connection, "position")


def apply(connection: sqlite3.Connection, changes: Changes, after: int) -> bool:
    """Apply changes at the position they follow; False at any other."""
    with transaction(connection):
        if position(connection) != after:
            return False
        _remove(connection, [*changes.removed, *(entry.id for entry in changes.put)])
        for entry in changes.put:
            _put(connection, entry)
        _set(connection, "position", str(changes.position))
        _touch(connection)
        if changes.erased:
            _set(connection, "traces", "1")
    finish_erasing(connection)
    return True


def finish_erasing(connection: sqlite3.Connection) -> None:
    """Take the words of erased entries out of the files, also where that was cut off before.

    The words are written anew without them, and the journal is emptied into the file.
    """
    if connection.execute("SELECT 1 FROM meta WHERE name='traces'").fetchone() is None:
        return
    connection.execute("INSERT INTO words (words) VALUES ('optimize')")
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise OSError(errno.EBUSY, "the words of what was erased are still in the journal")
    connection.execute("DELETE FROM meta WHERE name='traces'")


def fill_from(connection: sqlite3.Connection, log: str) -> None:
    """Note which log it is filled from; one that was filled from another is emptied."""
    with transaction(connection):
        found = connection.execute("SELECT body FROM meta WHERE name='log'").fetchone()
        if (found[0] if found else "") != log:
            _clear(connection)
            _set(connection, "log", log)


def clear(connection: sqlite3.Connection) -> None:
    """Empty the index; vectors are kept by the text they are of."""
    with transaction(connection):
        _clear(connection)


def _clear(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM kept")
    connection.execute(
        "INSERT OR REPLACE INTO kept SELECT e.print, v.space, v.body FROM vectors v"
        " JOIN entries e ON e.number = v.number"
    )
    connection.execute("INSERT OR IGNORE INTO gone SELECT id FROM entries")
    connection.execute("DELETE FROM vectors")
    connection.execute("DELETE FROM entries")
    connection.execute("DELETE FROM speakers")
    connection.execute("DELETE FROM meta WHERE name IN ('entries', 'length')")
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    _set(connection, "position", "0")
    _touch(connection)
    _touch(connection, "rewritten")


def embed(connection: sqlite3.Connection, space: str, vectors: Sequence[tuple[int, bytes]]) -> None:
    """Keep vectors of the entries that are still there."""
    with transaction(connection):
        last = connection.execute("SELECT max(number) FROM vectors WHERE space=?", (space,))
        before = last.fetchone()[0] or 0
        if any(number <= before for number, _ in vectors):
            _touch(connection, "rewritten")
        connection.executemany(
            "INSERT OR REPLACE INTO vectors SELECT number, ?, ?, 0 FROM entries WHERE number=?",
            [(space, body, number) for number, body in vectors],
        )
        _touch(connection)


def mark_stored(
    connection: sqlite3.Connection, numbers: Sequence[int], gone: Sequence[str]
) -> None:
    """Note what the vector store has, and what it has no more."""
    with transaction(connection):
        connection.executemany(
            "UPDATE vectors SET stored=1 WHERE number=?", [(n,) for n in numbers]
        )
        connection.executemany("DELETE FROM gone WHERE id=?", [(identity,) for identity in gone])


def restore(connection: sqlite3.Connection) -> None:
    """Note that the vector store has nothing."""
    with transaction(connection):
        connection.execute("UPDATE vectors SET stored=0 WHERE stored=1")
        connection.execute("DELETE FROM gone")


def leave(connection: sqlite3.Connection, space: str) -> None:
    """Take away the vectors of a space."""
    with transaction(connection):
        connection.execute("DELETE FROM vectors WHERE space=?", (space,))
        connection.execute("DELETE FROM kept WHERE space=?", (space,))
        _touch(connection)
        _touch(connection, "rewritten")


def _put(connection: sqlite3.Connection, entry: Entry) -> None:
    row = row_of(entry)
    number = connection.execute(_PUT, row).lastrowid
    connection.execute("INSERT INTO words (rowid, stems) VALUES (?,?)", (number, row[2]))
    connection.execute("DELETE FROM gone WHERE id=?", (entry.id,))
    _count(connection, entry.speaker, 1, row[2])
    kept = connection.execute("SELECT space, body FROM kept WHERE print=?", (row[-1],)).fetchall()
    for space, body in kept:
        connection.execute("INSERT INTO vectors VALUES (?,?,?,0)", (number, space, body))
    if kept:
        connection.execute("DELETE FROM kept WHERE print=?", (row[-1],))


def _remove(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), _SOME):
        some = ids[start : start + _SOME]
        found = connection.execute(
            f"SELECT number, id, stems, print, speaker FROM entries WHERE id IN ({marks(some)})",  # noqa: S608 - question marks
            some,
        ).fetchall()
        for number, identity, stems, fingerprint, speaker in found:
            connection.execute(
                "INSERT INTO words (words, rowid, stems) VALUES ('delete',?,?)", (number, stems)
            )
            if connection.execute("DELETE FROM vectors WHERE number=?", (number,)).rowcount:
                _touch(connection, "rewritten")
            connection.execute("DELETE FROM kept WHERE print=?", (fingerprint,))
            connection.execute("DELETE FROM entries WHERE number=?", (number,))
            connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (identity,))
            _count(connection, speaker, -1, stems)


def _count(connection: sqlite3.Connection, speaker: str | None, one: int, stems: object) -> None:
    """Keep count of entries, of their stems and of those of each speaker."""
    for name, step in (("entries", one), ("length", one * len(str(stems).split()))):
        connection.execute(
            "INSERT INTO meta VALUES (?,?)"
            " ON CONFLICT (name) DO UPDATE SET body = CAST(body AS INTEGER) + excluded.body",
            (name, str(step)),
        )
    if speaker is not None:
        connection.execute(
            "INSERT INTO speakers VALUES (?,?)"
            " ON CONFLICT (name) DO UPDATE SET entries = entries + excluded.entries",
            (speaker, one),
        )
        if one < 0:
            connection.execute("DELETE FROM speakers WHERE entries <= 0")


def _set(connection: sqlite3.Connection, name: str, body: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (name, body))


def _touch(connection: sqlite3.Connection, name: str = "changed") -> None:
    """Let whoever holds vectors in memory see that they changed.

    `rewritten` counts what did not only add some behind the last.
    """
    connection.execute(
        "INSERT INTO meta VALUES (?,'1')"
        " ON CONFLICT (name) DO UPDATE SET body = CAST(body AS INTEGER) + 1",
        (name,),
    )
