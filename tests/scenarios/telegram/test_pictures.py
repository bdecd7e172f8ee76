"""Pictures on a phone: the chart of `/cost`, whatever happens between the program and Telegram."""

import asyncio
import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from adapters.inmemory.model import ScriptedModel
from bot.app import App, Overrides
from core.domain.errors import RefusedError
from core.ports.charts import Spending
from core.ports.model import ModelAnswer
from tests.pictures import png
from tests.scenarios.program import environment
from tests.scenarios.telegram.phone import Phone
from tests.servers.telegram import Message
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[3]
REPEAT = "may be a repeat"


class Drawing:
    """Draws nothing, at once; without bytes it fails."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    async def spending(self, _spending: Spending) -> bytes:
        """Return the bytes."""
        if not self._data:
            raise RefusedError("The chart could not be drawn.")
        return self._data


def _priced() -> Overrides:
    """Return a model whose answers cost something."""
    answer = ModelAnswer(text="Fine.", usd=Decimal("0.25"), model="m")
    return Overrides(model=ScriptedModel(lambda _: answer, most=Decimal("0.40")))


def _photos(phone: Phone) -> list[Message]:
    found = [message for message in phone.chat.from_bot if message.file is not None]
    assert all(one.file is not None and one.file.kind == "photo" for one in found)
    return found


def _is_photo(message: Message) -> bool:
    return message.file is not None


async def _spend(phone: Phone) -> None:
    await phone.pair()
    await phone.say("hello", "Fine.")


async def test_cost_is_a_chart_with_its_words_below(phone: Phone) -> None:
    """One photo for a phone, the report as its caption, and what it shows in words on the log."""
    async with phone.running(_priced()):
        await _spend(phone)
        photo = await phone.say("/cost", "Today $0.25")
        assert photo.file is not None
        assert (photo.file.kind, photo.file.size) == ("photo", (1000, 700))
        assert "By agent: planner $0.25" in photo.text
        await phone.say("hello", "Fine.")
        assert len(_photos(phone)) == 1
        queued = (await phone.events("message.queued.v1"))[-2].payload
        (file,) = queued["files"]
        assert "at most $0.25" in file["alt"]
        assert phone.app is not None
        assert await phone.app.kernel.blobs.get(file["digest"]) == photo.file.data
        assert phone.server.violations == []


async def test_where_nothing_was_spent_it_is_said(phone: Phone) -> None:
    """Text and a sentence, no picture."""
    async with phone.running():
        await phone.pair()
        answer = await phone.say("/cost", "Today $0.00")
        assert answer.file is None
        assert "Nothing was spent in the last 30 days" in answer.text


async def test_a_chart_that_fails_takes_no_words_away(phone: Phone) -> None:
    """The report comes with a sentence in the place of the picture."""
    async with phone.running(_priced()) as app:
        app.charts = Drawing()
        await _spend(phone)
        answer = await phone.say("/cost", "Today $0.25")
        assert answer.file is None
        assert "could not be drawn" in answer.text


async def test_a_chart_that_was_lost_is_said(phone: Phone) -> None:
    """Its content is gone when it is sent: the words come, with a line, once."""
    async with phone.running(_priced()) as app:
        app.charts = Drawing(png(1000, 700))
        await _spend(phone)
        await _lose(phone, app)
        answer = await phone.chat.wait_async("Today $0.25")
        assert answer.file is None
        assert "'spend.png' that belongs here is no longer there" in answer.text
        await phone.say("hello", "Fine.")
        assert sum("Today $0.25" in message.text for message in phone.chat.from_bot) == 1


async def _lose(phone: Phone, app: App) -> None:
    """Ask for the chart while nothing can be sent, and drop it before it is."""
    phone.server.faults.flood("sendMessage", 3)
    phone.owner.say(phone.chat, "/help")
    await phone.server.wait_async(lambda: phone.server.calls_of("sendMessage")[-1].status == 429)
    phone.owner.say(phone.chat, "/cost")
    await phone.server.wait_async(lambda: _kinds(phone))
    (file,) = (await phone.events("message.queued.v1"))[-1].payload["files"]
    await app.kernel.blobs.drop(file["digest"])


async def test_a_pause_on_the_photo_is_kept(phone: Phone) -> None:
    """A 429: the same photo after it, once, without a label; the next answer comes behind it."""
    async with phone.running(_priced()):
        await _spend(phone)
        phone.server.faults.flood("sendPhoto", 1)
        phone.owner.say(phone.chat, "/cost")
        photo = await phone.chat.wait_async(_is_photo)
        assert REPEAT not in photo.text
        later = await phone.say("/status", "cards wait")
        assert later.id > photo.id
        assert len(_photos(phone)) == 1
        assert phone.server.violations == []


async def test_a_lost_answer_to_the_photo_is_said_again_with_a_label(phone: Phone) -> None:
    """Telegram has the photo and the connection broke: the second one says so below itself."""
    async with phone.running(_priced()):
        await _spend(phone)
        phone.server.faults.lose_answer("sendPhoto")
        phone.owner.say(phone.chat, "/cost")
        await phone.chat.wait_async(REPEAT)
        first, second = _photos(phone)
        assert first.file is not None
        assert second.file is not None
        assert (REPEAT in first.text, first.file.data) == (False, second.file.data)


async def test_a_chat_that_blocked_the_bot_gets_no_photo_later(phone: Phone) -> None:
    """It is undeliverable, once; what is asked after that is answered, with its picture."""
    async with phone.running(_priced()):
        await _spend(phone)
        phone.server.faults.delay("sendPhoto", 0.5)
        phone.owner.say(phone.chat, "/cost")
        await phone.server.wait_async(lambda: phone.server.calls_of("sendPhoto"))
        phone.owner.block()
        await phone.appended("message.undeliverable.v1")
        tried = len(phone.server.calls_of("sendPhoto"))
        await asyncio.sleep(1)
        assert len(phone.server.calls_of("sendPhoto")) == tried
        phone.owner.unblock()
        await phone.say("/cost", "Today $0.25")
        assert len(_photos(phone)) == 1


@contextmanager
def _program(phone: Phone, out: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "bot", "--config", str(phone.place.file), "run"]
    with out.open("ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file, env=environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def _kinds(phone: Phone) -> list[str]:
    """Return the types of what is on the log about messages that bring files."""
    file = phone.place.data / "equerry.db"
    query = "SELECT event_type, payload FROM events WHERE event_type LIKE 'message.%' ORDER BY 1"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        events = [(kind, json.loads(payload)) for kind, payload in db.execute(query)]
    names = {payload["message"] for _, payload in events if payload.get("files")}
    return [kind for kind, payload in events if payload["message"] in names]


def _until(found: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.02)


async def test_killed_between_queue_and_send_it_comes_once(phone: Phone, tmp_path: Path) -> None:
    """A process killed with the photo queued: the next one sends it, without a label."""
    async with phone.running(_priced()):
        await _spend(phone)
    await asyncio.to_thread(_killed_while_queued, phone, tmp_path / "out")
    (photo,) = _photos(phone)
    assert REPEAT not in photo.text
    assert photo.file is not None
    assert photo.file.size == (1000, 700)
    assert _kinds(phone).count("message.sent.v1") == 1
    assert "Traceback" not in (tmp_path / "out").read_text("utf-8")


def _killed_while_queued(phone: Phone, out: Path) -> None:
    with _program(phone, out) as process:
        phone.owner.say(phone.chat, "/status")
        phone.chat.wait("cards wait")
        phone.server.faults.flood("sendMessage", 60)
        phone.owner.say(phone.chat, "/help")
        _until(lambda: phone.server.calls_of("sendMessage")[-1].status == 429, "pause")
        phone.owner.say(phone.chat, "/cost")
        _until(lambda: _kinds(phone) == ["message.queued.v1"], "queued photo")
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    assert _photos(phone) == []
    phone.server.state.throttle.hold(phone.chat.id, 0)
    with _program(phone, out):
        phone.chat.wait(_is_photo)
        _until(lambda: "message.sent.v1" in _kinds(phone), "sent photo")


async def test_killed_while_it_is_sent_it_says_that_it_may_be_a_repeat(
    phone: Phone, tmp_path: Path
) -> None:
    """Nobody knows whether Telegram took the photo: at most one comes without a label."""
    async with phone.running(_priced()):
        await _spend(phone)
    await asyncio.to_thread(_killed_while_sending, phone, tmp_path / "out")
    labels = [REPEAT in photo.text for photo in _photos(phone)]
    assert labels.count(False) <= 1
    assert labels.count(True) == 1


def _killed_while_sending(phone: Phone, out: Path) -> None:
    with _program(phone, out) as process:
        phone.server.faults.delay("sendPhoto", 1)
        phone.owner.say(phone.chat, "/cost")
        _until(lambda: phone.server.calls_of("sendPhoto"), "photo under way")
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    with _program(phone, out):
        phone.chat.wait(REPEAT)
