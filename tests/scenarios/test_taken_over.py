"""Two real processes on one database: one acceptance is one mail, whoever stood still meanwhile."""

import asyncio
import json
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.sql.schema import LEADER
from tests.chaos.program import Program
from tests.servers.smtp import SmtpServer
from tests.waiting import PATIENCE_S

WISH = "send a mail to bob@acme.com about lunch: see you at noon"


class HoldingMail(SmtpServer):
    """Holds the first client at its recipient, where nothing is sent yet, until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.holds, self.let_go = threading.Event(), threading.Event()

    async def handle_RCPT(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, the first one late."""
        if not self.holds.is_set():
            self.holds.set()
            await asyncio.to_thread(self.let_go.wait)
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[HoldingMail]:
    """Give the mail server."""
    with HoldingMail() as server:
        yield server
        server.let_go.set()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database that is not in data_dir."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/shared.db"


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)


def _say(process: "subprocess.Popen[bytes]", *lines: str) -> None:
    assert process.stdin is not None
    process.stdin.write("".join(f"{line}\n" for line in lines).encode())
    process.stdin.flush()


def _end(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(PATIENCE_S)


def _same_data_dir(first: Program, second: Program, database: str) -> None:
    """Give the second one a copy of the first one's folder, as another machine has it by a sync.

    A server ends the session of one that stands still after 20 seconds; that is not waited for.
    """
    shutil.copytree(first.data, second.data)
    if database.startswith("postgresql"):
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND objid = %s",
                [LEADER],
            )


def test_a_process_that_wakes_up_after_another_took_over_sends_nothing(
    tmp_path: Path, mail: HoldingMail, database: str
) -> None:
    """Stopped before the mail is handed over, it finds that the other one has sent it: 1 mail."""
    more = {"storage": {"database_url": database}}
    first, second = (Program(tmp_path / name, mail.port, more) for name in ("first", "second"))
    stopped = first.talk()
    try:
        _say(stopped, WISH, "accept")
        assert mail.holds.wait(PATIENCE_S), first.errors
        stopped.send_signal(signal.SIGSTOP)
        _same_data_dir(first, second, database)
        mail.let_go.set()
        other = second.talk()
        _until(lambda: len(mail.mails) == 1 or other.poll() is not None)
        _until(lambda: any("Sent" in line for line in second.shown) or other.poll() is not None)
        assert other.poll() is None, second.errors
        stopped.send_signal(signal.SIGCONT)
        _end(stopped)
        assert _end(other) == 0, second.errors
    finally:
        stopped.kill()
        stopped.wait()
    assert len(mail.mails) == 1
    events = second.events()
    kinds = Counter(event["type"] for event in events)
    assert kinds["operation.committing.v1"] == kinds["operation.finished.v1"] == 1
    assert kinds["card.opened.v1"] == kinds["card.decided.v1"] == 1
    assert kinds["operation.failed.v1"] == kinds["task.failed.v1"] == 0
    assert "events verified" in second.ask("verify")


def test_a_second_data_dir_is_refused(tmp_path: Path, database: str) -> None:
    """A database belongs to one data_dir, also while nobody runs on it; its id can be handed on."""
    more = {"storage": {"database_url": database}}
    first, second = (Program(tmp_path / name, 9, more) for name in ("first", "second"))
    assert _end(first.talk()) == 0, first.errors
    for words in (("chat", "--script", "-"), ("status",)):
        code, _, errors = second.run(*words)
        assert code == 1
        assert f"belongs to the data_dir {str(first.data)!r}" in errors
        assert len(errors.splitlines()) == 1
    shutil.copy(first.data / "id", second.data / "id")
    assert json.loads(second.ask("status", "--json"))["open_cards"] == 0


def test_a_data_dir_that_was_made_anew_is_refused(tmp_path: Path, database: str) -> None:
    """It says what is so: the folder of that path is not the one that the database knows."""
    one = Program(tmp_path / "one", 9, {"storage": {"database_url": database}})
    assert _end(one.talk()) == 0, one.errors
    ident = (one.data / "id").read_text("utf-8")
    shutil.rmtree(one.data)
    code, _, errors = one.run("status")
    assert code == 1
    assert f"what was in the data_dir {str(one.data)!r} before: that folder was made anew" in errors
    assert "not to" not in errors
    (one.data / "id").write_text(ident, encoding="utf-8")
    assert json.loads(one.ask("status", "--json"))["open_cards"] == 0


@pytest.mark.server
def test_one_database_is_led_by_one_process(tmp_path: Path, postgres_url: str) -> None:
    """On a server a second Equerry is refused although its data_dir is on another machine."""
    more = {"storage": {"database_url": postgres_url}}
    first, second = (Program(tmp_path / name, 9, more) for name in ("first", "second"))
    running = first.talk()
    try:
        _say(running, "hello")
        _until(lambda: bool(first.shown))
        shutil.copytree(first.data, second.data)
        code, _, errors = second.run("chat", "--script", "-")
        assert (code, "Another Equerry is running on the database" in errors) == (1, True), errors
        assert "postgresql" in errors
        assert _end(running) == 0, first.errors
        assert second.run("chat", "--script", "-")[0] == 0
    finally:
        running.kill()
        running.wait()
