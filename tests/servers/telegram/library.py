"""The real library python-telegram-bot, pointed at the emulated Telegram."""

from telegram import Bot
from telegram.request import HTTPXRequest

from tests.servers.telegram.server import TelegramServer


def make_bot(server: TelegramServer) -> Bot:
    """Return the library's bot, talking to the server."""
    return Bot(
        server.token,
        base_url=f"{server.api_base}/bot",
        base_file_url=f"{server.api_base}/file/bot",
        request=HTTPXRequest(connection_pool_size=8),
        get_updates_request=HTTPXRequest(),
    )
