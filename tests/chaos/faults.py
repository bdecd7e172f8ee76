"""Faults of what is below and around a running program: each begins, lasts, and is over."""

import asyncio
import random
import resource
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress

from tests.chaos.on_telegram import Bot
from tests.chaos.program import PATIENCE_S
from tests.chaos.shifted_clock import SHIFT
from tests.servers.process import LOOPBACK
from tests.servers.telegram import TelegramServer

LASTS_S = (0.5, 4.0)
FULL_AT = 32 * 1024
"""Bytes from where on no file can grow: the journal of the log is larger at once."""
WRONG_S = (-7 * 86400.0, -7200.0, 7200.0, 86400.0, 10 * 365 * 86400.0)

Fault = Callable[[], AbstractContextManager[None]]


class Wire(threading.Thread):
    """A road to a port on loopback that can be cut: connections hang, or are refused.

    A cut one says nothing at all, as behind a router that forgot about it.
    """

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._to = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._open, self._ready = threading.Event(), threading.Event()
        self._open.set()
        self.port = 0
        self.start()
        self._ready.wait(PATIENCE_S)

    def run(self) -> None:
        """Forward until `end`."""
        asyncio.run(self._listen())

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Let nothing through while the block lasts."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def end(self) -> None:
        """Forward no more."""
        assert self._loop is not None
        self._open.set()
        self._loop.call_soon_threadsafe(self._over.set)
        self.join(PATIENCE_S)

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._forward, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while not self._open.is_set():  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(0.02)
                writer.write(data)
                await writer.drain()
        writer.close()


class Faults:
    """Draws faults for one running program."""

    def __init__(self, bot: Bot, process: "subprocess.Popen[bytes]", chance: random.Random) -> None:
        self._bot, self._process, self._chance = bot, process, chance
        self.known: dict[str, Fault] = {
            "stopped": self.stopped,
            "clock": self.clock,
            "second": self.second,
        }
        self.had: list[str] = []
        self._deck: list[str] = []

    def happen(self) -> None:
        """Let one fault begin, last and end; each has its turn before one comes again."""
        if not self._deck:
            self._deck = self._chance.sample(sorted(self.known), len(self.known))
        name = self._deck.pop()
        self.had.append(name)
        with self.known[name]():
            time.sleep(self._chance.uniform(*LASTS_S))

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The process is frozen, as on a laptop that sleeps."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def clock(self) -> Iterator[None]:
        """The clock of the machine is set wrong."""
        shift = self._bot.folder / SHIFT
        shift.write_text(str(self._chance.choice(WRONG_S)), encoding="ascii")
        try:
            yield
        finally:
            shift.unlink()

    @contextmanager
    def second(self) -> Iterator[None]:
        """Somebody starts the program a second time; it is refused with a sentence."""
        code, said = self._bot.again()
        assert code == 1, said
        assert "is running" in said, said
        yield

    def on_files(self) -> None:
        """Know the faults of a log in a file."""
        self.known |= {"locked": self.locked, "full": self.full}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program keeps the database to itself."""
        with closing(sqlite3.connect(self._bot.data / "equerry.db", timeout=5)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:  # it is busy: that will do
                yield
                return
            yield
            other.rollback()

    @contextmanager
    def full(self) -> Iterator[None]:
        """No file can grow."""
        before = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (FULL_AT, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, before)

    def on_network(self, server: TelegramServer, **wires: Wire) -> None:
        """Know the faults of the network: Telegram is gone, and roads that are cut."""

        @contextmanager
        def gone() -> Iterator[None]:
            server.stop()
            try:
                yield
            finally:
                server.start()

        self.known["telegram"] = gone
        self.known |= {name: wire.cut for name, wire in wires.items()}
