"""The emulated Telegram in bad times: floods, faults, downtime; and its webhook."""

import asyncio
import time

import httpx
import pytest
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from tests.servers.http import HttpServer, Reply
from tests.servers.telegram import Chat, TelegramServer, User
from tests.servers.telegram.library import make_bot
from tests.servers.telegram.webhook import SECRET_HEADER


async def test_flood(telegram_server: TelegramServer, bot: Bot, chat: Chat) -> None:
    """Too much gives a 429 and for how long; who comes back early is written down."""
    telegram_server.limits.chat_burst = 2
    sent = [await bot.send_message(chat.id, str(n)) for n in range(2)]
    with pytest.raises(RetryAfter) as refused:
        await bot.edit_message_text("x", chat.id, sent[0].message_id)
    assert refused.value._retry_after.total_seconds() == 1
    assert telegram_server.violations == []
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "early")
    assert "before the retry_after" in telegram_server.violations[0]
    await asyncio.sleep(1.05)
    await bot.send_message(chat.id, "in time")
    assert len(telegram_server.violations) == 1


async def test_group_and_total_flood(
    telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat
) -> None:
    """A group has an allowance of its own, and all chats share one."""
    limits = telegram_server.limits
    limits.chat_burst, limits.group_count, limits.total_count = 100, 2, 4
    limits.group_window_s = limits.total_window_s = 30
    group = telegram_server.group(-5, "Team", [ada])
    for _ in range(2):
        await bot.send_message(group.id, "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(group.id, "hi")
    for _ in range(2):
        await bot.send_message(chat.id, "hi")
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "hi")


async def test_faults(telegram_server: TelegramServer, bot: Bot, chat: Chat) -> None:
    """A test can order errors, floods, delays, lost answers and lost requests."""
    faults = telegram_server.faults
    faults.fail("sendMessage", status=502, times=2)
    for _ in range(2):
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await bot.send_message(chat.id, "never")
    faults.lose_answer("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "there")
    faults.lose_request("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(chat.id, "never")
    faults.delay("sendMessage", 0.2)
    began = time.monotonic()
    await bot.send_message(chat.id, "late")
    assert time.monotonic() - began >= 0.2
    assert [m.text for m in chat.from_bot] == ["there", "late"]
    faults.flood("sendMessage", 3)
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "flooded")
    with pytest.raises(RetryAfter):
        await bot.send_message(chat.id, "too early")
    assert len(telegram_server.violations) == 1


async def test_downtime(telegram_server: TelegramServer, ada: User, chat: Chat) -> None:
    """While the server is down nothing answers; what people wrote is told later."""
    async with make_bot(telegram_server) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=10))
        await telegram_server.wait_async(lambda: telegram_server.calls_of("getUpdates"))
        await asyncio.to_thread(telegram_server.stop)
        with pytest.raises(NetworkError):
            await poll
        ada.say(chat, "while down")
        with pytest.raises(NetworkError):
            await bot.get_updates()
        telegram_server.start()
        assert [u.message.text for u in await bot.get_updates() if u.message] == ["while down"]
        telegram_server.revoke_token()
        with pytest.raises(InvalidToken):
            await bot.get_me()


async def test_webhook(telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat) -> None:
    """Updates are posted in order with the secret, again until taken; polling meets a 409."""
    with HttpServer() as hook:
        hook.answer(Reply(500), Reply(), Reply())
        await bot.set_webhook(f"{hook.url}/tg", secret_token="s-1", allowed_updates=["message"])
        for word in ("one", "two"):
            ada.say(chat, word)
        await telegram_server.wait_async(lambda: not telegram_server.updates.pending)
        texts = [r.json()["message"]["text"] for r in hook.requests]  # type: ignore[index]
        assert texts == ["one", "one", "two"]
        assert {r.headers[SECRET_HEADER.lower()] for r in hook.requests} == {"s-1"}
        info = await bot.get_webhook_info()
        assert (
            info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        )
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


async def test_dead_poller(
    telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat
) -> None:
    """A poll whose program has died takes nothing away from the next one, and no 409 comes."""
    url = f"{telegram_server.api_base}/bot{telegram_server.token}/getUpdates?timeout=20"
    with pytest.raises(httpx.ReadTimeout):
        await asyncio.to_thread(httpx.get, url, timeout=0.2)
    ada.say(chat, "still here")
    for _ in range(2):
        assert [u.message.text for u in await bot.get_updates() if u.message] == ["still here"]


async def test_two_taps_at_once(
    telegram_server: TelegramServer, bot: Bot, ada: User, chat: Chat
) -> None:
    """Two taps on one button are two queries; each is answered on its own."""
    markup = {"inline_keyboard": [[{"text": "Accept", "callback_data": "c7:y"}]]}
    await bot.send_message(chat.id, "card", api_kwargs={"reply_markup": markup})
    card = chat.wait("card")
    taps = [asyncio.create_task(ada.tap_async(card, "Accept")) for _ in range(2)]
    await telegram_server.wait_async(lambda: len(telegram_server.updates.pending) == 2)
    for number, update in enumerate(await bot.get_updates()):
        assert update.callback_query is not None
        await update.callback_query.answer(f"tap {number}")
    assert sorted(str(tap.answer) for tap in await asyncio.gather(*taps)) == ["tap 0", "tap 1"]


async def test_injected_flood_holds_without_limits(
    telegram_server: TelegramServer, bot: Bot, chat: Chat
) -> None:
    """With the limits off a flood that a test orders still has to be waited for."""
    telegram_server.limits.enabled = False
    for _ in range(40):
        await bot.send_message(chat.id, "x")
    telegram_server.faults.flood("sendMessage", 1)
    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(chat.id, "x")
    await asyncio.sleep(1.05)
    await bot.send_message(chat.id, "in time")
    assert len(telegram_server.violations) == 1
