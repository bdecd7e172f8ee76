"""Whatever comes in by any door, the next message works, now and after a restart."""

import json
import os
import random
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides
from bot.cli.main import main
from bot.config import ConfigError
from bot.front import Front, Line
from bot.memory.lines import read_file
from bot.memory.taking_in import take_in
from bot.portable.run import export_to, import_from
from bot.wiring.caches import build_documents
from core.domain.erasable import Erasable
from core.domain.errors import BadInputError
from core.domain.events import NewEvent
from core.domain.events.messages import MessageReceived
from core.domain.inbound import Attachment
from core.ports.read_models import RowQuery
from tests.adapters.documents.hostile import bomb
from tests.contracts.earlier import as_earlier_versions_stored
from tests.scenarios.places import Place
from tests.scenarios.plans import does, writes
from tests.scenarios.program import Program
from tests.scenarios.serving import planned, served
from tests.scenarios.sitting import Sitting, sitting
from tests.servers.http import HttpServer, Reply
from tests.servers.openai import Call, OpenAiServer, answer, stream

TEXTS = (
    "Great \ud83d",
    "\ude00\ud83d \ud83d\ude00",
    "nul \0 in it",
    "\ufeff\u202e\u2028\x1b[31m\x7f\x85",
    "\U0010ffff\ufffe\ufdd0",
    '{"a": "\\ud83d"}',
    "``` ` ** [x](y) <b> &amp; | \\",
    " \t\r\n ",
    "e\u0301" * 300,
)
NUMBERS = (10**18, -(10**40), 10**400, 1e308, float("nan"), float("inf"), -0.0)


def _deep(levels: int) -> Any:  # noqa: ANN401 - any JSON value
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


class _Maker:
    """Makes JSON values that a chance chooses, the same ones in every run."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def text(self) -> str:
        """Return a text: one of the list, or any characters at all."""
        if self._chance.random() < 0.5:
            return self._chance.choice(TEXTS)
        points = [self._chance.choice((0x7F, 0x3FF, 0xFFFF, 0x10FFFF)) for _ in range(12)]
        return "".join(chr(self._chance.randint(0, most)) for most in points)

    def value(self, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
        """Return any JSON value."""
        kind = self._chance.randint(0, 9 if depth < 3 else 5)
        if kind <= 2:
            return self.text()
        if kind <= 4:
            return self._chance.choice(NUMBERS)
        if kind <= 6:
            return self._chance.choice((None, True, False, "", [], {}, _deep(120), _deep(400)))
        count = self._chance.randint(0, 3)
        if kind <= 8:
            return [self.value(depth + 1) for _ in range(count)]
        return {self.text(): self.value(depth + 1) for _ in range(count)}


EACH_STORE = pytest.mark.parametrize(
    ("stored_place", "seed"), [("sqlite", 0), ("postgres", 1)], indirect=["stored_place"]
)


async def works(talk: Sitting, server: OpenAiServer) -> None:
    """Check that the next message is answered, and that nothing is wrong."""
    server.only(stream(["All ", "fine."]))
    assert await talk.say("and now?") == "All fine."
    status = await talk.say("/status")
    assert "Set aside" not in status
    assert "Problem" not in status
    assert (await talk.app.store.verify()).problem is None


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["Great \ud83d", "\ude00 done"], "Great \U0001f600 done"),
        (["Great \ud83d"], "Great \ufffd"),
        (["\ude00", "", "\ud83d\ud83d", "\ude00"], "\ufffd\ufffd\U0001f600"),
    ],
)
async def test_a_stream_that_is_cut_inside_a_character(
    place: Place, pieces: list[str], shown: str
) -> None:
    """Halves in two pieces are one character, a lone one is marked, and the talk goes on."""
    with OpenAiServer() as server:
        place = served(place, server)
        server.script(stream(pieces))
        async with sitting(place) as talk:
            assert await talk.say("hi") == shown
            streamed = "".join(progress.delta for progress in talk.surface.progressed)
            assert shown in {streamed, f"{streamed}\ufffd"}
            await works(talk, server)
        async with sitting(place) as talk:
            await works(talk, server)


async def test_halves_that_an_earlier_version_stored(
    stored_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conversation whose log holds lone halves goes on, and its log can be shown and rebuilt."""
    with OpenAiServer() as server:
        place = served(stored_place, server)
        with monkeypatch.context() as earlier:
            as_earlier_versions_stored(earlier)
            async with sitting(place) as talk:
                said = MessageReceived(
                    message="M1",
                    channel="terminal",
                    conversation=talk.conversation,
                    sender="owner",
                    owner=True,
                    text=Erasable.of("Great \ud83d"),
                    sent_at=talk.app.kernel.clock.now(),
                )
                stream_name = f"conversation:{talk.conversation}"
                await talk.app.kernel.log.append([NewEvent(stream=stream_name, payload=said)])
                await talk.app.engine.idle()
        async with sitting(place) as talk:
            await works(talk, server)
            before, after = await talk.app.store.rebuild()
            assert before == after
        Program(place).ok("events", "--json")


