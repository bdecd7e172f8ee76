"""Groups that become supergroups: another id, the same conversation.

Telegram tells it twice, by a message and by refusing what is sent to the old id; either may come
first. Messages of the old chat cannot be edited any more, so its open cards are shown again.
"""

import asyncio
import logging
from dataclasses import replace

from adapters.telegram.incoming import Incoming, Invited, Moved
from adapters.telegram.places import CHANNEL, Place, read_receipt
from adapters.telegram.surface import TelegramSurface
from bot.app import App
from core.access.register import Register
from core.domain.errors import EquerryError
from core.domain.events import NewEvent
from core.domain.events.gates import CardShown
from core.gates.views import card_view
from core.ports.read_models import Row, RowQuery

LOOKS_S = (0.0, 1.0, 10.0)
"""Pauses before each look for what was left behind: a card may just be on its way there."""

logger = logging.getLogger(__name__)


class Moving:
    """Knows which groups have moved, and lets their conversations go on."""

    def __init__(self, app: App, surface: TelegramSurface, register: Register) -> None:
        """Follow the groups of `register`; `surface` writes to where they are."""
        self._app, self._surface, self._register = app, surface, register
        self._showing: set[asyncio.Task[None]] = set()
        self._one_by_one = asyncio.Lock()
        surface.homes.told = self.follow

    async def start(self) -> None:
        """Know what moved before, and show the cards that were left behind."""
        moves = await self._register.moves()
        self._surface.homes.learn(moves)
        if moves:
            self._beside()

    async def stop(self) -> None:
        """Look no more; what was not shown yet is shown at the next start."""
        for task in self._showing:
            task.cancel()
        await asyncio.gather(*self._showing, return_exceptions=True)

    async def take(self, incoming: Incoming | Moved) -> Incoming | None:
        """Return what came in, in the conversation it belongs to; a move is durable after this."""
        if isinstance(incoming, Moved):
            await self.follow(incoming.place.chat, incoming.to)
            return None
        if incoming.place is None:
            return incoming
        named = self._surface.homes.named(incoming.place)
        if isinstance(incoming, Invited) and named.named:
            return None  # it was let in where it was before
        return replace(incoming, place=named)

    async def follow(self, chat: str, to: str) -> None:
        """Write down that a group has moved; once, however often it is told."""
        if self._surface.homes.now(Place(chat)).chat == to:
            return
        await self._register.move(chat, to)
        self._surface.homes.learn(await self._register.moves())
        self._beside()

    def _beside(self) -> None:
        """Show what was left behind, while the next update is taken already."""
        task = asyncio.create_task(self._look())
        self._showing.add(task)
        task.add_done_callback(self._showing.discard)

    async def _look(self) -> None:
        for pause in LOOKS_S:
            await self._app.kernel.clock.sleep(pause)
            async with self._one_by_one:
                await self._show_again()

    async def _show_again(self) -> None:
        for old in self._surface.homes:
            query = RowQuery("cards", group=f"{CHANNEL}:{old}", states=frozenset({"open"}))
            rows = self._app.kernel.rows
            for row in await rows.find(query, limit=await rows.count(query)):
                shown = read_receipt(row.doc["shown"].get(CHANNEL, ""))
                if shown is not None and shown[0] == old:
                    await self._show(row)

    async def _show(self, row: Row) -> None:
        kernel = self._app.kernel
        view = await card_view(kernel, row.key)
        try:
            receipt = await self._surface.show_card(view)
        except EquerryError as error:
            logger.warning("card %s was not shown in the new chat: %s", row.key, error)
            return
        shown = CardShown(
            card=row.key,
            conversation=view.conversation,
            channel=CHANNEL,
            receipt=receipt,
            state=view.state,
            follows=self._surface.follows_results,
        )
        stream = f"card:{row.key}"
        await kernel.log.append([NewEvent(stream=stream, payload=shown, goal=view.goal)])
        await self._app.engine.wake(view.conversation)  # it may be decided meanwhile: redraw it
