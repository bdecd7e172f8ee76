"""Deterministic names: the same work gets the same id, however often it is begun."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from core.domain.canonical import canonical, sha256

MARKER_LENGTH = 32
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels: they are taken for numbers, and make words."""


def goal_id(position: int, letters: str = "") -> str:
    """Name the goal that the event at `position` started.

    `letters` tell it from one of the same number on a log that is lost.
    """
    return f"G{position}{letters}"


def operation_marker(goal: str, task: str, action: str, args: Mapping[str, Any]) -> str:
    """Return the side-effect marker of one use of an action (32 hexadecimal characters)."""
    return sha256(canonical([goal, task, action, args]))[:MARKER_LENGTH]


def question_key(action: str, args: Mapping[str, Any]) -> str:
    """Return the key that equal questions share, whatever goal asks them."""
    return sha256(canonical([action, args]))[:MARKER_LENGTH]


def letters(*parts: str, length: int = 3) -> str:
    """Return letters derived from `parts`, so that they can follow a number."""
    digest = hashlib.sha256(canonical(parts).encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:length])


def short_id(prefix: str, *parts: str, length: int = 8) -> str:
    """Return `prefix` and `length` base-32 characters derived from `parts`: people type them."""
    digest = hashlib.sha256(canonical(parts).encode()).digest()
    return prefix + base64.b32encode(digest)[:length].decode()
