"""Words of others inside sentences of ours: between quotation marks that they cannot close."""

import re

_GAPS = re.compile(r"[ \t\r\n]+")
_INNER = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"'})


def quoted(text: str) -> str:
    """Return words of others on one line between “ and ”, whole."""
    return f"“{one_line(text).translate(_INNER)}”"


def one_line(text: str) -> str:
    """Return a text on one line: no line of it can pass for one of ours. Nothing else is lost."""
    return _GAPS.sub(" ", text).strip(" ")
