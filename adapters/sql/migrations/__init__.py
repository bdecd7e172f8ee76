"""Alembic migrations; run by adapters.sql.migrating, never edited once published."""
