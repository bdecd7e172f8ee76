"""Files of Telegram messages as handles, and their bytes."""

from typing import TYPE_CHECKING, Any

from adapters.telegram.api import TelegramApi, TelegramRefusedError
from core.domain.errors import RefusedError
from core.domain.inbound import Attachment, AttachmentKind

if TYPE_CHECKING:
    from telegram import Message

TOO_BIG = (
    "Telegram hands me no file of more than 20 MB: send it in parts, or a link that I may fetch."
)
GONE = "Telegram does not have this file any more: send it again, please."
_NAMED: dict[str, tuple[AttachmentKind, str, str]] = {
    "document": ("file", "document", "application/octet-stream"),
    "voice": ("voice", "voice.ogg", "audio/ogg"),
    "audio": ("audio", "audio.mp3", "audio/mpeg"),
    "video": ("picture", "video.mp4", "video/mp4"),
    "video_note": ("picture", "video.mp4", "video/mp4"),
    "animation": ("picture", "animation.mp4", "video/mp4"),
}
"""What Telegram calls it; what it is, and the name and the type where it has none."""


def attachments_of(message: "Message") -> tuple[Attachment, ...]:
    """Return the files of a message; Telegram sends one at the most."""
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        photo = Attachment(
            name="photo.jpg",
            media_type="image/jpeg",
            size=largest.file_size or 0,
            ref=largest.file_id,
            kind="picture",
        )
        return (photo,)
    # An animation is a document too, for clients that know none.
    names = ("animation", *(name for name in _NAMED if name != "animation"))
    for name in names:
        found = getattr(message, name, None)
        if found is not None:
            return (_attachment(found, *_NAMED[name]),)
    return ()


async def download(api: TelegramApi, attachment: Attachment) -> bytes:
    """Return the bytes of a file.

    Raises RefusedError with a sentence for the owner; TransientError and OutcomeUnknownError where
    it is to be tried again.
    """
    try:
        found = await api.call(lambda: api.bot.get_file(attachment.ref))
        return bytes(await api.call(found.download_as_bytearray))
    except TelegramRefusedError as error:
        sentence = TOO_BIG if "too big" in error.description else GONE
        raise RefusedError(sentence) from error


def _attachment(found: Any, kind: AttachmentKind, name: str, media_type: str) -> Attachment:  # noqa: ANN401 - several classes of the library with the same fields
    media = getattr(found, "mime_type", None) or media_type
    if kind == "file" and media.startswith(("image/", "video/")):
        kind = "picture"
    elif kind == "file" and media.startswith("audio/"):
        kind = "audio"
    seconds = getattr(found, "duration", 0) or 0
    return Attachment(
        name=(getattr(found, "file_name", None) or name)[:200],
        media_type=media[:100],
        size=found.file_size or 0,
        ref=found.file_id,
        kind=kind,
        seconds=float(seconds if isinstance(seconds, int | float) else seconds.total_seconds()),
    )
