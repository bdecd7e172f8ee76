"""What a file became, and its text made fit to be stored."""

import unicodedata
from dataclasses import dataclass
from typing import Literal

DocumentKind = Literal["markdown", "text", "html", "pdf"]
MAX_TITLE = 120
_KEPT = frozenset("\n\t\u200c\u200d")  # the joiners of Persian, Indic scripts and emoji
_DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


@dataclass(frozen=True, slots=True)
class Document:
    """Title and text of a file; the text is markdown but for plain text.

    `note` is a sentence for the owner about what could not be read as it should, mostly empty.
    """

    title: str
    text: str
    kind: DocumentKind
    note: str = ""


def cleaned(text: str) -> str:
    """Return the text without what no reader sees: controls, direction marks, half characters.

    A model sees them, and a document may come from anybody.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text.strip("\n")
    kept = (c for c in text if c in _KEPT or unicodedata.category(c) not in _DROPPED)
    return "".join(kept).strip("\n")


def named(title: str, stem: str) -> str:
    """Return a title on one line; a document without one has the name of its file."""
    words = " ".join(cleaned(title).split())
    words = words or " ".join(cleaned(stem).replace("_", " ").split()) or "Untitled"
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1] + "…"
