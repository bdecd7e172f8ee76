"""The pause that Telegram asks for is kept, however long it is, and holds the whole chat."""

import asyncio
import time
from datetime import timedelta

import pytest
from telegram.error import RetryAfter

from adapters.system.clock import SystemClock
from adapters.telegram import api as telegram_api
from adapters.telegram.api import PauseError, TelegramApi, told
from adapters.telegram.pacing import Pacer
from tests.servers.telegram import TelegramServer

SHORT_PATIENCE_S = 0.3
HELD_S = 2
DAY_S = 86_400


async def _api(server: TelegramServer) -> TelegramApi:
    api = TelegramApi(server.token, server.api_base, Pacer(SystemClock()))
    await api.open()
    return api


@pytest.mark.parametrize("method", ["sendMessage", "sendChatAction"])
async def test_a_long_pause_holds_the_chat_and_nobody_waits_in_it(
    telegram_server: TelegramServer, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Whatever is asked for meanwhile is given back at once, and Telegram hears nothing of it."""
    monkeypatch.setattr(telegram_api, "PATIENCE_S", SHORT_PATIENCE_S)
    telegram_server.private(telegram_server.user(42, "Ada"), started=True)
    api = await _api(telegram_server)
    began = time.monotonic()
    telegram_server.faults.flood(method, HELD_S)
    first = (
        api.say("42", lambda: api.bot.send_message(42, "one"))
        if method == "sendMessage"
        else api.beside("42", lambda: api.bot.send_chat_action(42, "typing"))
    )
    with pytest.raises(PauseError):
        await first
    made = len(telegram_server.calls)
    for _ in range(3):
        with pytest.raises(PauseError):
            await api.say("42", lambda: api.bot.send_message(42, "two"))
        with pytest.raises(PauseError):
            await api.beside("42", lambda: api.bot.send_chat_action(42, "typing"))
    assert len(telegram_server.calls) == made
    await asyncio.sleep(began + HELD_S + 0.1 - time.monotonic())
    await api.say("42", lambda: api.bot.send_message(42, "three"))
    assert telegram_server.violations == []
    await api.close()


@pytest.mark.parametrize("seconds", [66, 3_600, DAY_S])
async def test_no_pause_is_too_long_to_be_kept(seconds: int) -> None:
    """An hour is no end of it; another chat goes on."""
    error = told(RetryAfter(timedelta(seconds=seconds)))
    assert isinstance(error, PauseError)
    pacer = Pacer(SystemClock())
    pacer.hold("42", error.pause_s)
    pacer.hold("42", 1)
    assert pacer.held("42") > seconds - 1
    assert pacer.held("43") == 0


async def test_a_poll_waits_as_long_as_it_is_asked_to(telegram_server: TelegramServer) -> None:
    """The next getUpdates comes when the pause is over."""
    from tests.adapters.telegram.test_polling import Held

    api = await _api(telegram_server)
    ada = telegram_server.user(42, "Ada")
    chat = telegram_server.private(ada, started=True)
    telegram_server.faults.flood("getUpdates", HELD_S)
    held = Held(api)
    polling = asyncio.create_task(held.poller.run())
    ada.say(chat, "hello")
    await asyncio.sleep(HELD_S / 2)
    await held.poller.hasten()
    await telegram_server.wait_async(lambda: "hello" in held.taken)
    polling.cancel()
    assert telegram_server.violations == []
    await api.close()
