"""The store fails, so no message can be queued: the owners are told on Telegram directly."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, tzinfo

from adapters.system.clock import SystemClock
from adapters.telegram.api import TelegramApi
from adapters.telegram.pacing import Pacer
from adapters.telegram.polling import PAUSES_S
from bot.config import Config
from bot.redaction import collect_secrets
from core.domain.errors import EquerryError, TransientError
from core.domain.pauses import nth_pause
from core.domain.redaction import Redactor
from core.ports.clock import Clock

FAILS = (
    "⚠️ {sentence}\n\nNothing is lost: what you send is taken in as soon as that is over, and I go "
    "on by myself."
)
OVER = "✅ That is over, and I go on. What failed since {since:%H:%M}: {sentence}"
CALM = timedelta(minutes=1)
"""Trouble that comes back within this time is told only if it lasts as long: no storm of words."""

START_S = 5.0
"""A database server that starts with the machine, beside this program, is no news."""

logger = logging.getLogger(__name__)


class StorageAlarm:
    """Says once that the store fails, and once that it does no more; keeps nothing anywhere."""

    def __init__(
        self,
        api: TelegramApi,
        owners: Callable[[], Sequence[str]],
        clock: Clock,
        redactor: Redactor,
        zone: tzinfo,
        patience_s: float = 0.0,
    ) -> None:
        """Write to `owners`, as far as they are known without the store.

        What is over within `patience_s` is not told.
        """
        self._api, self._owners, self._clock = api, owners, clock
        self._redactor, self._zone, self._patience_s = redactor, zone, patience_s
        self._telling: asyncio.Task[None] | None = None
        self._told: dict[str, str] = {}
        """What each owner was told of the trouble that is."""
        self._sentence, self._began = "", clock.now()
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
        await self._clock.sleep(self._patience_s)
        for owner in self._owners():
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
            await self._clock.sleep(nth_pause(PAUSES_S, failures))
            failures += 1


@asynccontextmanager
async def start_alarm(config: Config) -> AsyncIterator[StorageAlarm]:
    """Give an alarm for a start without a store: only the owners in the configuration are known."""
    token = config.telegram.token.get_secret_value() if config.telegram.token else ""
    owners = [str(one) for one in config.telegram.owner_ids]
    clock = SystemClock()
    api = TelegramApi(token, config.telegram.api_base, Pacer(clock))
    redactor = Redactor(collect_secrets(config, os.environ))
    zone = config.profile.zone()
    alarm = StorageAlarm(api, lambda: owners, clock, redactor, zone, START_S)
    try:
        yield alarm
    finally:
        await alarm.stop()
        await api.close()
