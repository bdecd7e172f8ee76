"""JSON text that every database can hold, byte for byte.

Canonical JSON writes NUL and its like as escapes already. What is left are halves of surrogate
pairs, which have no UTF-8: they are stored as the JSON escapes that mean them, and taken back
before the text is read or hashed, because a parser would join two neighbouring halves into one.
"""

import json
import re
from typing import Any

from core.domain.canonical import canonical

_HALVES = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:u(d[89a-f][0-9a-f]{2})|.)", re.DOTALL)


def stored_text(text: str) -> str:
    """Return canonical JSON text as it is stored."""
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def original_text(text: str) -> str:
    """Return the canonical JSON text that was stored."""
    if "\\ud" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[0], text)


def dump(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the text to store for a JSON value."""
    return stored_text(canonical(value))


def load(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON value of a stored text."""
    return json.loads(original_text(text))