@EACH_STORE
async def test_any_message_and_any_answer(stored_place: Place, seed: int) -> None:
    """Any text said, any text answered, and any plan: whatever comes of it, the talk goes on."""
    make = _Maker(seed)
    actions = ("note.append", "task.add", "task.done", "reminder.set", "memory.remember")
    with OpenAiServer() as server:
        place = served(stored_place, server)
        async with sitting(place) as talk:
            for _ in range(3):
                server.always(stream([make.text(), make.text(), "x"]))
                await talk.hand_in(make.text())
                await talk.app.engine.idle()
                args = {"text": make.text(), "title": make.value(), make.text(): make.value()}
                action = make._chance.choice(actions)
                task = {**does(make.text() or "a", action, args), "why": make.text()}
                server.script(planned(task))
                await talk.say("do it")
                server.script(planned(writes("w", make.text(), {make.text(): make.value()})))
                server.script(answer(calls=[Call("submit_result", json.dumps(make.value()))]))
                await talk.say("write it")
                server.script(stream(calls=[Call(make.text(), json.dumps(make.value()))]))
                await talk.say("call it")
                for card in talk.surface.shown[-1:]:
                    await talk.hand_in(f"edit {card.card} text={make.text()}")
                    await talk.hand_in(f"accept {card.card}")
                await talk.app.engine.idle()
                await works(talk, server)
        async with sitting(place) as talk:
            await works(talk, server)
            before, after = await talk.app.store.rebuild()
            assert before == after


@EACH_STORE
async def test_any_line_that_is_taken_into_memory(
    stored_place: Place, tmp_path: Path, seed: int
) -> None:
    """Lines of any JSON are taken in or refused in a sentence; what was taken in is found."""
    make, file = _Maker(seed), tmp_path / "lines.jsonl"
    with OpenAiServer() as server:
        place = served(stored_place, server)
        async with sitting(place) as talk:
            for number in range(40):
                line = {name: make.value() for name in ("id", "text", "at", "source", "speaker")}
                if number % 2:
                    line |= {"id": make.text() or "x", "text": f"zebra {make.text()}", "at": None}
                file.write_text(json.dumps(line), encoding="utf-8")
                with suppress(BadInputError):  # told in a sentence
                    read = await read_file(file, talk.app.kernel.documents)
                    await take_in(talk.app, read.lines, file.name, lambda *_: None)
            await talk.app.kernel.recall.knowledge.search("zebra", 5)
            await works(talk, server)
            exported = tmp_path / "exported"
            await export_to(talk.app, exported)
            await import_from(talk.app, exported)
        async with sitting(place) as talk:
            server.always(stream(["fine"]))
            await talk.say("what about the zebra?")
            await works(talk, server)


@pytest.mark.parametrize("seed", range(2))
async def test_any_file_and_any_page(place: Place, seed: int) -> None:
    """Files of any name and any bytes, and pages that hold anything, are read or told."""
    make, clock = _Maker(seed), FakeClock()  # what is tried again is tried when it says so
    with OpenAiServer() as server, HttpServer() as pages:
        host = pages.url.removeprefix("http://").partition(":")[0]
        fetch = {"fetch": {"allow_private": [host]}}
        http = {"allow": [host], "allow_private": [host]}
        place = served(place, server)
        place.configure(actions={"web": fetch, "http": http})
        async with sitting(place, Overrides(clock=clock)) as talk:
            front = Front(talk.app)
            for number in range(5):
                text = make.text() + make.text()
                talk.surface.files["it"] = text.encode(
                    "utf-16" if number % 2 else "utf-8", "replace"
                )
                kind = make._chance.choice(("text/plain", "text/html", "application/pdf", text))
                sent = Attachment(name=f"{make.text()}.txt", media_type=kind, size=9, ref="it")
                line = Line("terminal", talk.conversation, "owner", make.text(), f"file {number}")
                server.only(stream(["seen ", make.text()]))
                with suppress(BadInputError):  # a file that comes without a word is no message
                    await front.take(replace(line, attachments=(sent,)))
                await talk.app.engine.idle()
                pages.always("/it", Reply(body=json.dumps(make.value()).encode()))
                asked = {"method": "GET", "url": f"{pages.url}/it"}
                server.script(planned(does("h", "http.request", asked)))
                await talk.say("ask it")
                pages.always("/it", Reply(body=text.encode("utf-8", "replace"), content_type=kind))
                server.script(planned(does("f", "web.fetch", {"url": f"{pages.url}/it"})))
                await talk.say("fetch it")
                await works(talk, server)
                clock.advance(3600)
                await talk.app.engine.wake(talk.conversation)
                await talk.app.engine.idle()
                await works(talk, server)
        async with sitting(place, Overrides(clock=clock)) as talk:
            await works(talk, server)


@pytest.mark.parametrize("seed", range(3))
async def test_any_value_in_the_configuration(place: Place, seed: int) -> None:
    """It is refused in a sentence, or the talk works with it."""
    make = _Maker(seed)
    with OpenAiServer() as server:
        for _ in range(3):
            profile = {"name": make.text(), "company": make.text(), "timezone": "Europe/Berlin"}
            place = served(place, server)
            place.configure(profile=profile, budget={"day_usd": make._chance.choice(NUMBERS)})
            with suppress(ConfigError):  # told in a sentence
                async with sitting(place) as talk:
                    await works(talk, server)


