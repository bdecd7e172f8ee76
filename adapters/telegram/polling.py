"""Long polling: an update counts as taken only after it was handled durably."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from adapters.telegram.api import (
    POLL_S,
    SecondPollerError,
    TelegramApi,
    TelegramRefusedError,
    TokenRefusedError,
)
from adapters.telegram.incoming import WANTED, Handle, hand_over
from core.domain.errors import EquerryError, OutcomeUnknownError
from core.ports.clock import Clock

if TYPE_CHECKING:
    from telegram import Update

WATCHDOG_S = 120.0
"""A poll that has not come back by then hangs, and is begun again."""
MOST_BROKEN = 5
"""Tries of an update that breaks the code itself; a store that is away is waited for for ever."""
QUICK_S, BREATH_S = 1.0, 0.3
"""A server that answers "nothing new" sooner than that holds no poll: it is given a pause."""
MOST_HANDLED = 200
"""How many updates are known by their words: not each server forgets what was confirmed."""
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)

logger = logging.getLogger(__name__)
Report = Callable[[str], Awaitable[None]]
"""Is told what is wrong, in a sentence, and an empty text when all is well again."""


class Poller:
    """Asks for updates, one request after the other, and hands each over in order."""

    def __init__(self, api: TelegramApi, handle: Handle, report: Report, clock: Clock) -> None:
        """Hand updates to `handle`; what it raises is tried again, so nothing is left out."""
        self._api, self._handle, self._report, self._clock = api, handle, report, clock
        self._offset: int | None = None
        self._fetched: Sequence[Update] = ()
        self._handled: deque[str] = deque(maxlen=MOST_HANDLED)
        self._failures, self._broken, self._told = 0, 0, False

    async def run(self) -> None:
        """Poll without end. Raises TokenRefusedError when the token is refused."""
        bot = self._api.bot
        while await self._failed(self._claim):
            pass
        while True:
            if await self._failed(self._fetch):
                continue
            if self._told:
                self._told = False
                await self._report("")
            for update in self._fetched:
                while await self._failed(partial(hand_over, update, bot.bot, self._handle)):
                    if self._broken >= MOST_BROKEN:
                        logger.error("update %s of Telegram was left out", update.update_id)
                        self._broken = 0
                        break
                self._offset = update.update_id + 1
                self._handled.append(update.to_json())

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
        except EquerryError as error:
            await self._pause(str(error))
        except Exception:
            logger.exception("an update of Telegram could not be handled")
            self._broken += 1
            await self._pause("An update of Telegram could not be handled: see the log.")
        else:
            self._failures, self._broken = 0, 0
            return False
        return True

    async def _pause(self, problem: str, *, at_once: bool = False) -> None:
        pause = PAUSES_S[min(self._failures, len(PAUSES_S) - 1)]
        self._failures += 1
        if at_once or self._failures > 1:
            self._told = True
            await self._report(problem)
        await self._clock.sleep(pause)
