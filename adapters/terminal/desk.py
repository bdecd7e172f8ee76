"""What the terminal asks of the application behind it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.domain.cards import Verdict
from core.ports.chat_surface import CardView

Edits = Mapping[str, dict[str, Any]]
"""New arguments of a card's items by their markers."""


class Desk(Protocol):
    """Takes lines and decisions. Every method may raise EquerryError: its sentence is shown."""

    async def submit(self, line: str, dedupe: str) -> Sequence[str] | None:
        """Take one line: a message, a slash command or a decision in words.

        Returns blocks of text to print at once (the output of a command); the reply to a message
        comes later through the surface. `dedupe` is unique per line: the same line handed over
        again after a restart is done once.
        """
        ...

    async def decide(
        self, card: str, verdict: Verdict, edits: Edits | None, reason: str | None
    ) -> str:
        """Decide a card; return one line, which may be empty when the card itself says enough."""
        ...

    async def preview_edit(self, card: str, marker: str, args: dict[str, Any]) -> Sequence[str]:
        """Validate new arguments of one item; return the lines that differ (`- old`, `+ new`).

        Raises BadInputError, naming the field.
        """
        ...

    async def why(self, name: str) -> str:
        """Explain a card, an operation or a goal."""
        ...

    async def settled(self) -> None:
        """Return when the work of the conversation has ended or waits for the owner or a time.

        Raises StorageError with what is wrong while work cannot go on.
        """
        ...

    def commands(self) -> Sequence[tuple[str, str]]:
        """Return the slash commands that work, without the slash, each with its help."""
        ...

    async def open_cards(self) -> Sequence[CardView]:
        """Return the open cards of the conversation, the oldest first."""
        ...

    def banner(self) -> str:
        """Return what is said at the start."""
        ...
