"""What the owner asked for, done one thing after the other while the input line stays usable."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from rich.console import RenderableType

from adapters.terminal.draw import block, problem
from core.domain.errors import EquerryError

Chore = Callable[[], Awaitable[Sequence[str] | None]]
_log = logging.getLogger(__name__)


class Chores:
    """A queue of calls to the application; what they return or raise is shown, nothing escapes."""

    def __init__(self, show: Callable[[RenderableType], Awaitable[None]]) -> None:
        self._show = show
        self._queue: asyncio.Queue[Chore] = asyncio.Queue()

    def add(self, chore: Chore) -> None:
        """Do this after what was added before."""
        self._queue.put_nowait(chore)

    async def done(self) -> None:
        """Return when everything added was done."""
        await self._queue.join()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            chore = await self._queue.get()
            try:
                await self.do(chore)
            finally:
                self._queue.task_done()

    async def do(self, chore: Chore) -> None:
        """Do this now."""
        try:
            for text in await chore() or ():
                if text:
                    await self._show(block(text))
        except EquerryError as error:
            await self._show(problem(str(error)))
        except Exception as error:  # noqa: BLE001 - a bug ends no session; the log has the rest
            _log.exception("what the owner asked failed")
            name = type(error).__name__
            await self._show(problem(f"That failed inside Equerry ({name}): see the log."))
