"""What a file became, and its text made fit to be stored."""

from dataclasses import dataclass
from typing import Literal

from core.domain import visible

DocumentKind = Literal["markdown", "text", "html", "pdf"]
MAX_TITLE = 120


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
    """Return the text without what no reader sees; where a page ends, a line is empty."""
    return visible.cleaned(text.replace("\f", "\n\n")).strip("\n")


def named(title: str, stem: str) -> str:
    """Return a title on one line; a document without one has the name of its file."""
    words = " ".join(cleaned(title).split())
    words = words or " ".join(cleaned(stem).replace("_", " ").split()) or "Untitled"
    return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1] + "…"
