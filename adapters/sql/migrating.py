"""Bring a database to the schema of this program."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from adapters.sql.database import Database
from adapters.sql.schema import HEAD, LOCK
from adapters.sql.transacting import Transactor
from core.domain.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_to_head(database: Database, transactor: Transactor) -> None:
    """Create or upgrade the tables, in one transaction; alembic is imported only when needed.

    Raises StorageError for a database that a newer program wrote.
    """
    if database.reading(version_of) != HEAD:
        transactor.run(lambda connection: _upgrade(connection, database.name))


def version_of(connection: Connection) -> str | None:
    """Return the migration a database is at, None for one without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def lock(connection: Connection) -> None:
    """Keep other writers out until the transaction ends, as SQLite's BEGIN IMMEDIATE does."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _upgrade(connection: Connection, name: str) -> None:
    lock(connection)
    version = version_of(connection)
    if version == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        message = (
            f"The database {name} was written by a newer version of Equerry (schema {version}, "
            f"this one knows {HEAD}); update the program or use another database."
        )
        raise StorageError(message)
    command.upgrade(config, "head")
