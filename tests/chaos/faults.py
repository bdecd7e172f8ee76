"""Faults of what is below and around a running program: each begins, lasts, and is over."""

import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from tests.chaos.on_telegram import Bot
from tests.chaos.shifted_clock import SHIFT
from tests.servers.black_hole import BlackHole
from tests.servers.telegram import TelegramServer

LASTS_S = (0.5, 4.0)
FULL_AT = 32 * 1024
"""Bytes from where on no file can grow: the journal of the log is larger at once."""
WRONG_S = (-7 * 86400.0, -7200.0, 7200.0, 86400.0, 10 * 365 * 86400.0)

Fault = Callable[[], AbstractContextManager[None]]


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

    def on_network(self, server: TelegramServer, **ways: BlackHole) -> None:
        """Know the faults of the network: Telegram is gone, and ways on which packets vanish."""

        @contextmanager
        def gone() -> Iterator[None]:
            server.stop()
            try:
                yield
            finally:
                server.start()

        self.known["telegram"] = gone
        self.known |= {name: way.closed for name, way in ways.items()}
