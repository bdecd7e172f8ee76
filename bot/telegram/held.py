"""What every owner is told of by itself, once each time: what holds timers, and memory that fails.

Below what holds timers stands a button to go on. Both are on the log, so that whatever process
notices them, the one that serves Telegram tells.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence

from adapters.telegram.places import CHANNEL
from bot.app import App
from bot.commands.answer import choice
from bot.telegram.outbox import Printed, queue
from core.access.register import Register
from core.domain.errors import STORE_ERRORS
from core.domain.events import Event
from core.domain.events.health import HealthChanged
from core.telemetry.health import MEMORY
from core.telemetry.holds import HOLDING, holds

MEMORY_FAILS = (
    "⚠️ Memory cannot be searched. {reason}\n\nNothing is lost: all of it is on the log. I answer "
    "without looking up facts and earlier talk meanwhile, and go on by myself."
)
MEMORY_IS_WELL = "✅ Memory can be searched again."

logger = logging.getLogger(__name__)


class HeldNotices:
    """Tells owners what holds timers, at the start and whenever it begins, and how memory is."""

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
            self._start(self._try_to_tell())
        for event in events:
            if event.type == HealthChanged.wire and event.payload["part"] == MEMORY:
                self._start(self._tell_of_memory(event))

    def _start(self, telling: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(telling)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_of_memory(self, event: Event) -> None:
        """Tell that memory cannot be searched, or can be again."""
        failing = event.payload["state"] == "failing"
        said = MEMORY_FAILS.format(reason=event.payload["reason"]) if failing else MEMORY_IS_WELL
        try:
            for owner in await self._register.owners():
                key = f"{MEMORY}:{event.position}:{owner}"
                await queue(self._app, f"{CHANNEL}:{owner}", said, key)
        except STORE_ERRORS as error:
            logger.warning("owners are not told how memory is: %s", error)
