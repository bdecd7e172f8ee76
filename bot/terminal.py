"""The desk of the terminal: what the terminal surface asks of the application."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from adapters.terminal.desk import Edits
from bot.app import App
from bot.commands.answer import texts
from bot.front import Front, Line
from core.domain.cards import Verdict
from core.domain.errors import StorageError
from core.gates.decide import DecideCard, preview_edits
from core.gates.views import card_view
from core.ports.chat_surface import CardView
from core.ports.read_models import RowQuery
from core.telemetry.why import why

CONVERSATION = "terminal"


class TerminalDesk:
    """Serves one terminal conversation."""

    def __init__(self, app: App, front: Front) -> None:
        """Put the terminal in front of `app`."""
        self._app, self._front = app, front

    async def submit(self, line: str, dedupe: str) -> Sequence[str]:
        """Take one line of the owner."""
        taken = Line(CONVERSATION, CONVERSATION, "owner", line, dedupe)
        return texts(await self._front.take(taken))

    async def decide(
        self, card: str, verdict: Verdict, edits: Edits | None, reason: str | None
    ) -> str:
        """Decide a card by key."""
        command = DecideCard(
            card=card,
            verdict=verdict,
            by="owner",
            via=CONVERSATION,
            tap=uuid4().hex,
            edits=dict(edits or {}),
            reason=reason,
        )
        await self._front.decide(command)
        return ""

    async def preview_edit(self, card: str, marker: str, args: dict[str, Any]) -> Sequence[str]:
        """Return what an edit would change, as it would run."""
        view = await card_view(self._app.kernel, card)
        return await preview_edits(self._app.kernel, view, {marker: args})

    async def why(self, name: str) -> str:
        """Explain."""
        return await why(self._app.kernel, CONVERSATION, name)

    async def settled(self) -> None:
        """Return when nothing runs any more.

        Raises StorageError with what is wrong while work cannot go on: it is kept, not lost.
        """
        await self._app.engine.idle()
        health = await self._app.engine.health()
        if health.problem:
            raise StorageError(self._app.kernel.redactor.text(health.problem))

    def commands(self) -> Sequence[tuple[str, str]]:
        """Return the slash commands."""
        return [(command.name, command.help) for command in self._front.commands.all()]

    async def open_cards(self) -> Sequence[CardView]:
        """Return the open cards, oldest first."""
        query = RowQuery("cards", group=CONVERSATION, states=frozenset({"open"}), order="written")
        every = await self._app.kernel.rows.count(query)
        rows = await self._app.kernel.rows.find(query, limit=every)
        ordered = sorted(rows, key=lambda row: int(row.doc["position"]))
        return [await card_view(self._app.kernel, row.key) for row in ordered]

    def banner(self) -> str:
        """Return the words of the start."""
        lines = ["Equerry · write what you need · /help"]
        if self._app.said:
            lines.append(self._app.said)
        return "\n".join(lines)
