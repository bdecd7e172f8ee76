"""Long polling: an update counts as taken only after it was handled durably."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Protocol

from adapters.telegram.api import (
    POLL_S,
    PauseError,
    SecondPollerError,
    TelegramApi,
    TelegramRefusedError,
    TokenRefusedError,
)
from adapters.telegram.incoming import (
    WANTED,
    Handle,
    Incoming,
    Moved,
    hand_over,
    read_update,
)
from core.domain.errors import EquerryError, OutcomeUnknownError, is_passing
from core.domain.pauses import nth_pause
from core.ports.clock import Clock

if TYPE_CHECKING:
    from telegram import Update

WATCHDOG_S = 120.0
"""A poll that has not come back by then hangs, and is begun again."""
MOST_BROKEN = 5
"""Tries of an update that breaks the code itself; a store that is away is waited for for ever."""
QUICK_S, BREATH_S = 1.0, 0.3
"""A server that answers "nothing new" sooner than that holds no poll: it is given a pause."""
AHEAD_S = 0.3
"""How often is looked at what came behind an update that is held up."""
MOST_HANDLED = 200
"""How many updates are known by their words: not each server forgets what was confirmed."""
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)

logger = logging.getLogger(__name__)
LeftOut = Callable[[int], Awaitable[None]]
Report = Callable[[str], Awaitable[None]]
"""Is told what is wrong, in a sentence, and an empty text when all is well again."""


class Ahead(Protocol):
    """What can be answered while something else is held up."""

    async def is_needed(self) -> bool:
        """Whether what is held up will be so for long."""
        ...

    async def take(self, incoming: Incoming | Moved) -> bool:
        """Answer, where that can be done at once; return whether it was."""
        ...


class Poller:
    """Asks for updates, one request after the other, and hands each over in order."""

    def __init__(
        self,
        api: TelegramApi,
        handle: Handle,
        report: Report,
        left_out: LeftOut,
        clock: Clock,
        ahead: Ahead | None = None,
    ) -> None:
        """Hand updates to `handle`; what it raises is tried again, so nothing is left out.

        But for an update that breaks the code itself each time: `left_out` is told its number.
        While one is held up, `ahead` is shown those behind it.
        """
        self._api, self._handle, self._report, self._clock = api, handle, report, clock
        self._left_out = left_out
        self._ahead, self._answered = ahead, set[int]()
        self._answering = asyncio.Lock()
        self._offset: int | None = None
        self._fetched: Sequence[Update] = ()
        self._handled: deque[str] = deque(maxlen=MOST_HANDLED)
        self._failures, self._broken, self._told = 0, 0, False
        self._hurry = asyncio.Event()

    async def hasten(self) -> None:
        """End the pause after a failure: what failed may be well again."""
        self._hurry.set()

    async def run(self) -> None:
        """Poll without end. Raises TokenRefusedError when the token is refused."""
        while await self._failed(self._claim):
            pass
        while True:
            if await self._failed(self._fetch):
                continue
            if self._told:
                self._told = False
                await self._report("")
            for place, update in enumerate(self._fetched, 1):
                async with self._looking_ahead():
                    while await self._failed(
                        partial(self._hand_over, update, self._fetched[place:])
                    ):
                        if self._broken >= MOST_BROKEN:
                            logger.error("update %s of Telegram was left out", update.update_id)
                            await self._left_out(update.update_id)
                            self._broken = 0
                            break
                self._offset = update.update_id + 1
                self._answered.discard(update.update_id)
                self._handled.append(update.to_json())

    async def _hand_over(self, update: "Update", behind: "Sequence[Update]") -> None:
        if not await self._done_ahead(update):
            await hand_over(update, self._api.bot.bot, self._handle, behind)

    async def _done_ahead(self, update: "Update") -> bool:
        """Whether an update was answered out of its turn, or is now."""
        async with self._answering:  # the one that is held up is looked at by two
            if update.update_id in self._answered:
                return True
            found = None if self._ahead is None else read_update(update, self._api.bot.bot)
            if self._ahead is None or found is None or not await self._ahead.take(found):
                return False
            self._answered.add(update.update_id)
            return True

    @asynccontextmanager
    async def _looking_ahead(self) -> AsyncIterator[None]:
        """Look at what came behind an update while that is held up."""
        ended = asyncio.Event()
        looking = None if self._ahead is None else asyncio.create_task(self._look(ended))
        try:
            yield
            ended.set()
            if looking is not None:
                await looking
        finally:
            if looking is not None:
                looking.cancel()

    async def _look(self, ended: asyncio.Event) -> None:
        while self._ahead is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(AHEAD_S):
                    await ended.wait()
            if ended.is_set():
                return
            try:
                if await self._ahead.is_needed():
                    for update in (*self._fetched, *await self._peek()):
                        if self._offset is None or update.update_id >= self._offset:
                            await self._done_ahead(update)
            except EquerryError as error:
                logger.warning("nothing can be answered ahead: %s", error)
            except Exception:  # an update that breaks the code is left out when its turn comes
                logger.exception("nothing more is answered ahead")
                return

    async def _peek(self) -> "Sequence[Update]":
        """Return what waits, and confirm nothing."""
        bot = self._api.bot
        return await self._api.call(
            lambda: bot.get_updates(self._offset, timeout=0, allowed_updates=WANTED)
        )

    async def _claim(self) -> None:
        """End a webhook that is set; what waits there stays.

        A server without webhooks refuses that; where one was not ended after all, the poll is
        refused, and it is ended then.
        """
        with suppress(TelegramRefusedError, OutcomeUnknownError):
            await self._api.call(lambda: self._api.bot.delete_webhook(drop_pending_updates=False))

    async def _fetch(self) -> None:
        """Get what came since the last time."""
        self._fetched = ()
        bot, loop = self._api.bot, asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(WATCHDOG_S):  # wait_for would swallow a cancel at times
                found = await self._api.call(
                    lambda: bot.get_updates(self._offset, timeout=POLL_S, allowed_updates=WANTED)
                )
            self._fetched = [one for one in found if one.to_json() not in self._handled]
        except TimeoutError:
            logger.warning("a poll of Telegram hung; it is begun again")
            await self._api.reopen()
        if not self._fetched and loop.time() - begun < QUICK_S:
            await self._clock.sleep(BREATH_S)

    async def _failed(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Take a step; return whether it failed, after a pause that grows."""
        try:
            await step()
        except TokenRefusedError as error:
            await self._report(str(error))
            raise
        except SecondPollerError as error:
            await self._pause(str(error), at_once=True)
            with suppress(EquerryError):
                await self._claim()
        except PauseError as error:
            await self._pause(str(error), asked=error.pause_s)
        except EquerryError as error:
            await self._pause(str(error))
        except OSError as error:  # of a disk, say: it is waited for, and costs no update
            logger.warning("an update of Telegram waits: %s", error)
            await self._pause(f"An update of Telegram waits: {error.strerror or error}.")
        except Exception as error:
            logger.exception("an update of Telegram could not be handled")
            self._broken += not is_passing(error)
            await self._pause("An update of Telegram could not be handled: see the log.")
        else:
            self._failures, self._broken = 0, 0
            return False
        return True

    async def _pause(self, problem: str, *, at_once: bool = False, asked: float = 0) -> None:
        """Say what is wrong and wait a while, `asked` seconds at least."""
        pause = nth_pause(PAUSES_S, self._failures)
        self._failures += 1
        if at_once or self._failures > 1:
            self._told = True
            await self._report(problem)
        if asked > 0:  # no hurry shortens what Telegram asks for
            await self._clock.sleep(max(asked, pause))
            return
        self._hurry.clear()
        tasks = [
            asyncio.ensure_future(work) for work in (self._clock.sleep(pause), self._hurry.wait())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
