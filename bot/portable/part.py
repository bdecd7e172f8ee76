"""One part of an export: a module that writes its files and reads them back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.app import App

Apply = Callable[[], Awaitable[list[str]]]
"""Takes over what was read; returns a sentence for each thing that changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """`export` writes into a folder and returns the names of its files.

    `read` checks its files without changing anything, and returns every mistake (file, place, what
    is allowed) and how to take them over; None for what is only written. So an import with a
    mistake in any part changes nothing.
    """

    name: str
    export: Callable[[App, Path], Awaitable[list[str]]]
    read: Callable[[App, Path], Awaitable[tuple[list[str], Apply]]] | None = None


async def nothing() -> list[str]:
    """Take nothing over."""
    return []
