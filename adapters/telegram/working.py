"""What is seen while Equerry works: "typing", after a while one quiet message that is edited."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.chat.safe_text import safe_line
from adapters.telegram.api import TelegramApi
from adapters.telegram.formatting import library_entities
from adapters.telegram.places import Place
from adapters.telegram.replying import below
from adapters.telegram.rich import Rich, without_code, without_links
from adapters.telegram.says import progress_text
from adapters.telegram.split import LIMIT, MOST_ENTITIES
from core.domain.errors import EquerryError
from core.ports.chat_surface import Progress, Step
from core.ports.clock import Clock

TYPING_S = 4.0
"""Telegram shows "typing" for five seconds."""
MESSAGE_AFTER_S = 3.0
EDIT_S = 1.2
LONGEST = 3500

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Heard:
    """What was heard of one goal."""

    status: str = ""
    text: str = ""
    steps: tuple[Step, ...] = ()

    def hear(self, progress: Progress) -> None:
        """Take news; with newer steps the status from before is no longer true."""
        if progress.steps:
            self.steps, self.status = progress.steps, ""
        self.status = progress.status or self.status
        self.text += progress.delta

    @property
    def told(self) -> str:
        """What is shown of it: its steps, or the text that is streamed, or what is under way."""
        if not self.steps:
            text = self.text.strip()[-LONGEST:]
            return f"{text} …" if text else self._line
        busy = any(step.state == "running" for step in self.steps)
        return "\n".join([progress_text(self.steps), *([self._line] if not busy else [])]).strip()

    @property
    def _line(self) -> str:
        return f"⏳ {safe_line(self.status)} …" if self.status else ""


class Working:
    """The work of one conversation as it is shown; nothing of it is durable."""

    def __init__(self, api: TelegramApi, place: Place, clock: Clock) -> None:
        """Show it at `place`; it begins when something is heard."""
        self._api, self._place, self._clock = api, place, clock
        self._goals: dict[str, Heard] = {}
        self._shown = ""
        self._message: int | None = None
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waits = asyncio.Event()

    def hear(self, progress: Progress) -> None:
        """Take what goes on now. Where nothing does any more, how it stands is shown to the end."""
        if not progress.is_end:
            self._goals.setdefault(progress.goal, Heard()).hear(progress)
            self._go()
        elif progress.goal:
            self._goals.pop(progress.goal, None)
        else:
            self._halt()

    def goes_on(self, goals: dict[str, Heard]) -> None:
        """Show below a message what was shown above it before."""
        self._goals = goals
        self._go()

    def beside(self, goal: str | None, *, over: bool) -> dict[str, Heard]:
        """Return what goes on beside a goal that a message is about, and its steps unless over."""
        kept = {name: heard for name, heard in self._goals.items() if name != goal}
        heard = self._goals.get(goal or "")
        if heard is not None and heard.steps and not over:
            kept[goal or ""] = Heard(steps=heard.steps)
        return kept

    async def end(self) -> None:
        """Take the message away, also one that is being sent."""
        self._goals = {}
        self._stop()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._message is not None:
            message, self._message = self._message, None
            bot, place = self._api.bot, self._place
            with suppress(EquerryError):
                await self._api.beside(place.chat, lambda: bot.delete_message(place.chat, message))

    def _go(self) -> None:
        if self._task is None or self._task.done():
            self._begin(self._show())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work)
        self._tasks.add(self._task)
        self._task.add_done_callback(self._tasks.discard)

    def _halt(self) -> None:
        """Let the message, if there is one, say how it stands, and be left alone."""
        text, self._goals = self._told(), {}
        self._stop()
        if self._message is not None and text:
            self._begin(self._last(text))

    def _stop(self) -> None:
        """End the task, but no call of it: a message whose number is not known could not go."""
        task, self._task = self._task, None
        if task is not None and self._waits.is_set():
            task.cancel()

    async def _last(self, text: str) -> None:
        with suppress(EquerryError):
            await self._tell(text)

    async def _show(self) -> None:
        task, waited = asyncio.current_task(), 0.0
        try:
            while self._task is task:
                if waited % TYPING_S < EDIT_S:
                    await self._type()
                if waited >= MESSAGE_AFTER_S and self._task is task:
                    await self._tell(self._told())
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
            await self._api.beside(
                place.chat,
                lambda: bot.send_chat_action(place.chat, "typing", message_thread_id=place.thread),
            )

    async def _tell(self, text: str) -> None:
        if not text or text == self._shown:
            return
        bot, place, message = self._api.bot, self._place, self._message
        # What is streamed is not checked yet, so nothing in it is a link.
        rich = without_links(Rich(text), frozenset())
        if len(rich.entities) > MOST_ENTITIES:
            rich = Rich(without_code(rich)[: LIMIT // 2])
        if message is None:
            made = await self._api.say(
                place.chat,
                lambda: bot.send_message(
                    place.chat,
                    rich.text,
                    entities=library_entities(rich),
                    message_thread_id=place.thread,
                    reply_parameters=below(place),
                    disable_notification=True,
                    link_preview_options=no_preview(),
                ),
            )
            self._message = made.message_id
        else:
            await self._api.say(
                place.chat,
                lambda: bot.edit_message_text(
                    rich.text,
                    place.chat,
                    message,
                    entities=library_entities(rich),
                    link_preview_options=no_preview(),
                ),
            )
        self._shown = text

    def _told(self) -> str:
        told = (heard.told for heard in self._goals.values())
        return "\n\n".join(text for text in told if text)[-LONGEST:]


def no_preview() -> Any:  # noqa: ANN401 - an object of the library
    """Return what keeps Telegram from fetching what a link leads to."""
    from telegram import LinkPreviewOptions

    return LinkPreviewOptions(is_disabled=True)
