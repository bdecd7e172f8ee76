"""Bring the tables of a database to the schema of this program."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from adapters.sql.schema import HEAD, LOCK
from core.domain.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """Return the migration a database is at, None for one without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def lock(connection: Connection) -> None:
    """Keep other writers out until the transaction ends, as SQLite's BEGIN IMMEDIATE does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def check_schema(version: str, name: str) -> None:
    """Raise StorageError for a database at a migration that only a newer program knows."""
    if version == HEAD:
        return
    from alembic.script import ScriptDirectory

    known = {it.revision for it in ScriptDirectory.from_config(_config()).walk_revisions()}
    if version not in known:
        message = (
            f"The database {name} was written by a newer version of Equerry (schema {version}, "
            f"this one knows {HEAD}); update the program or use another database."
        )
        raise StorageError(message)


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Create or upgrade the tables in the transaction at hand; alembic is imported when needed."""
    if version_of(connection) == to:
        return
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
