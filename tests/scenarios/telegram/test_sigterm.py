"""SIGTERM while something that is waited for hangs: the program ends, and nothing is doubled."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.adapters.documents.offices import word
from tests.scenarios.serving import served
from tests.scenarios.telegram.phone import Phone
from tests.scenarios.telegram.test_storage_faults import LONG_S, serving
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.black_hole import BlackHole
from tests.servers.chroma import ChromaServer
from tests.servers.openai import OpenAiServer
from tests.servers.process import LOOPBACK
from tests.servers.redis import RedisServer
from tests.servers.smtp import SmtpServer

HELD_UP = "the end was held up"


def wait_until(holds: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + LONG_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextlib.contextmanager
def ended(
    phone: Phone, tmp_path: Path, api_base: str | None = None, **sections: object
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the program; at the end of the block SIGTERM ends it, without force and a traceback."""
    phone.place.configure(**sections)
    out = tmp_path / "out"
    with serving(phone, out, api_base=api_base) as process:
        yield process
    assert HELD_UP not in phone.place.log_text()
    assert "Traceback" not in out.read_text("utf-8") + phone.place.log_text()


def test_chroma(phone: Phone, tmp_path: Path, own_chroma_server: ChromaServer) -> None:
    """A thread waits for an answer of the index of vectors."""
    with BlackHole(own_chroma_server.port) as hole:
        storage = {"chroma_url": f"http://{LOOPBACK}:{hole.port}"}
        with ended(phone, tmp_path, storage=storage):
            phone.owner.say(phone.chat, "remember: the boat is called Ada")
            phone.chat.wait("boat", LONG_S)
            wait_until(lambda: collections(own_chroma_server))
            hole.close()
            phone.owner.say(phone.chat, "remember: the mast is made of ash")
            phone.chat.wait("mast", LONG_S)
            wait_until(lambda: hole.swallowed)


def collections(server: ChromaServer) -> object:
    """Return what the server keeps."""
    place = "tenants/default_tenant/databases/default_database/collections"
    return httpx.get(f"{server.url}/api/v2/{place}", timeout=LONG_S).json()


def test_redis(phone: Phone, tmp_path: Path, redis_server: RedisServer) -> None:
    """The copy of the window."""
    with BlackHole(redis_server.port) as hole:
        storage = {"redis_url": f"redis://{LOOPBACK}:{hole.port}/0"}
        with ended(phone, tmp_path, storage=storage):
            phone.owner.say(phone.chat, "hello")
            phone.chat.wait(lambda message: message.text, LONG_S)
            wait_until(lambda: hole.ways)
            hole.close()
            phone.owner.say(phone.chat, "hello again")
            wait_until(lambda: hole.swallowed)


def test_a_model(phone: Phone, tmp_path: Path) -> None:
    """A call of the model; it is counted, and made again at the next start."""
    with OpenAiServer() as server, BlackHole(port_of(server.api_base)) as hole:
        hole.close()
        served(phone.place, server, api_base=f"http://{LOOPBACK}:{hole.port}/v1")
        with ended(phone, tmp_path):
            phone.owner.say(phone.chat, "what about the boat?")
            wait_until(lambda: hole.swallowed)


def test_an_embedding_of_a_provider(phone: Phone, tmp_path: Path) -> None:
    """A vector is asked for."""
    with OpenAiServer() as server, BlackHole(port_of(server.api_base)) as hole:
        hole.close()
        llm = {"api_base": f"http://{LOOPBACK}:{hole.port}/v1", "api_key": "sk-k"}
        memory = {"embedding": {"model": "openai/words", "input_per_million": 1}}
        with ended(phone, tmp_path, llm=llm, memory=memory):
            phone.owner.say(phone.chat, "remember: the boat is called Ada")
            wait_until(lambda: hole.swallowed)


def test_telegram(phone: Phone, tmp_path: Path) -> None:
    """Every call, the poll among them."""
    port = port_of(phone.server.api_base)
    with BlackHole(port) as hole, ended(phone, tmp_path, f"http://{LOOPBACK}:{hole.port}"):
        phone.owner.say(phone.chat, "hello")
        phone.chat.wait(lambda message: message.text, LONG_S)
        hole.close()
        phone.owner.say(phone.chat, "hello again")
        wait_until(lambda: hole.swallowed)


def port_of(url: str) -> int:
    """Return the port in an address."""
    return urlsplit(url).port or 0


class SlowSmtp(SmtpServer):
    """Keeps a mail and answers nothing."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail, and say so much later."""
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(LONG_S)
        return said


def test_a_mail_that_was_handed_over(phone: Phone, tmp_path: Path) -> None:
    """It is not known whether it went: the next start asks, and it went once."""
    with SlowSmtp() as server:
        with_mail(phone.place, server)
        with ended(phone, tmp_path):
            phone.owner.say(phone.chat, WISH)
            card = phone.chat.wait(lambda message: message.rows, LONG_S)
            phone.owner.tap(card, "Accept", wait_s=LONG_S)
            wait_until(lambda: server.mails)
        with serving(phone, tmp_path / "again"):
            phone.chat.wait("Do it again?", LONG_S)
        assert len(server.mails) == 1


def test_a_mail_server_that_says_nothing(phone: Phone, tmp_path: Path) -> None:
    """It never greets, so nothing went: the next start sends it, once."""
    with SmtpServer() as server, BlackHole(server.port) as hole:
        hole.close()
        smtp = {"host": LOOPBACK, "port": hole.port, "tls": "none", "from": "me@home.example"}
        with ended(phone, tmp_path, actions={"mail": {"smtp": smtp}}):
            phone.owner.say(phone.chat, WISH)
            card = phone.chat.wait(lambda message: message.rows, LONG_S)
            phone.owner.tap(card, "Accept", wait_s=LONG_S)
            wait_until(lambda: hole.ways)
        hole.open()
        with serving(phone, tmp_path / "again"):
            phone.chat.wait("Sent", LONG_S)
        assert len(server.mails) == 1


def test_a_document_that_is_read(phone: Phone, tmp_path: Path) -> None:
    """The process that reads it stands still; it is ended, too."""
    with ended(phone, tmp_path) as process:
        phone.owner.say(phone.chat, "hello")
        phone.chat.wait(lambda message: message.text, LONG_S)
        phone.owner.send_document(phone.chat, "offer.docx", word("# Offer", "the mast"), "look")
        wait_until(lambda: readers(process.pid))
        for reader in readers(process.pid):
            os.kill(reader, signal.SIGSTOP)


def readers(parent: int) -> list[int]:
    """Return the processes of a parent that read documents."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            if int(status[1]) == parent and "documents.child" in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


def test_a_screen_that_nobody_reads(phone: Phone, tmp_path: Path) -> None:
    """A terminal after Ctrl-S, a pipe into a program that was stopped: it serves, and ends."""
    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        for size in (4096, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writer, b"x" * size)
        os.set_blocking(writer, True)
        with serving(phone, Path(f"/proc/self/fd/{writer}")):
            phone.owner.say(phone.chat, "note: unread")
            phone.chat.wait("Added to notes.md: unread", LONG_S)
    finally:
        os.close(writer)
        os.close(reader)
    assert HELD_UP not in phone.place.log_text()
