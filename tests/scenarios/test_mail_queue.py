"""Mail that a real server does not take now, and answers that the store does not take."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides
from core.domain.errors import StorageError
from tests.scenarios.places import Place
from tests.scenarios.program import Program
from tests.scenarios.sitting import Sitting, sitting
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.process import free_port
from tests.servers.smtp import SmtpServer


async def later(talk: Sitting, clock: FakeClock, **span: float) -> None:
    """Let time pass and what is due be done."""
    clock.advance(timedelta(**span).total_seconds())
    await talk.app.engine.wake(talk.conversation)
    await talk.app.engine.idle()


async def doubts(talk: Sitting) -> int:
    """Return how many effects are of unknown outcome."""
    return len(await talk.events("operation.unknown.v1"))


@pytest.mark.parametrize("reply", ["451 4.3.0 come back", "421 4.3.2 closing"])
async def test_a_mail_for_later_waits_over_a_restart(
    place: Place, smtp_server: SmtpServer, reply: str
) -> None:
    """It is told once with the server's words, is seen in /status and /goals, and goes once."""
    clock = FakeClock()
    for _ in range(2):
        smtp_server.answer(reply)
    async with sitting(with_mail(place, smtp_server), Overrides(clock=clock)) as talk:
        await talk.say(WISH)
        said = await talk.say("accept")
        assert f"did not take the mail ({reply})" in said
        assert "Not done yet: Send mail to bob@acme.com" in said
        status = await talk.say("/status")
        assert "tries again at Mon 10:01" in status
        assert "All well" not in status
        assert "tries again at Mon 10:01" in await talk.say("/goals")
        assert f"({reply})" in await talk.say("/why")
        await later(talk, clock, minutes=1)
        assert smtp_server.mails == []
    clock.advance(301)
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.app.engine.idle()
        assert len(smtp_server.mails) == 1
        assert await doubts(talk) == 0
        assert len(await talk.events("card.opened.v1")) == 1
        assert "tries again" not in await talk.say("/status")
    assert len(smtp_server.mails) == 1


async def test_a_mail_without_a_server_waits_and_can_be_given_up(place: Place) -> None:
    """A refused connection is no doubt; /stop ends the waiting."""
    smtp = {"host": "127.0.0.1", "port": free_port(), "tls": "none", "from": "me@home.example"}
    place.configure(actions={"mail": {"smtp": smtp}})
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk:
        await talk.say(WISH)
        assert "cannot be reached" in await talk.say("accept")
        await talk.say("/stop")
        assert "tries again" not in await talk.say("/status")
        await later(talk, clock, days=1)
        assert len(await talk.events("operation.started.v1")) == 1
        assert await doubts(talk) == 0


async def test_a_mail_that_is_refused_for_good_fails_at_once(
    place: Place, smtp_server: SmtpServer
) -> None:
    """A 5xx is said with the server's words and is not tried again."""
    smtp_server.answer("554 5.7.1 looks like spam")
    async with sitting(with_mail(place, smtp_server)) as talk:
        await talk.say(WISH)
        assert "(554 5.7.1 looks like spam)" in await talk.say("accept")
        assert "tries again" not in await talk.say("/status")
        assert len(await talk.events("operation.failed.v1")) == 1


@pytest.mark.parametrize("reply", ["250 OK", "451 4.3.0 come back", "554 5.7.1 spam"])
async def test_an_answer_that_the_store_did_not_take_is_kept(
    place: Place, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    """The disk is full from the server's answer on: the next start records it, and asks nothing."""
    clock = FakeClock()
    if not reply.startswith("250"):
        smtp_server.answer(reply)
    async with sitting(with_mail(place, smtp_server), Overrides(clock=clock)) as talk:
        await talk.say(WISH)
        commit, full = talk.app.store.append, False

        async def append(events: Any, **more: Any) -> Any:  # noqa: ANN401 - as the store has it
            nonlocal full
            if full:
                message = "The disk is full: nothing was written."
                raise StorageError(message)
            full = any(event.payload.wire == "operation.committing.v1" for event in events)
            return await commit(events, **more)

        monkeypatch.setattr(talk.app.store, "append", append)
        await talk.hand_in("accept")
        while not (await talk.app.engine.health()).failures:  # noqa: ASYNC110 - in another task
            await asyncio.sleep(0.01)
        assert not await talk.events("operation.finished.v1")
        assert not await talk.events("operation.failed.v1")
    monkeypatch.undo()
    async with sitting(place, Overrides(clock=clock)) as talk:
        assert await doubts(talk) == 0
        assert len(await talk.events("card.opened.v1")) == 1
        ended = "finished" if reply.startswith("250") else "failed"
        assert len(await talk.events(f"operation.{ended}.v1")) == 1
        await later(talk, clock, minutes=2)
    assert len(smtp_server.mails) == (0 if reply.startswith("554") else 1)
    assert list((place.data / "outcomes").iterdir()) == []


class Killer(SmtpServer):
    """Kills the program at a point of the first mail: at its sender, or when it has its text."""

    def __init__(self, point: str) -> None:
        super().__init__()
        self._point: str | None = point
        self.kill: Callable[[], object] = int

    def _reached(self, point: str) -> None:
        if point == self._point:
            self._point = None
            self.kill()

    async def handle_MAIL(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        self._reached("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(  # noqa: N802  (aiosmtpd looks for this name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the text."""
        reply = await super().handle_DATA(server, session, envelope)
        self._reached("TEXT")
        return reply


@pytest.mark.parametrize(("point", "cards"), [("MAIL", 1), ("TEXT", 2)])
def test_a_kill_around_a_mail(program: Program, tmp_path: Path, point: str, cards: int) -> None:
    """Before the end of the text it is sent by the next start; after it only the owner can say."""
    with Killer(point) as server:
        with_mail(program.place, server)
        script = tmp_path / "kill.txt"
        script.write_text(f"{WISH}\naccept\n", encoding="utf-8")
        with program.start("chat", "--script", str(script), "--session", "s") as process:
            server.kill = lambda: os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        program.chat("/status")
        opened = program.events("--type", "card.opened.v1")
        assert len(opened) == cards
        assert len(server.mails) == 1
        if cards == 2:
            assert opened[-1]["payload"]["kind"] == "unknown"
