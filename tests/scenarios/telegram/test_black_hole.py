"""The way to PostgreSQL swallows every packet: `/status` answers, work goes on, SIGTERM ends it."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.inmemory.model import ScriptedModel
from adapters.sql import server
from bot.app import Overrides
from bot.reports import status
from tests.scenarios.telegram.phone import ADA, Phone
from tests.scenarios.telegram.test_program import program
from tests.servers.black_hole import BlackHole
from tests.servers.postgres import PostgresServer
from tests.waiting import PATIENCE_S


@pytest.fixture
def hole(postgres_server: PostgresServer) -> Iterator[BlackHole]:
    """Give a way to the worker's server that can be closed."""
    with BlackHole(postgres_server.port) as hole:
        yield hole


@pytest.fixture
def far(phone: Phone, hole: BlackHole, postgres_server: PostgresServer, postgres_url: str) -> Phone:
    """Give a phone whose application has its store behind the hole."""
    url = postgres_url.replace(f":{postgres_server.port}/", f":{hole.port}/")
    settings = {"token": phone.server.token, "api_base": phone.server.api_base, "owner_ids": [ADA]}
    phone.place.configure(telegram=settings, storage={"database_url": url})
    return phone


async def test_status_is_answered_past_what_waits(
    far: Phone, hole: BlackHole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a message that the store does not take, `/status` comes from memory and says so."""
    monkeypatch.setattr("adapters.sql.database.ANSWER_S", 3.0)
    monkeypatch.setitem(server.CONNECT_ARGS, "connect_timeout", 2)
    monkeypatch.setattr(status, "FIRST_S", 0.1)
    echo = ScriptedModel(lambda request: f"Re: {request.messages[-1].content}")
    async with far.running(Overrides(model=echo)) as app:
        await far.say("hello", "Re: hello", PATIENCE_S)
        await far.server.wait_async(lambda: app.last_status.known, PATIENCE_S)
        with hole.closed():
            far.owner.say(far.chat, "are you there?")
            shown = await far.say("/status", "From memory, as of", PATIENCE_S)
            assert "The store has not answered since" in shown.text
            assert "cards wait for you" in shown.text
            assert "All well." not in shown.text
            assert not any("Re: are you there?" in one.text for one in far.chat.from_bot)
        await far.chat.wait_async("Re: are you there?", PATIENCE_S)
        now = await far.say("/status", "events on the log", PATIENCE_S)
        assert "From memory" not in now.text
        answered = [one.text for one in far.chat.from_bot]
    assert sum("Re: are you there?" in text for text in answered) == 1
    assert sum("From memory" in text for text in answered) == 1


def test_sigterm_ends_it_whatever_the_store_does(
    far: Phone, hole: BlackHole, tmp_path: Path
) -> None:
    """With an append under way that nobody answers, the process is gone within seconds."""
    out = tmp_path / "out"
    with program(far, out) as process:
        far.owner.say(far.chat, "note: buy milk")
        far.chat.wait(lambda message: message.rows, PATIENCE_S)
        hole.close()
        far.owner.say(far.chat, "note: buy bread")
        far.owner.say(far.chat, "/status")
        far.chat.wait("The store has not answered", PATIENCE_S)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, out.read_text("utf-8")
        assert time.monotonic() - begun < PATIENCE_S / 2
        hole.open()
    assert "Traceback" not in out.read_text("utf-8")
    with program(far, out):
        far.chat.wait("buy bread", PATIENCE_S)


async def test_status_is_answered_while_another_program_keeps_the_lock(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SQLite file that can be read and not written holds `/status` up as little."""
    monkeypatch.setattr(status, "FIRST_S", 0.1)
    async with phone.running(Overrides(model=ScriptedModel(lambda _: "the answer"))) as app:
        await phone.pair()
        await phone.server.wait_async(lambda: app.last_status.owners, PATIENCE_S)
        with closing(sqlite3.connect(phone.place.data / "equerry.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            phone.owner.say(phone.chat, "are you there?")
            await phone.say("/status", "From memory, as of", PATIENCE_S)
            other.rollback()
        await phone.chat.wait_async("the answer", PATIENCE_S)
