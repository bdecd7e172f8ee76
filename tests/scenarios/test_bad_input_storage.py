"""Bad input, third table: the place where data lives cannot be used.

Each row: what is wrong with it, the one clear sentence, the exit code, and that nothing is lost.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from adapters.sql.database import Database
from adapters.sql.store import SqlStore
from adapters.system.clock import SystemClock
from adapters.system.ids import SystemIds
from bot.app import Overrides, database_url
from core.domain.errors import TransientError
from core.domain.events import NewEvent
from core.ports.event_log import Appended
from core.projections import ALL
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.program import Program, environment, without_privileges
from tests.scenarios.sitting import sitting
from tests.waiting import PROGRAM_S


def refused(program: Program, sentence: str, *, code: int = 1) -> None:
    """Check that a read and a chat are both refused with one line and touch nothing."""
    for args in (("status",), ("chat",)):
        done = program.run(*args, stdin="note: lost?\n", prefix=without_privileges())
        assert (done.code, done.out) == (code, ""), done
        assert sentence in done.err
        assert len(done.err.splitlines()) == 1


def test_a_folder_without_rights(program: Program) -> None:
    """Said before anything is begun, with the folder and what to check."""
    data = program.place.data
    data.mkdir(mode=0o500)
    refused(program, f"The folder '{data}/logs' cannot be written: Permission denied; check data_")
    data.chmod(0o700)


def test_a_folder_that_cannot_be_made(program: Program) -> None:
    """The sentence names data_dir and the reason."""
    above = program.place.file.with_name("closed")
    above.mkdir(mode=0o500)
    program.place.configure(data_dir=str(above / "data"))
    refused(program, f"data_dir '{above}/data' cannot be made: Permission denied; name a folder")


def test_a_folder_that_is_a_file(program: Program) -> None:
    """It is left as it is."""
    program.place.data.write_text("mine", encoding="utf-8")
    refused(program, f"data_dir '{program.place.data}' cannot be made: it is no folder;")
    assert program.place.data.read_text("utf-8") == "mine"


def test_a_database_without_rights(program: Program) -> None:
    """The sentence names the file; with the rights back everything is there."""
    program.chat("note: before")
    file = program.place.data / "equerry.db"
    file.chmod(0)
    refused(program, "equerry.db")
    file.chmod(0o600)
    assert "verified" in program.ok("verify")


def test_a_database_of_a_newer_version(program: Program) -> None:
    """It is not touched; the sentence says which version it has and what to do."""
    program.chat("note: before")
    with contextlib.closing(sqlite3.connect(program.place.data / "equerry.db")) as db, db:
        before = db.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(program, "was written by a newer version of Equerry (schema 9999, this one knows ")
    with contextlib.closing(sqlite3.connect(program.place.data / "equerry.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = ?", [before])
    assert "verified" in program.ok("verify")


def test_a_file_that_is_no_database(program: Program) -> None:
    """It is left as it is, byte for byte."""
    program.place.data.mkdir()
    file = program.place.data / "equerry.db"
    file.write_bytes(b"hello world " * 1000)
    refused(program, "is not a database, or it is damaged; restore it from a backup")
    assert file.read_bytes() == b"hello world " * 1000


def test_a_log_that_was_tampered_with(program: Program) -> None:
    """`verify` names the first event that is wrong and ends with 1; so does a cut end."""
    program.chat("hello")
    file = program.place.data / "equerry.db"
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE events SET actor = 'nobody' WHERE position = 3")
    done = program.run("verify")
    assert done.code == 1
    assert done.err.startswith("The log does not verify: ")
    assert "3" in done.err


@pytest.mark.parametrize("damage", ["{", '"cut off', ""])
async def test_texts_that_were_damaged_count_as_erased(place: Place, damage: str) -> None:
    """Every page and a card go on without them, a new message is answered, and verify names one."""
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk:
        for line in ("note: buy milk", "/remember Bob likes tea", "remind me in 2 hours to rest"):
            await talk.say(line)
    with contextlib.closing(sqlite3.connect(place.data / "equerry.db")) as db, db:
        db.execute("UPDATE contents SET body = ?", (damage,))
    async with sitting(place) as talk:
        for line in ("/inbox", "/goals", "/why", "/memory", "/memory bob", "reject", "/forget tea"):
            assert "Something broke" not in await talk.say(line)
        assert "Something broke" not in await talk.say("note: buy tea")
        assert "buy tea" in str(talk.card)
        assert "Set aside" not in await talk.say("/status")
        assert "was changed" in str((await talk.app.store.verify()).problem)


def test_a_folder_of_notes_without_rights(program: Program) -> None:
    """The accepted note fails with a sentence, as an event; the next one with rights works."""
    program.place.configure(**ASK_FOR_NOTES)
    program.chat("note: first", "accept")
    folder = program.place.note().parent
    folder.chmod(0o500)
    done = program.run("chat", stdin="note: second\naccept\n", prefix=without_privileges())
    assert done.code == 1
    assert "Failed (note.append): There is no right to change 'notes.md'" in done.out
    (failed,) = program.events("--type", "operation.failed.v1")
    assert failed["payload"]["retry_at"] is None
    folder.chmod(0o700)
    program.chat("note: third", "accept")
    assert program.place.note().read_text("utf-8") == "first\nthird\n"


async def test_a_full_disk_while_running(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite is out of pages: what is sent is refused with a sentence, and works again later."""
    place.configure(**ASK_FOR_NOTES)
    limit = {"pages": 0}

    def bind(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages'] or 1_000_000}").close()

    async with sitting(place) as talk:
        await talk.say("note: before")
        card = talk.card.card
    size = (place.data / "equerry.db").stat().st_size // 4096
    limit["pages"] = size + 4
    real = Database._engine

    def engine(self: Database, **options: Any) -> Any:  # noqa: ANN401 - as create_engine
        made = real(self, **options)
        event.listen(made, "connect", bind)
        return made

    monkeypatch.setattr(Database, "_engine", engine)
    async with sitting(place) as talk:
        for _ in range(20):
            said = await talk.say("x" * 3000)
        assert said.startswith("The disk is full: nothing was written to ")
        assert said.endswith("equerry.db; free some space and try again.")
    limit["pages"] = 0
    async with sitting(place) as talk:
        assert card in await talk.say("/inbox")
        await talk.say(f"accept {card}")
        answered = await talk.events("goal.finished.v1")
        received = await talk.events("message.received.v1")
        assert len(answered) == len(received)
        store = talk.app.store
        assert (await store.verify()).problem is None
    assert place.note().read_text("utf-8") == "before\n"


MOUNTED = """
mount -t tmpfs -o size=3m none "$DATA" || exit 77
"$@" <"$LINES" && head -c 4m /dev/zero >"$DATA/fill"
"$@" <"$MORE"; echo "exit $?"
rm "$DATA/fill"
"$@" <"$LAST" && cat "$DATA/notes/notes.md"
"""


SMALL_DISK = ("unshare", "--map-root-user", "--mount")


def can_mount() -> bool:
    """Return whether this machine lets us mount a small file system of our own."""
    if not shutil.which("unshare"):
        return False
    command = [*SMALL_DISK, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if can_mount():

    def test_a_disk_that_is_really_full(program: Program) -> None:
        """On a tiny file system, where it may be mounted: refused in words, nothing lost."""
        place = program.place
        place.configure(**ASK_FOR_NOTES)
        place.data.mkdir()
        lines = {
            "LINES": "note: one\naccept\n",
            "MORE": "note: two\naccept\n",
            "LAST": "note: three\naccept\n/status\n",
        }
        files = {name: _file(place, name, text) for name, text in lines.items()}
        done = subprocess.run(
            [*SMALL_DISK, "sh", "-c", MOUNTED, "sh", *program.command("chat")],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            env=environment(DATA=str(place.data), **files),
            timeout=PROGRAM_S,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        assert "free" in done.stdout + done.stderr
        assert "All well." in done.stdout
        assert done.stdout.endswith("one\nthree\n")


def _file(place: Place, name: str, text: str) -> str:
    path = place.file.with_name(name)
    path.write_text(text, encoding="utf-8")
    return os.fspath(path)


class _Failing(SqlStore):
    """A store that cannot be written once, at the first event of type `fails_at`."""

    fails_at = ""

    async def append(
        self, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        """Append, or fail as a database that is away for a moment does."""
        if any(new.payload.wire == self.fails_at for new in events):
            self.fails_at = ""
            raise TransientError("The database server does not answer; try again.")
        return await super().append(events, expect=expect)


async def test_a_store_that_fails_after_an_effect(place: Place) -> None:
    """The effect is there and its end could not be written: it is looked up, not done again."""
    clock, ids = SystemClock(), SystemIds()
    place.data.mkdir()
    store = await _Failing.open(database_url(place.config()), ALL, clock, ids)
    async with sitting(place, Overrides(store=store)) as talk:
        store.fails_at = "operation.finished.v1"
        await talk.say("note: once")
        assert "Added to notes.md" in "\n".join(talk.said)
        assert len(await talk.events("operation.unknown.v1")) == 1
        assert not await talk.events("operation.failed.v1")
    assert place.note().read_text("utf-8") == "once\n"
