"""The store fails for a while: the program stays, says so once, and nothing is lost or doubled."""

import contextlib
import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from adapters.sql import database, writer
from adapters.sql.store import SqlStore
from bot.telegram import alarm
from core.domain.events import NewEvent
from core.ports.event_log import Appended
from core.telemetry import store_trouble
from tests.adapters.documents.offices import word
from tests.scenarios.program import ROOT, Program, environment, without_privileges
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_webhook import hooked
from tests.scenarios.test_bad_input_storage import SMALL_DISK, can_mount
from tests.servers.postgres import PostgresServer
from tests.servers.telegram import Chat
from tests.waiting import PATIENCE_S

LONG_S = 60
OVER = "That is over"
EACH_ONCE = ["after", "before", "during", "waiting"]


def warnings_in(chat: Chat) -> list[str]:
    """Return what the bot said of the store, each in a word."""
    texts = [message.text for message in chat.from_bot]
    return ["fails" if "⚠️" in text else "over" for text in texts if "⚠️" in text or OVER in text]


def noted(notes: str) -> list[str]:
    """Return the lines in order of the alphabet: what is tried again may come after what is new."""
    return sorted(notes.splitlines())


@contextlib.contextmanager
def serving(
    phone: Phone, out: Path, prefix: Sequence[str] = (), api_base: str | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `run` as a process of its own, for an owner who is known, until the block ends."""
    settings = {
        "token": phone.server.token,
        "api_base": api_base or phone.server.api_base,
        "owner_ids": [phone.owner.id],
    }
    phone.place.configure(telegram=settings, gates={})
    command = [*prefix, *Program(phone.place).command("run")]
    with out.open("ab") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=file, stderr=file, env=environment(DATA=str(phone.place.data))
        )
    try:
        yield process
        assert process.poll() is None, out.read_text("utf-8")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, out.read_text("utf-8")
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def through(phone: Phone, break_it: Callable[[], object], mend_it: Callable[[], object]) -> None:
    """Say things before, during and after a fault: all is done, once, and the owner is told."""
    phone.owner.say(phone.chat, "note: before")
    phone.chat.wait("Added to notes.md: before", LONG_S)
    break_it()
    phone.owner.say(phone.chat, "note: during")
    phone.chat.wait("⚠️", LONG_S)
    phone.owner.say(phone.chat, "note: waiting")
    mend_it()
    phone.chat.wait("Added to notes.md: waiting", LONG_S)
    phone.chat.wait(OVER, LONG_S)
    phone.owner.say(phone.chat, "note: after")
    phone.chat.wait("Added to notes.md: after", LONG_S)
    assert warnings_in(phone.chat) == ["fails", "over"]
    said = "\n".join(message.text for message in phone.chat.from_bot)
    for noted in ("before", "during", "waiting", "after"):
        assert said.count(f"Added to notes.md: {noted}") == 1, said
    assert not [m for m in phone.chat.from_bot if "repeat" in m.text]


if can_mount():

    def test_a_full_disk(phone: Phone, tmp_path: Path) -> None:
        """Filled to the last byte while it runs; with room again it goes on by itself."""
        phone.place.data.mkdir()
        script = 'mount -t tmpfs -o size=16m none "$DATA" && exec "$@"'
        with serving(phone, tmp_path / "out", [*SMALL_DISK, "sh", "-c", script, "sh"]) as process:
            data = Path(f"/proc/{process.pid}/root{phone.place.data}")

            def fill() -> None:
                with (data / "fill").open("wb", 0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * 4096)

            through(phone, fill, (data / "fill").unlink)
            notes = (data / "notes" / "notes.md").read_text("utf-8")
        assert noted(notes) == EACH_ONCE


def test_files_that_may_grow_no_further(phone: Phone, tmp_path: Path) -> None:
    """A quota, say: no file takes more than it has, until the limit is lifted."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with serving(phone, tmp_path / "out") as process:

        def limit(most: tuple[int, int]) -> None:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, most)

        through(phone, lambda: limit((4096, unlimited[1])), lambda: limit(unlimited))
    assert noted(phone.place.note().read_text("utf-8")) == EACH_ONCE


@pytest.mark.parametrize("name", ["blobs", "."])
def test_a_folder_that_may_not_be_written(phone: Phone, tmp_path: Path, name: str) -> None:
    """The database is well and files are not: the owner is told, and a file is taken in then."""
    folder = phone.place.data / name
    with serving(phone, tmp_path / "out", without_privileges()):
        phone.owner.say(phone.chat, "note: before")
        phone.chat.wait("Added to notes.md: before", LONG_S)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o500)
        phone.owner.send_document(phone.chat, "a.docx", word("# A", "the mast"), "note: during")
        phone.chat.wait("⚠️ There is no right to change", LONG_S)
        phone.owner.say(phone.chat, "/status")
        status = phone.chat.wait("Storage: There is no right to change", LONG_S)
        assert "All well" not in status.text
        folder.chmod(0o700)
        phone.chat.wait("Added to notes.md: during", LONG_S)
        phone.chat.wait(OVER, LONG_S)
        assert warnings_in(phone.chat) == ["fails", "over"]
        phone.owner.say(phone.chat, "/status")
        phone.chat.wait("All well.", LONG_S)
    assert phone.place.note().read_text("utf-8") == "before\nduring\n"


