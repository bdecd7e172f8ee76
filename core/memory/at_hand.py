"""What is at hand for a plan: files and messages from outside, by handles in our own words.

A plan passes their text on by reference; no word of it, nor of a file's name, is in its prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.erasable import Erasable
from core.domain.events.goals import Given
from core.domain.sources import Source
from core.ports.read_models import ReadModels, Row, RowQuery
from core.projections.attachments import attachment_id

MOST = 12
"""The newest that a prompt lists: older ones are seldom meant, and a reply brings one back."""

READABLE = frozenset({"read", "failed"})
OUTSIDE = frozenset({"outside"})
_WORDS = {
    "application/pdf": "a PDF",
    "text/html": "a web page",
    "text/plain": "a text file",
    "text/markdown": "a text file",
    "text/csv": "a table",
}
_PARTS = {
    "wordprocessing": "a Word document",
    "spreadsheet": "an Excel file",
    "presentation": "a presentation",
}
_KINDS = {"picture": "a picture", "voice": "a voice message", "audio": "a recording"}


@dataclass(frozen=True, slots=True)
class Hand:
    """One thing at hand; without a text a plan cannot refer to it."""

    id: str
    told: str
    position: int
    text: dict[str, Any] | None
    source: Source

    def given(self) -> Given:
        """Return it as a plan takes it along. Its text stays where it is, so it can be erased."""
        return Given(id=self.id, text=Erasable.model_validate(self.text), source=self.source)


async def at_hand(
    rows: ReadModels, conversation: str, messages: Sequence[str] = ()
) -> tuple[Hand, ...]:
    """Return what is at hand in a conversation, newest first; `messages` are being answered.

    That is the newest, and beside them whatever came with those messages or is answered by them.
    """
    files = RowQuery(
        "attachments",
        group=conversation,
        states=READABLE,
        order="written",
        newest_first=True,
    )
    others = RowQuery(
        "messages",
        group=conversation,
        states=OUTSIDE,
        order="written",
        newest_first=True,
    )
    answered = [await rows.get("messages", name) for name in messages]
    meant = [row.doc["replies_to"] for row in answered if row is not None]
    near = [*messages, *(name for name in meant if name)]
    hands = [_file(row, messages, meant) for row in await rows.find(files, limit=MOST)]
    hands += [_message(row, messages, meant) for row in await rows.find(others, limit=MOST)]
    newest = sorted(hands, key=lambda hand: -hand.position)[:MOST]
    beside = [
        _file(row, messages, meant)
        for name in near
        for row in await files_of(rows, name)
        if row.state in READABLE
    ]
    named = [await rows.get("messages", name) for name in near]
    beside += [
        _message(row, messages, meant)
        for row in named
        if row is not None and row.state == "outside"
    ]
    each = {hand.id: hand for hand in (*newest, *beside)}
    return tuple(sorted(each.values(), key=lambda hand: -hand.position))


async def beyond_hand(rows: ReadModels, conversation: str, shown: int) -> str:
    """Return the word that there is more than what is at hand, empty where all of it is."""
    if shown < MOST:
        return ""
    files = await rows.count(RowQuery("attachments", group=conversation, states=READABLE))
    others = await rows.count(RowQuery("messages", group=conversation, states=OUTSIDE))
    more = files + others - shown
    return f"and {more} older: at hand where the owner answers that message" if more > 0 else ""


async def files_of(rows: ReadModels, message: str) -> list[Row]:
    """Return the files that came with a message, in their order."""
    came = await rows.get("messages", message)
    count = len(came.doc["files"]) if came is not None else 0
    found = [await rows.get("attachments", attachment_id(message, n)) for n in range(count)]
    return [row for row in found if row is not None]


def kind_of(row: Row) -> str:
    """Return what a file is, in our own words."""
    media = str(row.doc["media_type"])
    part = next((words for name, words in _PARTS.items() if name in media), "a file")
    if media.startswith("video/"):
        return "a video"
    return _KINDS.get(row.doc["kind"]) or _WORDS.get(media, part)


def _file(row: Row, messages: Sequence[str], meant: Sequence[str]) -> Hand:
    doc = row.doc
    here = doc["message"] in messages
    came = "that came with this message" if here else "that the owner sent before"
    if doc["forwarded"]:
        came = "that the owner forwarded"
    size = f"{doc['characters']:,} characters" if doc["characters"] else "without readable text"
    return Hand(
        id=row.key,
        told=f"{kind_of(row)} {came}, {size}{_meant(doc['message'], meant)}",
        position=int(doc["position"]),
        text=doc["text"] if doc["characters"] else None,
        source=file_source(row),
    )


def file_source(row: Row) -> Source:
    """Return the source of a file; its name is its title, and outside text like the file."""
    return Source(kind="file", ref=row.key, title=str(row.doc["name"])[:80])


def _message(row: Row, messages: Sequence[str], meant: Sequence[str]) -> Hand:
    told = "a message that others wrote"
    if quoted_in := row.doc.get("quoted_in"):
        when = "with this message" if quoted_in in messages else "before"
        told = f"a passage that the owner quoted {when}"
    elif row.doc.get("forwarded", False):
        told = "a message that the owner forwarded"
    return Hand(
        id=row.key,
        told=told + _meant(row.key, meant),
        position=int(row.doc["position"]),
        text=row.doc["text"],
        source=Source(kind="chat", ref=row.key, title=told.removeprefix("a ")),
    )


def _meant(message: str, meant: Sequence[str]) -> str:
    return "; the owner answers it" if message in meant else ""
