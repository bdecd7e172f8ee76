"""`run` is started before its store is there: it waits, says so once, and goes on by itself."""

import contextlib
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.sql.parts import execute
from tests.scenarios.places import Place
from tests.scenarios.program import ROOT, Program, environment
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_storage_faults import (
    LONG_S,
    OVER,
    serving,
    warnings_in,
)
from tests.scenarios.test_bad_input_storage import SMALL_DISK, can_mount
from tests.servers.postgres import PostgresServer
from tests.servers.process import LOOPBACK, free_port


def test_redis_and_chroma_that_are_away(phone: Phone, tmp_path: Path) -> None:
    """Only copies are kept there: it starts and works without them, and `/status` says so."""
    redis, chroma = free_port(), free_port()
    storage = {
        "redis_url": f"redis://{LOOPBACK}:{redis}/0",
        "chroma_url": f"http://{LOOPBACK}:{chroma}",
    }
    phone.place.configure(storage=storage)
    with serving(phone, tmp_path / "out"):
        phone.owner.say(phone.chat, "note: before")
        phone.chat.wait("Added to notes.md", LONG_S)
        phone.owner.say(phone.chat, "remember: the boat is called Ada")
        phone.chat.wait("boat", LONG_S)
        phone.owner.say(phone.chat, "/status")
        said = phone.chat.wait("events on the log", LONG_S)
        assert "Redis does not answer" in said.text
        assert "All well" not in said.text


def starts_late(phone: Phone, out: Path, mend_it: Callable[[], object]) -> None:
    """See that what is said meanwhile waits, that the owner is told once, and that all is done."""
    phone.owner.say(phone.chat, "note: early")
    phone.chat.wait("⚠️", LONG_S)
    mend_it()
    phone.chat.wait("Added to notes.md: early", LONG_S)
    phone.chat.wait(OVER, LONG_S)
    assert warnings_in(phone.chat) == ["fails", "over"]
    assert out.read_text("utf-8").count("Trying again …") == 1
    assert "the store cannot be used" in phone.place.log_text()


def test_a_database_server_that_starts_later(phone: Phone, tmp_path: Path) -> None:
    """As at the start of a machine: nothing answers at its port yet."""
    with PostgresServer() as server:
        phone.place.configure(storage={"database_url": server.url(server.create_database())})
        server.stop()
        out = tmp_path / "out"
        with serving(phone, out):
            starts_late(phone, out, server.start)
    assert phone.place.note().read_text("utf-8") == "early\n"


def test_a_database_server_that_stands_by(phone: Phone, tmp_path: Path) -> None:
    """It may only be read: another one leads, or it will again."""
    with PostgresServer() as server:
        name = server.create_database()
        phone.place.configure(storage={"database_url": server.url(name)})

        def stand_by(state: str) -> None:
            statement = f"ALTER DATABASE {name} SET default_transaction_read_only = {state}"
            execute(server.url("postgres"), statement)

        stand_by("on")
        out = tmp_path / "out"
        with serving(phone, out):
            starts_late(phone, out, lambda: stand_by("off"))
    assert phone.place.note().read_text("utf-8") == "early\n"


def test_a_database_that_another_program_has_locked(phone: Phone, tmp_path: Path) -> None:
    """A file that cannot even be read yet."""
    with serving(phone, tmp_path / "first"):
        phone.owner.say(phone.chat, "note: before")
        phone.chat.wait("Added to notes.md", LONG_S)
    other = sqlite3.connect(phone.place.data / "equerry.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    out = tmp_path / "out"
    with contextlib.closing(other), serving(phone, out):
        starts_late(phone, out, other.close)
    assert phone.place.note().read_text("utf-8") == "before\nearly\n"


if can_mount():

    @pytest.mark.parametrize("kept", [0, 8])
    def test_a_full_disk(phone: Phone, tmp_path: Path, kept: int) -> None:
        """Without room for a byte, or for a few: nothing that a start makes is needed to say so."""
        phone.place.data.mkdir()
        script = (
            'mount -t tmpfs -o size=16m none "$DATA" && '
            'dd if=/dev/zero of="$DATA/fill" bs=4k 2>/dev/null; '
            f'truncate -s -{kept * 4096} "$DATA/fill"; exec "$@"'
        )
        out = tmp_path / "out"
        with serving(phone, out, [*SMALL_DISK, "sh", "-c", script, "sh"]) as process:
            data = Path(f"/proc/{process.pid}/root{phone.place.data}")
            phone.owner.say(phone.chat, "note: early")
            phone.chat.wait("⚠️", LONG_S)
            (data / "fill").unlink()
            phone.chat.wait("Added to notes.md: early", LONG_S)
            phone.chat.wait(OVER, LONG_S)
            assert warnings_in(phone.chat) == ["fails", "over"]
            assert (data / "notes" / "notes.md").read_text("utf-8") == "early\n"


def refused(place: Place, sentence: str) -> None:
    """See that it ends with one line."""
    done = Program(place).run("run")
    assert done.code == 1, done
    assert sentence in done.err
    assert len(done.err.splitlines()) == 1


def test_what_does_not_pass_ends_it(phone: Phone, postgres_server: PostgresServer) -> None:
    """Another database, another user, a newer version: nobody would correct that by waiting."""
    telegram = {"token": phone.server.token, "api_base": phone.server.api_base}
    url = postgres_server.url("nothing_of_that_name")
    phone.place.configure(telegram=telegram, storage={"database_url": url})
    refused(phone.place, "does not exist; correct storage.database_url")
    url = f"postgresql://nobody:secret@{LOOPBACK}:{postgres_server.port}/postgres"
    phone.place.configure(storage={"database_url": url})
    refused(phone.place, "refused us")
    phone.place.configure(storage={})
    Program(phone.place).chat("note: before")
    with contextlib.closing(sqlite3.connect(phone.place.data / "equerry.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(phone.place, "was written by a newer version of Equerry")
    shutil.rmtree(phone.place.data)
    phone.place.data.write_text("mine", "utf-8")
    refused(phone.place, "it is no folder")


def test_sigterm_ends_the_wait(phone: Phone, tmp_path: Path) -> None:
    """Both between two tries and in the middle of one: nothing is served yet."""
    telegram = {"token": phone.server.token, "api_base": phone.server.api_base}
    nowhere = f"postgresql://equerry@{LOOPBACK}:{free_port()}/equerry"
    phone.place.configure(telegram=telegram)
    Program(phone.place).chat("note: before")
    other = sqlite3.connect(phone.place.data / "equerry.db", isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with contextlib.closing(other):
        for url in (nowhere, None):
            phone.place.configure(storage={"database_url": url})
            out = tmp_path / f"out-{url is None}"
            with out.open("ab") as file:
                process = subprocess.Popen(
                    Program(phone.place).command("run"),
                    cwd=ROOT,
                    stdout=file,
                    stderr=file,
                    env=environment(),
                )
            until = time.monotonic() + LONG_S
            while "Trying again …" not in out.read_text("utf-8"):
                assert time.monotonic() < until
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONG_S) == 0
            assert "Traceback" not in out.read_text("utf-8")