async def test_an_export_that_tells_of_no_order_and_no_time(
    stored_place: Place, tmp_path: Path
) -> None:
    """Facts that replaced each other, or were said at the ends of the calendar, are shown."""
    lines: list[dict[str, Any]] = [
        {"id": "A", "text": "zebra A", "state": "superseded", "by_fact": "B"},
        {"id": "B", "text": "zebra B", "state": "superseded", "by_fact": "A"},
        {"id": "C", "text": "zebra C", "state": "superseded", "by_fact": "C"},
        {"id": "D", "text": "zebra D", "said_at": "0001-01-01T00:00:00Z"},
        {"id": "E", "text": "zebra E", "valid_until": "9999-12-31T23:59:59Z"},
        {"id": "F", "text": "zebra F", "said_at": "2026-01-02T03:04:05"},
    ]
    with OpenAiServer() as server:
        place = served(stored_place, server)
        place.configure(profile={"timezone": "America/New_York", "quiet_hours": None})
        async with sitting(place) as talk:
            folder = tmp_path / "exported"
            await export_to(talk.app, folder)
            file = folder / "facts.jsonl"
            file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
            assert (await import_from(talk.app, folder))[0].startswith("6 facts were added")
            for row in await talk.app.kernel.rows.find(RowQuery("facts"), limit=None):
                assert row.key in await talk.say(f"/memory history {row.key}")
            found = await talk.say("/memory zebra")
            assert all(f"zebra {name}" in found for name in "DEF")
            server.always(stream(["fine"]))
            assert await talk.say("what about the zebra?") == "fine"
            at = "0001-01-01T00:00:00+14:00"
            file.write_text(json.dumps({"id": "G", "text": "zebra G", "said_at": at}) + "\n")
            with pytest.raises(BadInputError, match="is no time of the years 1 to 9999"):
                await import_from(talk.app, folder)
            file.write_text("{}\n" * 5000)
            with pytest.raises(BadInputError, match="… and 4980 more") as refused:
                await import_from(talk.app, folder)
            assert len(str(refused.value)) < 5000
            await works(talk, server)


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        ("0001-01-01T00:00:00Z", True),
        ("9999-12-31", True),
        ("1969-01-01T00:00:00+23:59:59.999", True),
        ("0001-01-01T00:00:00+14:00", False),
        ("9999-12-31T23:59:59-12:00", False),
    ],
)
async def test_a_line_of_any_time(place: Place, tmp_path: Path, at: str, *, taken: bool) -> None:
    """It is found and shown in the owner's zone, or refused with its number."""
    place.configure(profile={"timezone": "America/New_York", "quiet_hours": None})
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps({"id": "x", "text": "the zebra is striped", "at": at}), "utf-8")
    async with sitting(place) as talk:
        if not taken:
            with pytest.raises(BadInputError, match="Line 1: at must be"):
                await read_file(file, talk.app.kernel.documents)
            return
        read = await read_file(file, talk.app.kernel.documents)
        await take_in(talk.app, read.lines, file.name, lambda *_: None)
        assert "the zebra is striped" in await talk.say("/memory zebra")


async def test_a_document_that_is_taken_in_is_read_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it makes a library do has the bounds of a file that was sent, as from the chat."""
    here: list[Path] = []
    monkeypatch.setattr("adapters.documents.reading.read_bytes", lambda path, _: here.append(path))
    file = tmp_path / "zebra.html"
    file.write_text("<p>The zebra is striped.</p>" * 9, "utf-8")
    assert "zebra" in (await read_file(file, build_documents())).lines[0].text
    (tmp_path / "bomb.docx").write_bytes(bomb(500))
    with pytest.raises(BadInputError, match=r"bomb\.docx unpacks to more than can be read"):
        await read_file(tmp_path / "bomb.docx", build_documents())
    assert here == []


def test_arguments_that_are_no_text(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Bytes that do not decode are taken as text with a mark, or refused in one line."""
    monkeypatch.chdir(tmp_path)
    broken = os.fsdecode(b"zebra \xff\xfe")
    for args in (
        ("memory", "search", broken),
        ("memory", "search", "zebra", "--json"),
        ("why", broken),
        ("decide", broken, "accept"),
        ("decide", "CAAAAAAAA", "edit", "--args", f'{{"a": "{broken}"}}'),
        ("events", "--goal", broken),
        ("export", broken),
        ("memory", "ingest", broken),
    ):
        monkeypatch.setattr(sys, "argv", ["bot", "--config", str(program.place.file), *args])
        with pytest.raises(SystemExit) as exit_:
            main()
        assert len(capsys.readouterr().err.splitlines()) <= 1 or exit_.value.code == 2, args
    program.run("memory", "add", broken)
    assert program.chat("what about the zebra?")
    assert "All well." in program.ok("status")
