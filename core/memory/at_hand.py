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

MOST = 12
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
    """Return what is at hand in a conversation, newest first; `messages` are being answered."""
    files = RowQuery(
        "attachments",
        group=conversation,
        states=frozenset({"read", "failed"}),
        order="written",
        newest_first=True,
    )
    others = RowQuery(
        "messages",
        group=conversation,
        states=frozenset({"outside"}),
        order="written",
        newest_first=True,
    )
    answered = [await rows.get("messages", name) for name in messages]
    meant = [row.doc["replies_to"] for row in answered if row is not None]
    hands = [_file(row, messages, meant) for row in await rows.find(files, limit=MOST)]
    hands += [_message(row, messages, meant) for row in await rows.find(others, limit=MOST)]
    return tuple(sorted(hands, key=lambda hand: -hand.position)[:MOST])


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
