"""A conversation on Telegram with a program that is killed again and again."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.chaos.program import ROOT
from tests.conftest import Chaos
from tests.scenarios.chain import check_chain
from tests.servers.telegram import Chat, TelegramServer, User
from tests.waiting import PATIENCE_S

REPEAT = "may be a repeat"
LIFE_S = (0.4, 3.5)
FILES = 12
"""Every so many messages a note comes as a file: far enough apart for `this` to mean one."""


class Bot:
    """The program, started and killed; everything it prints goes to one file."""

    def __init__(self, folder: Path, server: TelegramServer, owner: int) -> None:
        self._config, self._out = folder / "config.yaml", folder / "out"
        self.note = folder / "data" / "notes" / "notes.md"
        telegram = {"token": server.token, "api_base": server.api_base, "owner_ids": [owner]}
        settings = {
            "data_dir": str(folder / "data"),
            "profile": {"quiet_hours": None},
            "gates": {"actions": {"note.append": "review"}},
            "telegram": telegram,
        }
        self._config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it."""
        with self._out.open("ab") as out:
            return subprocess.Popen(self._command("run"), cwd=ROOT, stdout=out, stderr=out)

    def ask(self, *words: str) -> str:
        """Run a command beside it."""
        done = subprocess.run(
            self._command(*words), cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout

    @property
    def said(self) -> str:
        """What it printed."""
        return self._out.read_text("utf-8")

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", "--config", str(self._config), *words]


class Owner(threading.Thread):
    """Writes notes, files and questions at their own pace, and accepts every card that is seen."""

    def __init__(self, user: User, chat: Chat, count: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._user, self._chat, self._count, self._chance = user, chat, count, chance
        self.ended = threading.Event()
        self._tapped: dict[int, float] = {}

    def run(self) -> None:
        """Write, and go on tapping until all is said."""
        for number in range(self._count):
            if number % FILES == 1:
                data = f"thing{number:03}".encode()
                self._user.send_document(self._chat, f"{number}.txt", data, "note this")
            else:
                self._user.say(self._chat, text_of(number))
            self._tap()
            time.sleep(self._chance.uniform(0.2, 1.5))
        while not self.ended.wait(0.3):
            self._tap()

    def _tap(self) -> None:
        """Tap what is open, and again after a while where nothing came of it."""
        now = time.monotonic()
        for message in self._chat.from_bot:
            accept = message.rows and message.buttons[0][0].startswith("Accept")
            if accept and now - self._tapped.get(message.id, -10.0) > 5:
                self._tapped[message.id] = now
                with suppress(LookupError):  # it was decided just now
                    self._user.tap(message, message.buttons[0][0], wait_s=0)


def text_of(number: int) -> str:
    """Return what the owner writes."""
    return f"note: thing{number:03}" if number % 2 else f"/why nothing{number:03}"


@pytest.mark.timeout(3600)
def test_killed_while_it_talks_on_telegram(
    tmp_path: Path, telegram_server: TelegramServer, chaos: Chaos
) -> None:
    """Each message is answered once or with a label, no note is written twice, no card is lost."""
    chance = random.Random(chaos.seed)
    telegram_server.limits.enabled = False
    user = telegram_server.user(42, "Ada")
    chat = telegram_server.private(user)
    bot = Bot(tmp_path, telegram_server, user.id)
    count = max(chaos.kills, 6)
    owner = Owner(user, chat, count, chance)
    owner.start()
    for _ in range(chaos.kills):
        process = bot.start()
        time.sleep(0.9 + chance.uniform(*LIFE_S))
        process.kill()
        process.wait(PATIENCE_S)
    process = bot.start()
    try:
        telegram_server.wait(lambda: not _missing(chat, bot, count), 30 + 5 * count, "all answers")
    except TimeoutError:
        pytest.fail(f"missing {_missing(chat, bot, count)}: {bot.said}")
    finally:
        owner.ended.set()
        owner.join()
        time.sleep(2)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    _check(chat, bot, count)


def _answers(chat: Chat, number: int) -> list[str]:
    wanted = f"Added to notes.md: thing{number:03}" if number % 2 else f"nothing{number:03}"
    return [m.text for m in chat.from_bot if wanted in m.text and "Accepted by" not in m.text]


def _missing(chat: Chat, bot: Bot, count: int) -> list[int]:
    written = bot.note.read_text("utf-8") if bot.note.exists() else ""
    return [
        number
        for number in range(count)
        if not _answers(chat, number) or (number % 2 and f"thing{number:03}" not in written)
    ]


def _check(chat: Chat, bot: Bot, count: int) -> None:
    for number in range(count):
        answers = _answers(chat, number)
        assert sum(REPEAT not in text for text in answers) <= 1, answers
    notes = Counter(line.strip("- \n") for line in bot.note.read_text("utf-8").splitlines() if line)
    assert notes == {f"thing{number:03}": 1 for number in range(1, count, 2)}
    events = [json.loads(line) for line in bot.ask("events", "--json").splitlines()]
    check_chain(events)
    kinds = Counter(event["type"] for event in events)
    assert kinds["message.received.v1"] == count // 2
    assert kinds["card.opened.v1"] == kinds["card.decided.v1"]
    assert "Traceback" not in bot.said
    bot.ask("verify")
