"""What is seen while Equerry works: "typing", after a while one quiet message that is edited."""

import asyncio
import logging
from contextlib import suppress

from adapters.telegram.api import TelegramApi
from adapters.telegram.places import Place
from core.domain.errors import EquerryError
from core.ports.chat_surface import Progress
from core.ports.clock import Clock

TYPING_S = 4.0
"""Telegram shows "typing" for five seconds."""
MESSAGE_AFTER_S = 3.0
EDIT_S = 1.2
LONGEST = 3500

logger = logging.getLogger(__name__)


class Working:
    """The work of one conversation as it is shown; nothing of it is durable."""

    def __init__(self, api: TelegramApi, place: Place, clock: Clock) -> None:
        """Show it at `place`; it begins when something is heard."""
        self._api, self._place, self._clock = api, place, clock
        self._status, self._text, self._shown = "", "", ""
        self._goal = ""
        self._message: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._waits = asyncio.Event()

    def hear(self, progress: Progress) -> None:
        """Take what goes on now; an empty status says that nothing does."""
        if not (progress.status or progress.delta):
            self._stop()
            return
        if progress.status:
            self._status = progress.status
        if progress.goal != self._goal:
            self._goal, self._text = progress.goal, ""
        self._text += progress.delta
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._show())

    async def end(self) -> None:
        """Take the message away: the answer is there."""
        task = self._task
        self._stop()
        if task is not None:
            await asyncio.wait([task])
        if self._message is not None:
            message, self._message = self._message, None
            bot, place = self._api.bot, self._place
            with suppress(EquerryError):
                await self._api.call(lambda: bot.delete_message(place.chat, message))

    def _stop(self) -> None:
        """End the task, but no call of it: a message whose number is not known could not go."""
        task, self._task = self._task, None
        if task is not None and self._waits.is_set():
            task.cancel()

    async def _show(self) -> None:
        task, waited = asyncio.current_task(), 0.0
        try:
            while self._task is task:
                if waited % TYPING_S < EDIT_S:
                    await self._type()
                if waited >= MESSAGE_AFTER_S and self._task is task:
                    await self._tell()
                if self._task is not task:
                    return
                self._waits.set()
                await self._clock.sleep(EDIT_S)
                self._waits.clear()
                waited += EDIT_S
        except EquerryError as error:
            logger.info("progress is not shown: %s", error)
        finally:
            self._waits.clear()

    async def _type(self) -> None:
        bot, place = self._api.bot, self._place
        with suppress(EquerryError):  # not each server can show it
            await self._api.call(
                lambda: bot.send_chat_action(place.chat, "typing", message_thread_id=place.thread)
            )

    async def _tell(self) -> None:
        text = self._told()
        if not text or text == self._shown:
            return
        bot, place, message = self._api.bot, self._place, self._message
        if message is None:
            made = await self._api.say(
                place.chat,
                lambda: bot.send_message(
                    place.chat, text, message_thread_id=place.thread, disable_notification=True
                ),
            )
            self._message = made.message_id
        else:
            await self._api.say(
                place.chat,
                lambda: bot.edit_message_text(text, place.chat, message),
            )
        self._shown = text

    def _told(self) -> str:
        if self._text.strip():
            return f"{self._text.strip()[-LONGEST:]} …"
        return f"⏳ {self._status} …" if self._status else ""
