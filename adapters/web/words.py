"""Outside text on one line: nothing hidden, no markup, no more than so much."""

import html
import re

from core.domain.visible import cleaned

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")


def short_line(text: object, limit: int) -> str:
    """Return a short text from a JSON value: markup gone, on one line, at most `limit` long."""
    if not isinstance(text, str):
        return ""
    plain = html.unescape(_TAG.sub("", text[: limit * 4]))
    words = " ".join(cleaned(plain).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
