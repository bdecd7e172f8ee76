"""An answer in words that replies to a card means that card, not the newest."""

from dataclasses import replace

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL, receipt_of
from bot.app import App
from core.gates.views import receipts
from core.ports.read_models import RowQuery

VERBS = frozenset({"accept", "reject", "edit", "always"})
MOST = 1000


async def named(app: App, said: Said) -> Said:
    """Return the message with the card it replies to named behind its verb, where it has one."""
    verb, _, rest = said.text.strip().partition(" ")
    word = verb.rstrip(",").lower()
    if said.replied_to is None or word not in VERBS:
        return said
    receipt = receipt_of(said.place.chat, [said.replied_to])
    query = RowQuery("cards", states=frozenset({"open"}))
    for row in await app.kernel.rows.find(query, limit=MOST):
        if receipt in receipts(row, CHANNEL):
            return replace(said, text=f"{word} {row.key} {rest}".strip())
    return said
