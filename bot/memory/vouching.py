"""Asking the owner by a card whether what a file brought into memory is his own word."""

from collections.abc import Mapping
from typing import Any

from bot.app import App
from core.domain.errors import UnknownThingError
from core.domain.sources import Source
from core.operations.own.vouch import Vouching
from core.operations.proposing import Proposal, propose
from core.ports.read_models import RowQuery


async def ask_to_vouch(
    app: App, conversation: str, source: Source, profile: Mapping[str, Any] | None = None
) -> str:
    """Open the card for the file of a source; return the sentence that says how to answer it.

    Raises UnknownThingError where the file brought nothing that could be vouched for.
    """
    kernel = app.kernel
    vouching = Vouching(kernel.log, kernel.rows, app.profiles)
    args = await vouching.args(source, profile or {})
    if not (args.facts or args.summaries or args.profile):
        message = f"{source.title} brought nothing that you could vouch for."
        raise UnknownThingError(message)
    proposal = Proposal(
        origin="vouch",
        title=f"Is {source.title} your own?"[:200],
        action="memory.vouch",
        args=args.model_dump(mode="json"),
        mark=f"V{args.digest[:6]}",
        sources=(source,),
    )
    goal = await propose(kernel, conversation, proposal, "owner")
    card = await _card(app, conversation, goal) if app.leads else None
    if card is None:
        return f"Whether it is your own is asked as {goal}: answer its card where Equerry runs."
    return f"Whether it is your own, card {card} asks: decide {card} accept takes it as your words."


async def _card(app: App, conversation: str, goal: str) -> str | None:
    await app.engine.wake(conversation)
    await app.engine.idle()
    query = RowQuery("goals", group=conversation, states=frozenset({"waiting"}))
    rows = await app.kernel.rows.find(query, limit=None)
    return next((card for row in rows if row.key == goal for card in row.doc["cards"]), None)