@pytest.mark.timeout(300)
def test_a_database_server_that_is_away(phone: Phone, tmp_path: Path) -> None:
    """Stopped and started again; also what the engine does on its own goes on."""
    with PostgresServer() as server:
        phone.place.configure(storage={"database_url": server.url(server.create_database())})
        with serving(phone, tmp_path / "out"):
            through(phone, server.stop, server.start)
    assert noted(phone.place.note().read_text("utf-8")) == EACH_ONCE


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lock be waited for briefly, so that the test need not last as long as the fault."""
    for module in (database, writer):
        monkeypatch.setattr(module, "BUSY_S", 0.2)
    monkeypatch.setattr(store_trouble, "PAUSES_S", (0.2,))
    monkeypatch.setattr(store_trouble, "CALM_S", 0.5)


async def through_here(
    phone: Phone, break_it: Callable[[], object], mend_it: Callable[[], object]
) -> None:
    """Do the same in this process, with the owner's pairing in the log."""
    phone.place.configure(gates={})
    async with phone.running() as app:
        await phone.pair()
        await phone.say("note: before", "Added to notes.md")
        break_it()
        phone.owner.say(phone.chat, "note: during")
        await phone.chat.wait_async("⚠️", LONG_S)
        mend_it()
        await phone.chat.wait_async("Added to notes.md: during", LONG_S)
        await phone.chat.wait_async(OVER, LONG_S)
        assert warnings_in(phone.chat) == ["fails", "over"]
        health = [event.payload for event in await phone.events("health.changed.v1")]
        assert [one["state"] for one in health if one["part"] == "storage"] == ["failing", "well"]
        assert len(await phone.events("message.received.v1")) == 2
        assert (await app.store.verify()).problem is None
    assert phone.place.note().read_text("utf-8") == "before\nduring\n"


async def locked_for_a_while(phone: Phone) -> None:
    """Keep the database locked, as another program may for as long as it likes."""
    file = phone.place.data / "equerry.db"
    locks: list[sqlite3.Connection] = []

    def lock() -> None:
        locks.append(sqlite3.connect(file, isolation_level=None))
        locks[0].execute("BEGIN EXCLUSIVE")

    def unlock() -> None:
        locks[0].close()

    await through_here(phone, lock, unlock)


@pytest.mark.usefixtures("hasty")
async def test_a_locked_database(phone: Phone) -> None:
    """Another program keeps it locked for as long as it likes."""
    await locked_for_a_while(phone)


@pytest.mark.usefixtures("hasty")
async def test_a_locked_database_behind_a_webhook(phone: Phone) -> None:
    """Telegram is not told that the update was taken, and delivers it again."""
    hooked(phone)
    await locked_for_a_while(phone)


@pytest.mark.usefixtures("hasty")
async def test_a_database_file_that_vanished(phone: Phone) -> None:
    """Nothing goes into a file without a name; put back where it was, it goes on."""
    data, aside = phone.place.data, phone.place.data.with_name("aside")

    def move(source: Path, to: Path) -> None:
        to.mkdir(exist_ok=True)
        for file in source.glob("equerry.db*"):
            shutil.move(file, to / file.name)

    await through_here(phone, lambda: move(data, aside), lambda: move(aside, data))
    assert sorted(path.name for path in aside.iterdir()) == []


@pytest.mark.usefixtures("hasty")
async def test_a_disk_that_refuses_a_write(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the system, not of the database: more often than a broken update is tried."""
    append = SqlStore.append
    broken: list[bool] = []

    async def refuses(
        self: SqlStore, events: Sequence[NewEvent], *, expect: Mapping[str, int] | None = None
    ) -> Appended:
        if broken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return await append(self, events, expect=expect)

    monkeypatch.setattr(SqlStore, "append", refuses)
    await through_here(phone, lambda: broken.append(True), broken.clear)


@pytest.mark.usefixtures("hasty")
async def test_trouble_that_comes_and_goes_is_no_storm(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same again within a minute is not told again, unless it lasts."""
    assert alarm.CALM.total_seconds() >= 60
    file = phone.place.data / "equerry.db"
    async with phone.running() as app:
        await phone.pair()
        for number in range(3):
            with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                phone.owner.say(phone.chat, f"note: {number}")
                await phone.server.wait_async(lambda: app.storage.sentence, LONG_S)
            await phone.server.wait_async(lambda: not app.storage.sentence, LONG_S)
        assert warnings_in(phone.chat) == ["fails", "over"]
