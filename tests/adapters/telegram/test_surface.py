"""Telegram as a chat surface, over the emulator."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC

import pytest

from adapters.system.clock import SystemClock
from adapters.telegram.api import TelegramApi
from adapters.telegram.pacing import Pacer
from adapters.telegram.surface import TelegramSurface
from core.domain.erasable import Erasable
from core.domain.inbound import Attachment
from core.domain.sources import Source
from core.ports.chat_surface import CardView, ChatSurface, Outbound, Progress
from tests.adapters.telegram.samples import card, item, ruling
from tests.contracts.chat_surface import ChatSurfaceContract
from tests.servers.telegram import Chat, Message, TelegramServer

HERE = "telegram:42"


class OwnersChat:
    """The surface with every conversation in the chat of one owner."""

    channel = "telegram"
    follows_results = True

    def __init__(self, surface: TelegramSurface) -> None:
        self._surface = surface

    async def send(self, outbound: Outbound) -> str:
        """Send it there."""
        return await self._surface.send(outbound.model_copy(update={"conversation": HERE}))

    async def show_card(self, view: CardView) -> str:
        """Show it there."""
        return await self._surface.show_card(view.model_copy(update={"conversation": HERE}))

    async def update_card(self, view: CardView, receipt: str) -> None:
        """Change it there."""
        await self._surface.update_card(view, receipt)

    async def fetch(self, attachment: Attachment) -> bytes:
        """Fetch it."""
        return await self._surface.fetch(attachment)

    def progress(self, progress: Progress) -> None:
        """Show it there."""
        self._surface.progress(replace(progress, conversation=HERE))


@pytest.fixture
def chat(telegram_server: TelegramServer) -> Chat:
    """Give the chat of an owner who has written once."""
    telegram_server.limits.enabled = False
    ada = telegram_server.user(42, "Ada")
    return telegram_server.private(ada, started=True)


@pytest.fixture
async def api(telegram_server: TelegramServer, chat: Chat) -> AsyncIterator[TelegramApi]:
    """Give the Bot API of a bot that has one chat."""
    assert chat.id == 42
    api = TelegramApi(telegram_server.token, telegram_server.api_base, Pacer(SystemClock()))
    await api.open()
    yield api
    await api.close()


@pytest.fixture
async def telegram(api: TelegramApi) -> AsyncIterator[TelegramSurface]:
    """Give Telegram as it is, with a chat for each conversation."""
    telegram = TelegramSurface(api, SystemClock(), UTC)
    yield telegram
    await telegram.close()


@pytest.fixture
def surface(telegram: TelegramSurface) -> ChatSurface:
    """Give the surface."""
    return OwnersChat(telegram)


@pytest.fixture
def shown(chat: Chat) -> Callable[[], str]:
    """Give what the owner sees."""
    return lambda: "\n".join(map(_seen, chat.from_bot))


def _seen(message: Message) -> str:
    name = message.file.name if message.file is not None else ""
    return f"{message.text}\n{name}"


class TestTelegramSurface(ChatSurfaceContract):
    """The contract of chat surfaces."""


PLACES = ["www.evil.example", "t.me/evil", "@evil_bot", "evil.com", "x@evil.example"]
OUTSIDE = f"See {', '.join(PLACES)}; /stop #evil +49 30 901820"


def _coded(message: Message) -> str:
    """Return the parts of a message that are code, each on a line."""
    solid = [entity for entity in message.entities if entity["type"] in {"code", "pre"}]
    parts = [message.text[entity["offset"] :][: entity["length"]] for entity in solid]
    return "\n".join(parts)


async def test_nothing_in_an_outside_message_can_be_tapped(
    surface: ChatSurface, chat: Chat
) -> None:
    """What phones link by themselves is code: domains, mentions, commands, addresses of mail."""
    message = Outbound(message="M1", conversation=HERE, kind="reply", text=OUTSIDE, outside=True)
    await surface.send(message)
    coded = _coded(chat.from_bot[-1])
    assert chat.from_bot[-1].text == OUTSIDE
    assert coded.split("\n") == [*PLACES, "/stop", "#evil", "+49 30 901820"]


async def test_nothing_in_the_card_of_outside_text_can_be_tapped(
    surface: ChatSurface, chat: Chat
) -> None:
    """A card that outside text has a part in has no link either; one of the owner's is plain."""
    page = Source(kind="web", ref="https://evil.example")
    for sources, linked in (((page,), False), ((), True)):
        rules = ruling("high", "asked", *sources)
        one = item("Send", body=Erasable.of("Look at evil.com/x", "s"), ruling=rules)
        await surface.show_card(card("Send", one))
        assert ("evil.com/x" in _coded(chat.from_bot[-1])) is not linked


async def test_a_receipt_names_the_chat_of_its_message(
    telegram: TelegramSurface, api: TelegramApi, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the group moves while the answer to the sending is under way."""
    say = api.say

    async def moving(place: str, call: Callable[[], Awaitable[Message]]) -> Message:
        sent = await say(place, call)
        telegram.homes.learn({"42": "4242"})
        return sent

    monkeypatch.setattr(api, "say", moving)
    receipt = await telegram.show_card(card("Send", item("Send"), conversation=HERE))
    assert receipt == f"42:{chat.from_bot[-1].id}"
