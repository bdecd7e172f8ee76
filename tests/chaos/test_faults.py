"""A service on which faults of its disk, clock and network fall, and a second copy of it.

Nothing is lost, nothing is done twice, and the process that was started is alive at the end.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.faults import Faults
from tests.chaos.on_telegram import REPEAT, Bot, Owner
from tests.chaos.slow_mail import SlowMail
from tests.conftest import Chaos
from tests.scenarios.chain import check_chain
from tests.servers.black_hole import BlackHole
from tests.servers.postgres import PostgresServer
from tests.servers.telegram import Chat, Message, TelegramServer
from tests.waiting import PATIENCE_S

ENTRY = Path(__file__).with_name("shifted_clock.py")
PAUSE_S = (0.3, 1.5)


def _text(number: int) -> str:
    """Return what the owner writes: notes and mails by turns."""
    if number % 2:
        return f"note: thing{number:03}"
    return f"send a mail to bob@example.com about thing{number:03}: dear thing{number:03}"


class Story:
    """One program, its owner, the mail server, and what must have come of it all."""

    def __init__(
        self,
        folder: Path,
        server: TelegramServer,
        chaos: Chaos,
        more: dict[str, Any] | None = None,
    ) -> None:
        chance = random.Random(chaos.seed)
        server.limits.enabled = False
        self.server = server
        user = server.user(42, "Ada")
        self.chat: Chat = server.private(user)
        self.count = max(chaos.kills, 6)
        self.mail = SlowMail(chance)
        smtp = {
            "host": "127.0.0.1",
            "port": self.mail.port,
            "tls": "none",
            "from": "me@example.com",
        }
        settings = {"actions": {"mail": {"smtp": smtp}}, **(more or {})}
        self.bot = Bot(folder, server, user.id, settings, ENTRY)
        self.owner = Owner(user, self.chat, self.count, chance)
        self.owner.text, self.owner.is_done, self.owner.files = _text, self._is_done, False
        self.chance = chance

    def play(self, prepare: Callable[[Faults], None], kills: int) -> None:
        """Let the owner write while faults fall; then wait for the end of everything."""
        with self.mail:
            process = self.bot.start()
            try:
                self.server.wait(lambda: self.server.calls, PATIENCE_S, "first call")
                faults = Faults(self.bot, process, self.chance)
                prepare(faults)
                self.owner.start()
                for _ in range(kills):
                    time.sleep(self.chance.uniform(*PAUSE_S))
                    faults.happen()
                self._await_all(faults)
                assert process.poll() is None, self.bot.said
            finally:
                self.owner.ended.set()
                self.owner.join()
                process.terminate()
                code = process.wait(PATIENCE_S)
            assert code == 0, self.bot.said
            self._check(faults)

    def _await_all(self, faults: Faults) -> None:
        try:
            self.server.wait(lambda: not self._missing(), 60 + 5 * self.count, "all effects")
        except TimeoutError:
            pytest.fail(f"missing {self._missing()} after {faults.had}: {self.bot.said[-3000:]}")

    def _is_done(self, card: Message) -> bool:
        """Whether a card asks for a mail that came already."""
        return any(
            f"dear thing{number:03}" in card.text and self.mail.with_text(f"dear thing{number:03}")
            for number in range(0, self.count, 2)
        )

    def _notes(self) -> Counter[str]:
        note = self.bot.note
        lines = note.read_text("utf-8").splitlines() if note.exists() else []
        return Counter(line.strip("- ") for line in lines if line)

    def _missing(self) -> list[int]:
        notes, texts = self._notes(), [m.text for m in self.chat.from_bot]
        return [
            number
            for number in range(self.count)
            if not (
                f"thing{number:03}" in notes
                and any(f"Added to notes.md: thing{number:03}" in text for text in texts)
                if number % 2
                else self.mail.with_text(f"dear thing{number:03}")
            )
        ]

    def _check(self, faults: Faults) -> None:
        what = f"after {faults.had}"
        sent = {n: self.mail.with_text(f"dear thing{n:03}") for n in range(0, self.count, 2)}
        assert set(sent.values()) == {1}, (what, sent)
        assert self._notes() == {f"thing{n:03}": 1 for n in range(1, self.count, 2)}, what
        for number in range(1, self.count, 2):
            told = f"Added to notes.md: thing{number:03}"
            answers = [m.text for m in self.chat.from_bot if told in m.text]
            plain = [text for text in answers if REPEAT not in text and "Accepted by" not in text]
            assert len(plain) <= 1, (what, answers)
        events = [json.loads(line) for line in self.bot.ask("events", "--json").splitlines()]
        check_chain(events)
        kinds = Counter(event["type"] for event in events)
        assert kinds["message.received.v1"] == self.count, what
        assert "Traceback" not in self.bot.said, self.bot.said[-3000:]
        self.bot.ask("verify")
        print(f"\n{len(faults.had)} faults over {self.count} messages: {Counter(faults.had)}")  # noqa: T201 - what `make chaos` tells


@pytest.mark.timeout(3600)
def test_faults_on_a_log_in_a_file(
    tmp_path: Path, telegram_server: TelegramServer, chaos: Chaos
) -> None:
    """Locked, full, frozen, the clock wrong, Telegram gone, a second copy."""
    story = Story(tmp_path / "place", telegram_server, chaos)

    def prepare(faults: Faults) -> None:
        faults.on_files()
        faults.on_network(telegram_server)

    story.play(prepare, chaos.kills)


@pytest.fixture
def way(own_postgres_server: PostgresServer) -> Iterator[BlackHole]:
    """Give a way to PostgreSQL on which packets can vanish."""
    with BlackHole(own_postgres_server.port) as way:
        yield way


@pytest.mark.timeout(3600)
def test_faults_on_a_log_in_postgres(
    tmp_path: Path,
    telegram_server: TelegramServer,
    own_postgres_server: PostgresServer,
    way: BlackHole,
    chaos: Chaos,
) -> None:
    """The database is gone, or says nothing; frozen, the clock wrong, Telegram gone."""
    url = own_postgres_server.url(own_postgres_server.create_database())
    road = url.replace(f":{own_postgres_server.port}/", f":{way.port}/")
    story = Story(tmp_path / "place", telegram_server, chaos, {"storage": {"database_url": road}})

    def prepare(faults: Faults) -> None:
        faults.on_network(telegram_server, silent=way)
        faults.known["database"] = lambda: _gone(own_postgres_server)

    story.play(prepare, chaos.kills)


@contextmanager
def _gone(server: PostgresServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()
