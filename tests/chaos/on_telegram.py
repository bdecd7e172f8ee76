"""The program on the emulated Telegram, and an owner who writes to it and accepts."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from tests.chaos.program import ROOT
from tests.scenarios.chain import check_chain
from tests.servers.telegram import Chat, Message, TelegramServer, User
from tests.waiting import PROGRAM_S

REPEAT = "may be a repeat"
ACCEPTS = ("Accept", "Really accept")
FILES = 12
"""Every so many messages a note comes as a file: far enough apart for `this` to mean one."""


class Bot:
    """The program, started and killed; everything it prints goes to one file.

    `more` are sections of the config; `start` runs `entry` in place of `-m bot` where it is given.
    """

    def __init__(
        self,
        folder: Path,
        server: TelegramServer,
        owner: int,
        more: dict[str, Any] | None = None,
        entry: Path | None = None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self._entry = [str(entry)] if entry is not None else ["-m", "bot"]
        self._config, self._out = folder / "config.yaml", folder / "out"
        self.note = folder / "data" / "notes" / "notes.md"
        telegram = {"token": server.token, "api_base": server.api_base, "owner_ids": [owner]}
        settings = {
            "data_dir": str(folder / "data"),
            "profile": {"quiet_hours": None},
            "gates": {"actions": {"note.append": "review"}},
            "telegram": telegram,
            **(more or {}),
        }
        self._config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it."""
        with self._out.open("ab") as out:
            command = [sys.executable, *self._entry, "--config", str(self._config), "run"]
            return subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)

    def again(self) -> tuple[int, str]:
        """Start it a second time; return its exit code and what it said."""
        done = subprocess.run(
            self._command("run"),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PROGRAM_S,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

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
    """Writes notes, files and questions at their own pace, and accepts every card that is seen.

    Where `is_done` is true for a card, what it asks about was done already: it is rejected.
    """

    def __init__(self, user: User, chat: Chat, count: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self.files = True
        self.text: Callable[[int], str] = text_of
        self.is_done: Callable[[Message], bool] = lambda _: False
        self._user, self._chat, self._count, self._chance = user, chat, count, chance
        self.ended = threading.Event()
        self._tapped: dict[int, float] = {}

    def run(self) -> None:
        """Write, and go on tapping until all is said."""
        for number in range(self._count):
            if self.files and number % FILES == 1:
                data = f"thing{number:03}".encode()
                self._user.send_document(self._chat, f"{number}.txt", data, "note this")
            else:
                self._user.say(self._chat, self.text(number))
            self._tap()
            time.sleep(self._chance.uniform(0.2, 1.5))
        while not self.ended.wait(0.3):
            self._tap()

    def _tap(self) -> None:
        """Tap what is open, and again after a while where nothing came of it."""
        now = time.monotonic()
        for message in self._chat.from_bot:
            labels = [label for row in message.buttons for label in row]
            accept = next((label for label in labels if label.startswith(ACCEPTS)), None)
            if accept is None or now - self._tapped.get(message.id, -10.0) <= 5:
                continue
            self._tapped[message.id] = now
            with suppress(LookupError):  # it was decided just now
                reject = next((label for label in labels if label.startswith("Reject")), accept)
                done = accept == "Accept" and self.is_done(message)
                self._user.tap(message, reject if done else accept, wait_s=0)


def text_of(number: int) -> str:
    """Return what the owner writes."""
    return f"note: thing{number:03}" if number % 2 else f"/why nothing{number:03}"


def answers_to(chat: Chat, number: int) -> list[str]:
    """Return what the bot wrote to the message of a number."""
    wanted = f"Added to notes.md: thing{number:03}" if number % 2 else f"nothing{number:03}"
    return [m.text for m in chat.from_bot if wanted in m.text and "Accepted by" not in m.text]


def missing(chat: Chat, bot: Bot, count: int) -> list[int]:
    """Return the messages that were not answered, or whose note was not written."""
    written = bot.note.read_text("utf-8") if bot.note.exists() else ""
    return [
        number
        for number in range(count)
        if not answers_to(chat, number) or (number % 2 and f"thing{number:03}" not in written)
    ]


def check(chat: Chat, bot: Bot, count: int) -> None:
    """Check that each message was answered once, and each note written once."""
    for number in range(count):
        answers = answers_to(chat, number)
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
