"""A private Postgres server: its own cluster in its own folder, TCP on loopback only."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.servers.process import (
    LOOPBACK,
    ServerFailedError,
    ServerProcess,
    find_program,
    free_port,
    plain_account,
)

PACKAGE = "postgresql"
FOLDERS = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/pgsql-*/bin")
USER = "equerry"
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")


class PostgresServer:
    """A cluster that lives as long as the `with` block; `stop` and `start` in it keep its data.

    `durable=False` leaves out fsync: right for tests, wrong for measuring. Raises
    MissingProgramError where Postgres is not installed. Postgres refuses to run as root, so
    root lends it an ordinary account, and the cluster lies where that account may go.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._initdb = find_program("initdb", PACKAGE, *FOLDERS)
        self._postgres = find_program("postgres", PACKAGE, *FOLDERS)
        self._fsync = "on" if durable else "off"
        self._account = plain_account("postgres", "nobody")
        self._process: ServerProcess | None = None
        self.port = free_port()

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="equerry-postgres-"))
        try:
            self._create_cluster()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server on its port, and wait until it answers."""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": self._fsync,
            "timezone": "UTC",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._postgres), "-D", str(self._folder / "data"), *options]
        self._process = ServerProcess(command, self._folder / "log", self._account)
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop the server; open connections break, as they do when a real one goes away."""
        if self._process:
            self._interrupt_sessions()
            self._process.stop()
            self._process = None

    def url(self, database: str) -> str:
        """Return the URL of a database, as the owner would write it in config.yaml."""
        return f"postgresql://{USER}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self) -> str:
        """Create an empty database and return its name."""
        name = f"test_{uuid4().hex[:12]}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, also under open connections."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create_cluster(self) -> None:
        if self._account:
            os.chown(self._folder, self._account["user"], self._account["group"])
        done = subprocess.run(
            [str(self._initdb), "-D", str(self._folder / "data"), "-U", USER, *INITDB],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._account,
        )
        if done.returncode:
            raise ServerFailedError(done.stderr)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _interrupt_sessions(self) -> None:
        """End open sessions: a plain stop waits for them."""
        everyone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> %s"
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2) as connection:
                connection.execute(everyone, [connection.info.backend_pid])
        except psycopg.OperationalError:
            return

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
