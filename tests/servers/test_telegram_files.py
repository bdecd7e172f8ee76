"""What the emulated Telegram takes as a photo, as a file, and as the words below them."""

from collections.abc import Callable

import httpx
import pytest

from tests.pictures import png
from tests.servers.telegram import Chat, TelegramServer
from tests.servers.telegram.images import size_of
from tests.waiting import PROGRAM_S

Send = Callable[..., str]
MEGABYTE = 1 << 20
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x01\xe0\x02\x80\x01\x01\x11\x00\xff\xd9"


@pytest.fixture
def chat(telegram_server: TelegramServer) -> Chat:
    """Give a person's chat that the bot may write to, without limits on how much."""
    telegram_server.limits.enabled = False
    return telegram_server.private(telegram_server.user(501, "Ada"), started=True)


@pytest.fixture
def send(telegram_server: TelegramServer, chat: Chat) -> Send:
    """Give a function that uploads bytes as a kind of file; returns `ok` or the refusal."""

    def sent(kind: str, data: bytes, caption: str = "") -> str:
        answer = httpx.post(
            f"{telegram_server.api_base}/bot{telegram_server.token}/send{kind.title()}",
            data={"chat_id": str(chat.id), "caption": caption},
            files={kind: ("spend.png", data)},
            timeout=PROGRAM_S,
        ).json()
        return "ok" if answer["ok"] else f"{answer['error_code']} {answer['description']}"

    return sent


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (png(5000, 5000), "ok"),
        (png(5000, 5001), "400 Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(200, 10), "ok"),
        (png(201, 10), "400 Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(0, 0), "400 Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(10, 10)[:-4], "400 Bad Request: IMAGE_PROCESS_FAILED"),
        (b"%PDF-1.7", "400 Bad Request: IMAGE_PROCESS_FAILED"),
        (png(10, 10, padding=10 * MEGABYTE), "400 Bad Request: file is too big"),
        (JPEG, "ok"),
        (b"", "400 Bad Request: file must be non-empty"),
    ],
    ids=[
        "large",
        "too large",
        "wide",
        "too wide",
        "flat",
        "cut off",
        "none",
        "heavy",
        "jpeg",
        "empty",
    ],
)
def test_what_a_photo_may_be(send: Send, data: bytes, answer: str) -> None:
    """A whole picture: 10 MB, 10,000 pixels on two sides, 20 times as long as wide, at most."""
    assert send("photo", data) == answer


def test_what_a_file_may_be(send: Send, chat: Chat) -> None:
    """Anything up to 50 MB; a larger one is refused by HTTP."""
    assert send("document", png(10, 10, padding=10 * MEGABYTE)) == "ok"
    assert send("document", b"x" * (50 * MEGABYTE + 1)) == "413 Request Entity Too Large"
    assert [message.file.kind for message in chat.from_bot if message.file] == ["document"]


@pytest.mark.parametrize("kind", ["photo", "document"])
def test_a_caption_is_short(send: Send, kind: str) -> None:
    """1,024 UTF-16 units go below a file: an emoji has two of them."""
    assert send(kind, png(10, 10), "🎈" * 512) == "ok"
    assert send(kind, png(10, 10), "🎈" * 512 + "x") == (
        "400 Bad Request: message caption is too long"
    )


def test_sizes_of_pictures() -> None:
    """The size is read from the formats that Telegram shows."""
    gif = b"GIF89a\x80\x02\xe0\x01"
    webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"
    assert {size_of(data) for data in (png(640, 480), JPEG, gif, webp)} == {(640, 480)}
    assert size_of(b"GIF89a") is None
    assert size_of(JPEG[:9]) is None
