"""A database server that comes back as an older one while Equerry runs: a real process on it."""

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.chaos.program import Program
from tests.servers.smtp import SmtpServer
from tests.waiting import PATIENCE_S

WISH = "send a mail to bob@acme.com about lunch: see you at noon"


class Replica:
    """A database and a copy of it that misses what came since, on a server of tests."""

    def __init__(self, url: str) -> None:
        self._server, _, self._name = url.rpartition("/")
        self._copy = f"{self._name}_replica"
        self._cut_off()
        self._do("CREATE DATABASE {1} TEMPLATE {0}")
        self._do("ALTER DATABASE {0} ALLOW_CONNECTIONS true")

    def takes_over(self) -> None:
        """Put the copy in the place of the database."""
        self._cut_off()
        self._do("DROP DATABASE {0}")
        self._do("ALTER DATABASE {1} RENAME TO {0}")

    def _cut_off(self) -> None:
        self._do("ALTER DATABASE {0} ALLOW_CONNECTIONS false")
        self._do("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {2}")

    def _do(self, statement: str) -> None:
        names = (sql.Identifier(self._name), sql.Identifier(self._copy), sql.Literal(self._name))
        with psycopg.connect(f"{self._server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*names))


def until(there: Callable[[], object]) -> None:
    """Wait for something."""
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.server
def test_an_older_server_takes_over_under_a_running_process(
    tmp_path: Path, smtp_server: SmtpServer, postgres_url: str
) -> None:
    """It is noticed although more was appended since than was lost: the old card asks once more."""
    more = {"storage": {"database_url": postgres_url}}
    program = Program(tmp_path / "place", smtp_server.port, more)
    process = program.talk()

    def say(*lines: str) -> None:
        assert process.stdin is not None
        process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        process.stdin.flush()

    def shown(text: str) -> bool:
        assert process.poll() is None, program.errors
        return any(text in line for line in program.shown)

    try:
        say(WISH)
        until(lambda: shown("Send mail to bob@acme.com"))
        replica = Replica(postgres_url)
        say("accept")
        until(lambda: shown("Sent"))
        replica.takes_over()
        say(*[f"hello {number}" for number in range(5)], "accept")
        until(lambda: shown("Do it again? Send mail"))
        say("reject: it arrived", "/status")
        until(lambda: shown("Restored: The log is not the one it was"))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0, program.errors
    finally:
        process.kill()
        process.wait()
    assert len(smtp_server.mails) == 1
    assert "events verified" in program.ask("verify", "--accept")
