"""A running application with Telegram in front, the emulator, and the owner with a phone."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from bot.app import App, Overrides, build_app
from bot.telegram.running import TelegramRunner
from core.domain.events import Event
from core.ports.event_log import EventQuery
from tests.scenarios.places import Place
from tests.servers.telegram import Chat, Message, TelegramServer, User
from tests.waiting import PATIENCE_S

ADA, EVE = 42, 66
CODE = re.compile(r"/start ([A-Z0-9]{6,})")


@dataclass
class Phone:
    """The owner's side, and what the program says on its own screen."""

    place: Place
    server: TelegramServer
    owner: User
    chat: Chat
    told: list[str] = field(default_factory=list)
    app: App | None = None

    @asynccontextmanager
    async def running(self, overrides: Overrides | None = None) -> AsyncIterator[App]:
        """Run the application with Telegram until the block ends."""
        async with build_app(self.place.config(), overrides) as app:
            self.app = app
            serving = asyncio.create_task(TelegramRunner(app, self.told.append).run())
            try:
                yield app
            finally:
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving
                self.app = None

    @property
    def code(self) -> str:
        """The pairing code that was printed last."""
        return str(CODE.findall("\n".join(self.told))[-1])

    async def pair(self) -> Message:
        """Become the owner."""
        await self.server.wait_async(lambda: CODE.search("\n".join(self.told)))
        return await self.say(f"/start {self.code}", "You are paired")

    async def say(self, text: str, answer: str = "", within_s: float = PATIENCE_S) -> Message:
        """Write, and wait for a message of the bot that holds the answer."""
        last = self.chat.last_id
        self.owner.say(self.chat, text)
        return await self.chat.wait_async(answer, within_s, after=last)

    async def card(self, text: str) -> Message:
        """Write, and wait for the card that this leads to."""
        last = self.chat.last_id
        self.owner.say(self.chat, text)
        return await self.chat.wait_async(lambda message: message.rows, after=last)

    async def accept_twice(self, title: str) -> Message:
        """Accept a card about access, and the second one that asks once more; return the first."""
        first = await self.chat.wait_async(title)
        await self.owner.tap_async(first, "Accept")
        second = await self.chat.wait_async("Really? ", after=first.id)
        await self.owner.tap_async(second, "Accept")
        await self.chat.wait_async("is let in")
        return first

    async def let_in(self, number: int, *others: User, is_forum: bool = False) -> Chat:
        """Make a group with the owner and others in it, and let it in by the card."""
        group = self.server.group(number, "Boat", [*others, self.owner], is_forum=is_forum)
        await self.accept_twice("Let this group in")
        return group

    async def appended(self, kind: str, within_s: float = PATIENCE_S) -> Event:
        """Wait until the log has an event of a type; return the newest."""
        async with asyncio.timeout(within_s):
            while not (found := await self.events(kind)):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.05)
        return found[-1]

    async def events(self, kind: str | None = None) -> Sequence[Event]:
        """Return the events of the log, of one type if given."""
        assert self.app is not None
        return await self.app.kernel.events(EventQuery(type=kind))
