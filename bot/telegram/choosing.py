"""Buttons below what a command printed: each runs a command line of the owner's."""

from adapters.telegram.incoming import Tapped
from adapters.telegram.places import CHANNEL, Place
from bot.app import App
from bot.commands.answer import choices_of
from bot.front import Front, Line
from bot.telegram.outbox import Printed, name_of, queue
from bot.telegram.pictures import drawn
from core.domain.canonical import sha256
from core.domain.errors import EquerryError, StorageError, TransientError
from core.domain.own_words import sentence
from core.ports.event_log import EventQuery


class Choosing:
    """Runs what was chosen, as if its owner had written it there."""

    def __init__(self, app: App) -> None:
        """Run commands of `app`. The front is one of its own: a tap answers no open edit."""
        self._app, self._front = app, Front(app)

    async def take(self, tapped: Tapped, place: Place, line: str) -> None:
        """Run a line and queue what it says; once, however often the tap is delivered.

        Raises StorageError or TransientError where it is to be tried again.
        """
        key = f"tap:{tapped.query}:{sha256(line)[:8]}"
        if await self._was_answered(key):
            return
        command = Line(CHANNEL, place.conversation, tapped.person.ident, line, dedupe=key)
        try:
            answer = await self._front.take(command)
        except (StorageError, TransientError):
            raise
        except EquerryError as error:
            printed = Printed(sentence(error), choices=choices_of(error))
            await queue(self._app, place.conversation, printed, key, "error")
            return
        if answer:
            text, files = await drawn(self._app, answer)
            printed = Printed(text, files, choices_of(answer))
            await queue(self._app, place.conversation, printed, key)

    async def _was_answered(self, key: str) -> bool:
        query = EventQuery(keys=(f"queue:{name_of(key)}",))
        return bool(await self._app.kernel.log.read(query, limit=1))
