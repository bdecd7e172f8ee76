"""A strict emulator of Telegram's Bot API over real HTTP, with people who use the bot."""

from tests.servers.telegram.limits import Faults, Limits
from tests.servers.telegram.model import Message, Tap
from tests.servers.telegram.people import Chat, User
from tests.servers.telegram.server import TelegramServer

__all__ = ["Chat", "Faults", "Limits", "Message", "Tap", "TelegramServer", "User"]
