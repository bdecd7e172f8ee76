"""The event log and its read models in SQLite or PostgreSQL."""

from adapters.sql.store import SqlStore

__all__ = ["SqlStore"]
