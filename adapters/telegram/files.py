"""Files and pictures: a picture goes as a photo where Telegram takes it as one."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from adapters.chat.safe_text import safe_text
from adapters.telegram.api import TelegramApi, TelegramRefusedError
from adapters.telegram.formatting import library_entities, plainly
from adapters.telegram.places import Place
from adapters.telegram.replying import below
from adapters.telegram.rich import Rich, without_code
from core.ports.chat_surface import Enclosure

if TYPE_CHECKING:
    from telegram import Message, ReplyParameters

CAPTION = 1024
"""UTF-16 units that may stand below a file."""
MEGABYTE = 1 << 20
MOST_PHOTO, MOST_FILE = 10 * MEGABYTE, 50 * MEGABYTE
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What is shown as a picture; others, and what moves, are files."""
LONGEST_STEM, LONGEST_END = 100, 12
_NO_NAME = re.compile(r'[\\/:*?"<>|;\x00-\x1f]')

logger = logging.getLogger(__name__)
NOTHING = Rich()


class Files:
    """Sends files to the chats of one bot."""

    def __init__(self, api: TelegramApi) -> None:
        """Send through `api`."""
        self._api = api

    async def send(
        self,
        place: Place,
        file: Enclosure,
        caption: Rich = NOTHING,
        answers: "ReplyParameters | None" = None,
    ) -> "Message":
        """Send a file with a text below it; return its message.

        Raises TelegramRefusedError where Telegram takes it neither as a picture nor as a file.
        """
        size = len(file.data)
        if size > MOST_FILE:
            raise TelegramRefusedError(f"it is larger than {MOST_FILE // MEGABYTE} MB")
        bot = self._api.bot
        if file.media_type in PHOTOS and size <= MOST_PHOTO:
            try:
                return await self._say(bot.send_photo, place, file, caption, answers)
            except TelegramRefusedError as error:
                logger.info("a picture goes as a file: %s", error.description)
        return await self._say(bot.send_document, place, file, caption, answers)

    async def _say(
        self,
        how: "Callable[..., Awaitable[Message]]",
        place: Place,
        file: Enclosure,
        caption: Rich,
        answers: "ReplyParameters | None",
    ) -> "Message":
        async def call(entities: bool) -> "Message":  # noqa: FBT001 - a switch of one call
            return await self._api.say(
                place.chat,
                lambda: how(
                    place.chat,
                    file.data,
                    caption=(caption.text if entities else without_code(caption)) or None,
                    caption_entities=library_entities(caption) if entities else None,
                    filename=file_name(file.name),
                    message_thread_id=place.thread,
                    reply_parameters=answers or below(place),
                ),
            )

        return await plainly(call)


def fits_below(pieces: Sequence[Rich]) -> bool:
    """Whether a text in pieces can stand below a file."""
    return not pieces or (len(pieces) == 1 and pieces[0].units <= CAPTION)


def refused_line(file: Enclosure, error: TelegramRefusedError) -> str:
    """Return what is said in place of a file that Telegram does not take."""
    return f"📎 The file {file_name(file.name)} was not sent. {error}"


def file_name(name: str) -> str:
    """Return a name as a file may have it anywhere: short, on one line, no path."""
    path = PurePath(_NO_NAME.sub("_", safe_text(name)))
    return f"{path.stem[:LONGEST_STEM] or 'file'}{path.suffix[:LONGEST_END]}"
