"""Work on text that somebody else may have written runs beside the loop, not on it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.inmemory.clock import FakeClock
from bot.app import Overrides
from bot.front import Front, Line
from core.domain.secret_forms import fold
from tests.scenarios.places import ASK_FOR_NOTES, Place
from tests.scenarios.plans import does
from tests.scenarios.serving import planned, served
from tests.scenarios.sitting import sitting
from tests.scenarios.test_mail import WISH, with_mail
from tests.servers.http import HttpServer, Reply
from tests.servers.openai import OpenAiServer, stream
from tests.servers.smtp import SmtpServer

LOOKS, LOOK_S = 300, 0.01


class Heart:
    """Counts the turns of the loop, and holds functions up until there was one meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._beats = 0
        self.free: list[bool] = []

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beat as long as this lasts."""

        async def beat() -> None:
            while True:
                await asyncio.sleep(0)
                self._beats += 1

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()

    def watch(self, module: str, name: str) -> None:
        """Note for each call of a function whether the loop turned before it ended.

        Where the function runs on the loop itself no wait is long enough.
        """
        work: Callable[..., Any] = getattr(__import__(module, fromlist=[name]), name)

        def watched(*args: object) -> Any:  # noqa: ANN401 - whatever the function returns
            before = self._beats
            for _ in range(LOOKS):
                if self._beats > before:
                    break
                time.sleep(LOOK_S)
            self.free.append(self._beats > before)
            return work(*args)

        self._monkeypatch.setattr(f"{module}.{name}", watched)


@pytest.fixture
def heart(monkeypatch: pytest.MonkeyPatch) -> Heart:
    """Give a heart that does not beat yet."""
    return Heart(monkeypatch)


async def test_a_long_message_without_a_model(place: Place, heart: Heart) -> None:
    """Ten thousand characters of beginnings take the rules a second: others talk meanwhile."""
    heart.watch("adapters.offline.planner", "decide")
    async with sitting(place) as talk, heart.beating():
        assert await talk.say("and then " * 1100)
    assert heart.free == [True]


async def test_a_long_message_with_many_secrets(
    place: Place, heart: Heart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords are looked for beside the loop, and a text is folded once for all of them."""
    heart.watch("core.agents.shield", "stated")
    heart.watch("core.agents.shield", "_all_shielded")
    folds, asked = list[str](), "what is the weather in Berlin like on monday, and in Rome?"

    def counted(text: str) -> str:
        folds.append(text)
        return fold(text)

    for module in ("core.agents.shield", "core.domain.secret_forms"):
        monkeypatch.setattr(f"{module}.fold", counted)
    with OpenAiServer() as server:
        server.always(stream(["ok."]))
        async with sitting(served(place, server)) as talk, heart.beating():
            told = [f"my password is hunTer{number}x" for number in range(300)]
            await talk.say(". ".join(told))
            folds.clear()
            await talk.say(asked)
        assert "hunTer7x" not in str(server.requests[-1])
    assert 0 < folds.count(asked) < 10
    assert all(heart.free)


async def test_a_long_message_is_recalled_and_learned_from(place: Place, heart: Heart) -> None:
    """What rules read in long texts, said now or earlier, they read beside the loop."""
    work = {
        "core.memory.learning.learner": "_learned_by_rules",
        "core.memory.known": "_still_true",
        "core.memory.summaries.recalled": "_fitting",
    }
    for module, name in work.items():
        heart.watch(module, name)
    async with sitting(place) as talk, heart.beating():
        await talk.say("My dentist is called Kim. " * 20)
        await talk.say("who is my dentist?")
    assert len(heart.free) >= len(work)
    assert all(heart.free)


async def test_the_rule_of_a_reminder(place: Place, heart: Heart) -> None:
    """It is looked at beside the loop when it is set, and when it rings."""
    heart.watch("core.operations.own.reminders", "check_rule")
    heart.watch("core.goals.reminding", "following")
    clock = FakeClock()
    async with sitting(place, Overrides(clock=clock)) as talk, heart.beating():
        await talk.say("remind me every day at 10am to write")
        assert heart.free
        set_up = len(heart.free)
        clock.advance(24 * 3600)
        await talk.app.engine.idle()
        assert talk.said[-1].startswith("Reminder: write")
    assert len(heart.free) > set_up
    assert all(heart.free)


async def test_a_mail_is_made(place: Place, smtp_server: SmtpServer, heart: Heart) -> None:
    """A body of a megabyte and its attachments are encoded beside the loop."""
    heart.watch("adapters.mail.smtp", "render")
    async with sitting(with_mail(place, smtp_server)) as talk, heart.beating():
        await talk.say(WISH)
        await talk.say("accept")
    assert heart.free == [True]
    assert len(smtp_server.mails) == 1


async def test_a_card_is_made_and_edited(place: Place, heart: Heart) -> None:
    """What an action says of itself, a file against the one that is there, is found beside it."""
    heart.watch("core.goals.gating", "card_item")
    heart.watch("core.gates.views", "_as_drafted")
    place.configure(**ASK_FOR_NOTES)
    async with sitting(place) as talk, heart.beating():
        await talk.say("note: buy milk")
        made = len(heart.free)
        assert made
        front, card = Front(talk.app), talk.card.card
        line = Line("terminal", talk.conversation, "owner", "buy tea\nand milk", "line:edit")
        await front.draft(line, card, {talk.card.items[0].marker: {"text": line.text}})
        await talk.app.engine.idle()
    assert len(heart.free) > made
    assert all(heart.free)


async def test_private_values_in_a_plan(place: Place, heart: Heart) -> None:
    """What a plan says is compared with what is private beside the loop: both may be long."""
    heart.watch("core.goals.private_parts", "_found")
    async with sitting(place) as talk, heart.beating():
        await talk.say("note: buy milk")
    assert heart.free
    assert all(heart.free)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
async def test_what_stands_on_a_page(
    place: Place, http_server: HttpServer, heart: Heart, kind: str
) -> None:
    """Text is made readable in a thread; HTML, which can take a parser minutes, in a process."""
    loaded: list[str] = []
    heart.watch("adapters.web.fetch", "plain_text")
    heart._monkeypatch.setattr("adapters.documents.web_file.from_page", loaded.append)
    host = http_server.url.removeprefix("http://").partition(":")[0]
    http_server.always("/it", Reply(body=b"<p>some words</p>" * 50, content_type=kind))
    with OpenAiServer() as server:
        place = served(place, server)
        place.configure(actions={"web": {"fetch": {"allow_private": [host]}}})
        server.script(planned(does("f", "web.fetch", {"url": f"{http_server.url}/it"})))
        async with sitting(place) as talk, heart.beating():
            assert f"Read {http_server.url}/it." in await talk.say("fetch it")
    assert heart.free == ([True] if kind == "text/plain" else [])
    assert loaded == []
