"""One part of an export: a module that writes its files and reads them back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import App
from core.domain.sources import Source

Apply = Callable[[Source], Awaitable["Brought"]]
"""Takes over what was read, as outside text from a source."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A sentence for each thing that changed; the profile that only a card can put in use."""

    lines: list[str] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)


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


async def nothing(_source: Source) -> Brought:
    """Take nothing over."""
    return Brought()
