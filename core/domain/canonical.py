"""One byte form for equal values: what is hashed, compared and stored."""

import hashlib
import json
from typing import Any

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the JSON text of `value`: sorted keys, no spaces, UTF-8 kept."""
    return _ENCODER.encode(value)


def sha256(text: str) -> str:
    """Return the hexadecimal SHA-256 of the UTF-8 bytes of `text` (64 characters)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
