"""Deterministic names: the same work gets the same id, however often it is begun."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from core.domain.canonical import canonical, sha256

MARKER_LENGTH = 32


def goal_id(position: int) -> str:
    """Name the goal that the event at `position` started."""
    return f"G{position}"


def operation_marker(goal: str, task: str, action: str, args: Mapping[str, Any]) -> str:
    """Return the side-effect marker of one use of an action (32 hexadecimal characters)."""
    return sha256(canonical([goal, task, action, args]))[:MARKER_LENGTH]


def question_key(action: str, args: Mapping[str, Any]) -> str:
    """Return the key that equal questions share, whatever goal asks them."""
    return sha256(canonical([action, args]))[:MARKER_LENGTH]


def short_id(prefix: str, *parts: str, length: int = 8) -> str:
    """Return `prefix` and `length` base-32 characters derived from `parts`: people type them."""
    digest = hashlib.sha256(canonical(parts).encode()).digest()
    return prefix + base64.b32encode(digest)[:length].decode()
