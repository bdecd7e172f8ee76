"""What is answered out of its turn while an update is held up: once, and nothing breaks by it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.system.clock import SystemClock
from adapters.telegram.api import TelegramApi
from adapters.telegram.incoming import Incoming, Moved, Said
from adapters.telegram.pacing import Pacer
from adapters.telegram.polling import MOST_BROKEN, Poller
from core.domain.errors import StoreAwayError
from tests.servers.telegram import TelegramServer
from tests.waiting import PATIENCE_S

SLOW_S = 0.5
"""More than passes between two looks."""


class Held:
    """Takes updates while it is not `away`; meanwhile it answers `/status` ahead, slowly."""

    def __init__(self, api: TelegramApi) -> None:
        """Poll by `api`."""
        self.away, self.holds, self.exhausted = False, True, MOST_BROKEN + 1
        self.taken: list[str] = []
        self.ahead: list[str] = []
        self.poller = Poller(api, self.handle, self._ignore, self._ignore, SystemClock(), self)

    async def handle(self, incoming: Incoming | Moved) -> None:
        """Take a text where the store is there; from the text "hold" on it is away."""
        assert isinstance(incoming, Said)
        if incoming.text == "exhausted" and self.exhausted:
            self.exhausted -= 1
            message = "can't start new thread"
            raise RuntimeError(message)
        self.away = self.away or (self.holds and incoming.text == "hold")
        if self.away:
            message = "It is away."
            raise StoreAwayError(message)
        self.taken.append(incoming.text)

    async def is_needed(self) -> bool:
        """Whether the store is away."""
        return self.away

    async def take(self, incoming: Incoming | Moved) -> bool:
        """Answer `/status` while the store is away; break at what is broken."""
        assert isinstance(incoming, Said)
        if not self.away:
            return False
        if incoming.text == "broken":
            message = "broken"
            raise RuntimeError(message)
        if incoming.text != "/status":
            return False
        await asyncio.sleep(SLOW_S)
        self.ahead.append(incoming.text)
        return True

    async def _ignore(self, _what: object) -> None:
        pass


@asynccontextmanager
async def polling(
    server: TelegramServer, *texts: str
) -> AsyncIterator[tuple[Held, asyncio.Task[None]]]:
    """Poll what somebody wrote before."""
    ada = server.user(42, "Ada", "ada")
    chat = server.private(ada)
    for text in texts:
        ada.say(chat, text)
    api = TelegramApi(server.token, server.api_base, Pacer(SystemClock()))
    await api.open()
    held = Held(api)
    running = asyncio.create_task(held.poller.run())
    try:
        yield held, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await api.close()


async def until(holds: Callable[[], object]) -> None:
    """Return when something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def test_what_was_handled_in_its_turn_is_not_answered_again(
    telegram_server: TelegramServer,
) -> None:
    """A `/status` before the update that is held up was answered; the one behind it is, once."""
    async with polling(telegram_server, "/status", "hold", "/status") as (held, _):
        await until(lambda: held.ahead)
        await asyncio.sleep(2 * SLOW_S)
        assert (held.taken, held.ahead) == (["/status"], ["/status"])


async def test_what_is_held_up_itself_is_answered_once(telegram_server: TelegramServer) -> None:
    """By its own turn, or by a look at what waits; not by both."""
    async with polling(telegram_server) as (held, _):
        held.away = True
        bob = telegram_server.user(43, "Bob", "bob")
        bob.say(telegram_server.private(bob), "/status")
        await until(lambda: held.ahead)
        await asyncio.sleep(2 * SLOW_S)
        assert held.ahead == ["/status"]


async def test_an_update_that_breaks_the_code_ends_no_poll(telegram_server: TelegramServer) -> None:
    """It lies behind one that is held up: both are taken when the store is there again."""
    async with polling(telegram_server, "hold", "broken") as (held, running):
        await until(lambda: held.away)
        await asyncio.sleep(2 * SLOW_S)
        held.away, held.holds = False, False
        await until(lambda: running.done() or len(held.taken) == 2)
        assert held.taken == ["hold", "broken"]


async def test_a_machine_without_another_thread_costs_no_update(
    telegram_server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The update is not what breaks: it is tried more often than one that does."""
    monkeypatch.setattr("adapters.telegram.polling.PAUSES_S", (0.01,))
    async with polling(telegram_server, "exhausted", "after") as (held, _):
        await until(lambda: len(held.taken) == 2)
        assert held.taken == ["exhausted", "after"]
