"""Files and pictures on Telegram, over the emulator: what goes as what, and with which words."""

from collections.abc import AsyncIterator
from datetime import UTC

import pytest

from adapters.system.clock import SystemClock
from adapters.telegram.api import TelegramApi
from adapters.telegram.files import MOST_FILE, MOST_PHOTO, file_name
from adapters.telegram.pacing import Pacer
from adapters.telegram.places import read_receipt
from adapters.telegram.surface import TelegramSurface
from core.domain.errors import OutcomeUnknownError, TransientError, UndeliverableError
from core.ports.chat_surface import Enclosure, Outbound
from tests.adapters.terminal.desk import enclosure, message
from tests.pictures import png
from tests.servers.telegram import Chat, TelegramServer

CHART = enclosure("spend.png", png(100, 70))
OFFERS = enclosure("offers.pdf", b"%PDF-1.7 offers")


@pytest.fixture
def chat(telegram_server: TelegramServer) -> Chat:
    """Give the chat of an owner who has written once."""
    telegram_server.limits.enabled = False
    return telegram_server.private(telegram_server.user(42, "Ada"), started=True)


@pytest.fixture
async def surface(telegram_server: TelegramServer, chat: Chat) -> AsyncIterator[TelegramSurface]:
    """Give the surface."""
    clock = SystemClock()
    api = TelegramApi(telegram_server.token, telegram_server.api_base, Pacer(clock))
    await api.open()
    telegram = TelegramSurface(api, clock, UTC)
    yield telegram
    await telegram.close()
    await api.close()


def outbound(text: str, *files: Enclosure, **more: object) -> Outbound:
    """Return a message to the owner with files."""
    return message(text, conversation="telegram:42", files=files, **more)


def seen(chat: Chat) -> list[tuple[str, str]]:
    """Return kind of file (or `text`) and words of what the bot has written."""
    return [(one.file.kind if one.file else "text", one.text) for one in chat.from_bot]


async def test_a_picture_has_the_text_below_it(surface: TelegramSurface, chat: Chat) -> None:
    """One message: bytes as they are, words with their formatting, one number as receipt."""
    receipt = await surface.send(outbound("Today **$0.10**", CHART))
    (photo,) = chat.from_bot
    assert photo.file is not None
    assert (photo.file.kind, photo.file.data, photo.text) == ("photo", CHART.data, "Today $0.10")
    assert ("bold", "$0.10") in photo.formats
    assert read_receipt(receipt) == ("42", [photo.id])


async def test_other_files_are_documents(surface: TelegramSurface, chat: Chat) -> None:
    """They keep their names; each further file is a message of its own, and the receipt has all."""
    moves = enclosure("cat.gif", b"GIF89a")
    receipt = await surface.send(outbound("Three files", OFFERS, CHART, moves))
    kinds = [("document", "Three files"), ("photo", ""), ("document", "")]
    assert seen(chat) == kinds
    assert [one.file.name for one in chat.from_bot if one.file] == [
        "offers.pdf",
        "spend.png",
        "cat.gif",
    ]
    assert read_receipt(receipt) == ("42", [one.id for one in chat.from_bot])


@pytest.mark.parametrize(
    ("text", "below"),
    [("x" * 1024, True), ("x" * 1025, False), ("🎈" * 512, True), ("🎈" * 512 + "x", False)],
    ids=["fits", "long", "balloons", "one more"],
)
async def test_a_long_text_goes_before_the_picture(
    surface: TelegramSurface, chat: Chat, text: str, *, below: bool
) -> None:
    """Telegram counts UTF-16 units; the text is whole in either case, and comes first."""
    receipt = await surface.send(outbound(text, CHART))
    assert seen(chat) == ([("photo", text)] if below else [("text", text), ("photo", "")])
    assert read_receipt(receipt) == ("42", [one.id for one in chat.from_bot])


async def test_a_very_long_text_is_a_file_before_the_picture(
    surface: TelegramSurface, chat: Chat
) -> None:
    """Beginning, the whole text, picture: in this order."""
    await surface.send(outbound("one two three.\n\n" * 3000, CHART))
    kinds = [kind for kind, _ in seen(chat)]
    assert kinds == ["text", "document", "photo"]


async def test_labels_stand_below_the_picture_too(surface: TelegramSurface, chat: Chat) -> None:
    """A message that may be a repeat says so, with or without words of its own."""
    await surface.send(outbound("Spend", CHART, repeat=True))
    await surface.send(outbound("", CHART, repeat=True))
    await surface.send(outbound("", CHART))
    repeat = "🔁 This may be a repeat after a restart."
    assert [text for _, text in seen(chat)] == [f"{repeat}\nSpend", repeat, ""]


