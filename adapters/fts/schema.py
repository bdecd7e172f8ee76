"""The tables of an index file, and how a connection to it is set up."""

import sqlite3
from pathlib import Path

VERSION = 5
"""A file of another version is thrown away and made again from the log; raised too when entries
may be wrong (until 4 the stemmer was shared between threads)."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  stems TEXT NOT NULL,
  kind TEXT NOT NULL,
  speaker TEXT,
  said TEXT,
  source TEXT,
  part INTEGER,
  outside INTEGER NOT NULL,
  project TEXT,
  about TEXT,
  valid_until TEXT,
  label TEXT,
  same TEXT NOT NULL,
  print TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_source ON entries (source, part) WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_about ON entries (about) WHERE about IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_same ON entries (same);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
  stems, content='entries', content_rowid='number', columnsize=1,
  tokenize="unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE IF NOT EXISTS frequencies USING fts5vocab (words, 'row');
CREATE TABLE IF NOT EXISTS vectors (
  number INTEGER NOT NULL,
  space TEXT NOT NULL,
  body BLOB NOT NULL,
  stored INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (space, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vectors_number ON vectors (number);
CREATE INDEX IF NOT EXISTS vectors_unstored ON vectors (space, number) WHERE stored = 0;
CREATE TABLE IF NOT EXISTS kept (print TEXT NOT NULL, space TEXT NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (space, print)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kept_print ON kept (print);
CREATE TABLE IF NOT EXISTS speakers (name TEXT PRIMARY KEY, entries INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
BUSY_S = 10.0
_NO_INDEX = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)
"""What SQLite says of a file that is none of its own, is broken, or has other tables."""


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection whose statements stand alone unless a transaction is begun.

    Commits need not be durable, only whole: what a power cut takes is read from the log again.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA cache_size=-32768")
    except BaseException:
        connection.close()
        raise
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Create the tables."""
    connection.executescript(TABLES)
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('version', ?)", (str(VERSION),))


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the file is new or of this version; false also for one that is no database."""
    try:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name='meta'").fetchone()
        if known is None:
            return True
        found = connection.execute("SELECT body FROM meta WHERE name='version'").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in _NO_INDEX:
            raise
        return False
    return found is not None and found[0] == str(VERSION)
