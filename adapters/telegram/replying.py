"""What a message of the bot is written below."""

from typing import TYPE_CHECKING

from adapters.telegram.places import Place, number_in
from core.ports.chat_surface import Outbound

if TYPE_CHECKING:
    from telegram import ReplyParameters


def answered(outbound: Outbound, place: Place) -> "ReplyParameters | None":
    """Return what makes a message a reply: in groups, and to what was written long ago."""
    number = number_in(outbound.answers, place.chat)
    if number is None or not (place.is_group or outbound.late is not None):
        return below(place)
    return _below(number)


def below(place: Place) -> "ReplyParameters | None":
    """Return what keeps a message in its thread of replies, None outside of one.

    Such a thread takes no message by its number: it is where the replies to its messages are.
    """
    return _below(place.root) if place.root is not None else None


def _below(number: int) -> "ReplyParameters":
    from telegram import ReplyParameters

    return ReplyParameters(number, allow_sending_without_reply=True)
