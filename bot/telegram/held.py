"""What holds timers is told to every owner, once each time, with a button to go on."""

import asyncio
import logging
from collections.abc import Sequence

from adapters.telegram.places import CHANNEL
from bot.app import App
from bot.commands.answer import choice
from bot.telegram.outbox import Printed, queue
from core.access.register import Register
from core.domain.errors import STORE_ERRORS
from core.domain.events import Event
from core.telemetry.holds import HOLDING, holds

logger = logging.getLogger(__name__)


class HeldNotices:
    """Tells owners of what holds timers, at the start and whenever it begins."""

    def __init__(self, app: App, register: Register) -> None:
        """Tell the owners of `register`."""
        self._app, self._register = app, register
        self._tasks: set[asyncio.Task[None]] = set()
        self._unlisten = app.store.listen(self._noticed)
        self._unwait = app.storage.retry(self.tell)

    async def tell(self) -> None:
        """Queue what the owners were not told yet."""
        for hold in await holds(self._app.kernel.rows):
            for owner in await self._register.owners():
                printed = Printed(hold.line, choices=choice("Go on", "resume", hold.what))
                key = f"held:{hold.name}:{owner}"
                await queue(self._app, f"{CHANNEL}:{owner}", printed, key)

    async def stop(self) -> None:
        """Listen no more, and end what is being told."""
        self._unlisten()
        self._unwait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _try_to_tell(self) -> None:
        """Tell; what the store does not take is told when it is well again."""
        try:
            await self.tell()
        except STORE_ERRORS as error:
            logger.warning("owners are not told yet of what holds timers: %s", error)

    def _noticed(self, events: Sequence[Event]) -> None:
        if any(event.type in HOLDING for event in events):
            task = asyncio.create_task(self._try_to_tell())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