@pytest.mark.parametrize(
    "data",
    [png(6000, 5000), png(3000, 10), b"no picture", png(10, 10, padding=MOST_PHOTO)],
    ids=["large", "flat", "broken", "heavy"],
)
async def test_what_is_refused_as_a_photo_goes_as_a_file(
    surface: TelegramSurface, chat: Chat, data: bytes
) -> None:
    """Size, shape, bytes that are no picture: the same words, the same bytes, as a document."""
    await surface.send(outbound("Look **here**", enclosure("map.png", data)))
    (sent,) = chat.from_bot
    assert sent.file is not None
    assert (sent.file.kind, sent.file.data, sent.text) == ("document", data, "Look here")
    assert ("bold", "here") in sent.formats


@pytest.mark.parametrize(
    ("data", "why"),
    [(b"", "File must be non-empty"), (b"x" * (MOST_FILE + 1), "larger than 50 MB")],
    ids=["empty", "too large"],
)
async def test_what_is_refused_altogether_is_said(
    surface: TelegramSurface, chat: Chat, data: bytes, why: str
) -> None:
    """The text arrives with a line about the file, and nothing is tried for ever."""
    await surface.send(outbound("Here it is", enclosure("all.zip", data), OFFERS))
    first, second = seen(chat)
    assert first[0] == "text"
    assert first[1].startswith("Here it is")
    assert "The file all.zip was not sent. Telegram refused it" in first[1]
    assert why in first[1]
    assert second == ("document", "")


async def test_a_refusal_of_http_is_final(
    surface: TelegramSurface, chat: Chat, telegram_server: TelegramServer
) -> None:
    """A proxy that takes less than Telegram answers 413: that is no doubt, and not tried again."""
    words = "Request Entity Too Large"
    telegram_server.faults.fail("sendDocument", status=413, description=words)
    await surface.send(outbound("Here it is", OFFERS))
    assert seen(chat)[0][0] == "text"
    assert "Request Entity Too Large" in seen(chat)[0][1]
    assert len(telegram_server.calls_of("sendDocument")) == 1


async def test_refused_formatting_is_left_out_below_a_picture(
    surface: TelegramSurface, chat: Chat, telegram_server: TelegramServer
) -> None:
    """The picture stays a picture."""
    words = "Bad Request: can't parse entities"
    telegram_server.faults.fail("sendPhoto", status=400, description=words)
    await surface.send(outbound("Look **here**", CHART))
    (photo,) = chat.from_bot
    assert (photo.file is not None and photo.file.kind, photo.formats) == ("photo", [])


async def test_a_pause_is_kept_and_nothing_is_sent_twice(
    surface: TelegramSurface, chat: Chat, telegram_server: TelegramServer
) -> None:
    """A 429 on the photo: the same photo later, once."""
    telegram_server.faults.flood("sendPhoto", 1)
    await surface.send(outbound("Spend", CHART))
    assert seen(chat) == [("photo", "Spend")]
    assert telegram_server.violations == []


@pytest.mark.parametrize(
    ("text", "raised", "sent"),
    [("Spend", TransientError, []), ("x" * 2000, OutcomeUnknownError, ["text"])],
)
async def test_a_long_pause_says_whether_anything_was_sent(
    surface: TelegramSurface,
    chat: Chat,
    telegram_server: TelegramServer,
    text: str,
    raised: type[Exception],
    sent: list[str],
) -> None:
    """Nothing sent: it is tried again; a text without its picture: in doubt."""
    telegram_server.faults.flood("sendPhoto", 100)
    with pytest.raises(raised):
        await surface.send(outbound(text, CHART))
    assert [kind for kind, _ in seen(chat)] == sent


async def test_what_broke_off_says_whether_it_may_have_been_sent(
    surface: TelegramSurface, chat: Chat, telegram_server: TelegramServer
) -> None:
    """A lost answer: in doubt; a chat that is blocked: final."""
    telegram_server.faults.lose_answer("sendPhoto")
    with pytest.raises(OutcomeUnknownError):
        await surface.send(outbound("Spend", CHART))
    telegram_server.state.rooms[42].standing = "blocked"
    with pytest.raises(UndeliverableError):
        await surface.send(outbound("Spend", CHART))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("spend.png", "spend.png"),
        ("Angebot für Acme.pdf", "Angebot für Acme.pdf"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ('a"b;c\r\n.txt', "a_b_c_.txt"),
        ("x" * 300 + ".tar", "x" * 100 + ".tar"),
        ("\ud800\u202e.png", "‹U+D800›‹U+202E›.png"),
        ("", "file"),
        (".", "file"),
    ],
)
def test_names_of_files(name: str, shown: str) -> None:
    """A name is short, stays on its line, shows what hides in it, and leads nowhere."""
    assert file_name(name) == shown
