"""What a message was written below: a card is meant by name, a message is told to the planner."""

from dataclasses import replace

from adapters.telegram.incoming import Said
from adapters.telegram.places import CHANNEL, Place, read_receipt, receipt_of
from bot.app import App
from core.gates.views import receipts
from core.goals.intake import intake_key, message_name
from core.ports.read_models import RowQuery

VERBS = frozenset({"accept", "reject", "edit", "always"})
MOST = 1000
LOOKED_AT = 200


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


async def answered(app: App, said: Said) -> str | None:
    """Return the name of the message that one was written below; None for none that is known."""
    if said.replied_to is None:
        return message_name(intake_key(CHANNEL, said.answers)) if said.answers else None
    here = said.place
    for place in dict.fromkeys((here, Place(here.chat, named=here.named))):
        query = RowQuery(
            "outbox",
            group=place.conversation,
            states=frozenset({"sent"}),
            order="written",
            newest_first=True,
        )
        for row in await app.kernel.rows.find(query, limit=LOOKED_AT):
            found = read_receipt(row.doc.get("receipt") or "")
            if found is not None and said.replied_to in found[1]:
                return row.key
    return None
