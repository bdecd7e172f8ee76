"""Outside text made fit to be stored, shown and read: nothing in it is hidden."""

import unicodedata

_KEPT = frozenset("\n\t\u200c\u200d")  # the joiners of Persian, Indic scripts and emoji
_DROPPED = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})


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
