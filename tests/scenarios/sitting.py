"""A sitting in this process: the real composition, with a surface that records what it is shown."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from adapters.inmemory.surface import RecordingSurface
from bot.app import App, Overrides, build_app
from bot.commands.answer import Block, texts
from bot.front import Front, Line
from core.domain.errors import EquerryError
from core.domain.events import Event
from core.ports.chat_surface import CardView
from core.ports.event_log import EventQuery
from tests.scenarios.places import Place

_numbers = count(1)


class Sitting:
    """One conversation of the owner on a running application."""

    def __init__(self, app: App, conversation: str = "terminal") -> None:
        self.app = app
        self.conversation = conversation
        channel = conversation.partition(":")[0]
        shown = app.surfaces.get(channel)
        self.surface = shown if isinstance(shown, RecordingSurface) else RecordingSurface(channel)
        app.attach(self.surface)
        self._front = Front(app)

    async def hand_in(self, text: str) -> list[str]:
        """Hand a line over without waiting for what comes of it; return what is shown at once."""
        try:
            return texts(await self.answer(text))
        except EquerryError as error:
            return [str(error)]

    async def answer(self, text: str) -> Sequence[Block]:
        """Hand a line over; return what it is answered with at once, as it is."""
        channel = self.surface.channel
        line = Line(channel, self.conversation, "owner", text, f"line:{next(_numbers)}")
        return await self._front.take(line)

    async def say(self, text: str) -> str:
        """Hand a line over, wait until all is quiet, and return all that was said."""
        before = len(self.said)
        at_once = await self.hand_in(text)
        await self.app.engine.idle()
        return "\n".join([*at_once, *self.said[before:]])

    @property
    def said(self) -> list[str]:
        """The texts sent to this conversation."""
        return [out.text for out in self.surface.sent if out.conversation == self.conversation]

    @property
    def card(self) -> CardView:
        """The newest card shown."""
        return self.surface.shown[-1]

    async def events(self, kind: str | None = None) -> Sequence[Event]:
        """Return the events of the log, of one type if given, with their texts."""
        return await self.app.kernel.events(EventQuery(type=kind))


@asynccontextmanager
async def sitting(place: Place, overrides: Overrides | None = None) -> AsyncIterator[Sitting]:
    """Start the application on a place and sit down at its terminal."""
    async with build_app(place.config(), overrides) as app:
        talk = Sitting(app)
        await app.engine.wake(talk.conversation)
        await app.engine.idle()
        yield talk
