"""Fixtures of the tests of the emulated Telegram."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from tests.servers.telegram import Chat, TelegramServer, User
from tests.servers.telegram.library import make_bot


@pytest.fixture
async def bot(
    telegram_server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bot]:
    """Give the library's bot, connected."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else a 429 warns of what the library will change
    async with make_bot(telegram_server) as made:
        yield made


@pytest.fixture
def ada(telegram_server: TelegramServer) -> User:
    """Give a person."""
    return telegram_server.user(501, "Ada", "ada_l")


@pytest.fixture
def chat(telegram_server: TelegramServer, ada: User) -> Chat:
    """Give a person's chat that the bot may write to."""
    return telegram_server.private(ada, started=True)
