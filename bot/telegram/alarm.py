"""The store fails, so no message can be queued: the owners are told on Telegram directly."""

import asyncio
import logging
from datetime import datetime, timedelta

from adapters.telegram.api import TelegramApi
from adapters.telegram.polling import PAUSES_S
from core.access.register import Register
from core.domain.errors import EquerryError, TransientError
from core.kernel import Kernel

FAILS = (
    "⚠️ {sentence}\n\nNothing is lost: what you send is taken in as soon as that is over, and I go "
    "on by myself."
)
OVER = "✅ That is over, and I go on. What failed since {since:%H:%M}: {sentence}"
CALM = timedelta(minutes=1)
"""Trouble that comes back within this time is told only if it lasts as long: no storm of words."""

logger = logging.getLogger(__name__)


class StorageAlarm:
    """Says once that the store fails, and once that it does no more; keeps nothing anywhere."""

    def __init__(self, api: TelegramApi, register: Register, kernel: Kernel) -> None:
        """Write to the owners of `register`, as far as they were known when it could be read."""
        self._api, self._register, self._clock = api, register, kernel.clock
        self._redactor, self._zone = kernel.redactor, kernel.zone
        self._telling: asyncio.Task[None] | None = None
        self._told: dict[str, str] = {}
        """What each owner was told of the trouble that is."""
        self._sentence, self._began = "", kernel.clock.now()
        self._ended: datetime | None = None

    def heard(self, sentence: str) -> None:
        """Take what is wrong with the store now, "" where nothing is."""
        if self._telling is not None:
            self._telling.cancel()
        if sentence:
            self._sentence, self._began = self._redactor.text(sentence), self._clock.now()
            self._telling = asyncio.create_task(self._tell_trouble())
        else:
            self._telling = asyncio.create_task(self._tell_end())

    async def stop(self) -> None:
        """Tell nobody any more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell_trouble(self) -> None:
        if self._ended is not None and self._began - self._ended < CALM:
            await self._clock.sleep(CALM.total_seconds())
        for owner in self._register.known_owners:
            self._told[owner] = self._sentence  # before it is sent: rather once too few than twice
            await self._send(owner, FAILS.format(sentence=self._sentence))

    async def _tell_end(self) -> None:
        self._ended = self._clock.now()
        for owner in tuple(self._told):
            since, sentence = self._began.astimezone(self._zone), self._told.pop(owner)
            await self._send(owner, OVER.format(since=since, sentence=sentence))

    async def _send(self, owner: str, text: str) -> None:
        """Send a message, once Telegram can be reached."""
        bot, failures = self._api.bot, 0
        while True:
            try:
                await self._api.say(owner, lambda: bot.send_message(owner, text))
            except TransientError as error:
                logger.warning("an owner is not told yet that the store fails: %s", error)
            except EquerryError as error:
                logger.warning("an owner could not be told that the store fails: %s", error)
                return
            else:
                return
            await self._clock.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            failures += 1
