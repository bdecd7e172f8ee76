"""Outside text made fit to be stored, shown and read: nothing hidden, no more than so much."""

import html
import re
import unicodedata

_KEPT = frozenset("\n\t\u200c\u200d")  # the joiners of Persian, Indic scripts and emoji
_DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def cleaned(text: str) -> str:
    """Return the text without what no reader sees: controls, direction marks, tag characters.

    A model sees them, and a hidden sentence is the cheapest attack there is.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(
        char for char in text if char in _KEPT or unicodedata.category(char) not in _DROPPED
    )


def one_line(text: object, limit: int) -> str:
    """Return a short text from a JSON value: markup gone, on one line, at most `limit` long."""
    if not isinstance(text, str):
        return ""
    plain = html.unescape(_TAG.sub("", text[: limit * 4]))
    words = " ".join(cleaned(plain).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
