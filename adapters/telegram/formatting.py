"""Entities and buttons as the library takes them, and what to do where Telegram refuses some."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.telegram.api import TelegramRefusedError
from adapters.telegram.keyboards import Button
from adapters.telegram.rich import Rich

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup

_TOO_LARGE = "entity too large"
"""The words of HTTP for a body, which have nothing to do with formatting."""

logger = logging.getLogger(__name__)
T = TypeVar("T")
Rows = Sequence[Sequence[Button]]


async def plainly(call: Callable[[bool], Awaitable[T]]) -> T:
    """Make a call with entities (True), and once more without where Telegram refuses those."""
    try:
        return await call(True)
    except TelegramRefusedError as error:
        if "entit" not in error.description or _TOO_LARGE in error.description:
            raise
        logger.warning("Telegram refused entities: %s", error.description)
        return await call(False)


def library_entities(rich: Rich) -> Any:  # noqa: ANN401 - objects of the library
    """Return the entities of a text as objects of the library."""
    from telegram import MessageEntity

    return [MessageEntity.de_json(entity.as_api(), None) for entity in rich.entities]


def markup_of(keys: Rows) -> "InlineKeyboardMarkup | None":
    """Return buttons as an object of the library, None for none."""
    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    if not keys:
        return None
    rows = [[InlineKeyboardButton(k.text, callback_data=k.data) for k in row] for row in keys]
    return InlineKeyboardMarkup(rows)
