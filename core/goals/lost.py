"""What could not be delivered, as its chat took nothing, is named once the chat takes again."""

from collections.abc import Sequence

from core.domain.events import decode
from core.domain.events.messages import MessageUndeliverable
from core.domain.ids import short_id
from core.goals.finishing import Replies
from core.goals.stop import TAKEN_BACK
from core.kernel import Kernel
from core.memory.turns import short
from core.ports.event_log import EventQuery
from core.ports.read_models import Row, RowQuery

NOTICE = "U"
"""What the ids of messages begin with that name what was lost."""
MOST_NAMED = 10
"""Lines that fit on a screen of a phone; the others are counted."""
_LOST, _SAID = frozenset({"undeliverable"}), frozenset({"queued", "sending", "sent"})


async def name_lost(kernel: Kernel, replies: Replies, conversation: str) -> bool:
    """Queue one message that names what was lost in a conversation; return whether there was any.

    To be called when all that was queued before is sent or lost: what the newest such message has
    in front of it was named by it, or by one before.
    """
    lost, tries = await _lost(kernel, conversation)
    if not lost:
        return False
    count = len(lost)
    these = "One message" if count == 1 else f"{count} messages"
    lines = [await _line(kernel, row) for row in lost[:MOST_NAMED]]
    if count > MOST_NAMED:
        lines.append(f"… and {count - MOST_NAMED} more")
    cards = await kernel.rows.count(
        RowQuery("card_places", group=conversation, states=frozenset({"open"}))
    )
    text = "\n".join(
        [
            f"{these} could not be delivered here, because the chat took nothing:",
            *(f"- {line}" for line in lines),
            "Ask again for what you still need"
            + (f"; {cards} open card(s): /inbox" if cards else "."),
        ]
    )
    notice = short_id(NOTICE, *(row.key for row in lost), str(tries))
    await kernel.log.append(replies.message(conversation, text, notice))
    return True


async def _lost(kernel: Kernel, conversation: str) -> tuple[list[Row], int]:
    """Return the messages that were lost since the last ones were named, in their order.

    And how many messages that named some were lost themselves.
    """
    found = await kernel.rows.find(RowQuery("outbox", group=conversation, states=_LOST), limit=None)
    rows = [row for row in found if not row.key.startswith(NOTICE)]
    others = len(rows)
    if not rows:
        return [], 0
    said = await kernel.rows.find(RowQuery("outbox", group=conversation, states=_SAID), limit=None)
    named = max((_place(row) for row in said if row.key.startswith(NOTICE)), default=0)
    rows = sorted((row for row in rows if _place(row) > named), key=_place)
    gone = await _refused_by_chat(kernel, rows)
    return [row for row in rows if row.key in gone], len(found) - others


async def _refused_by_chat(kernel: Kernel, rows: Sequence[Row]) -> frozenset[str]:
    """Return which of these the chat did not take; others were taken back, or are told already."""
    keys = tuple(f"undeliverable:{row.key}" for row in rows)
    if not keys:
        return frozenset()
    events = await kernel.log.read(EventQuery(keys=keys), limit=len(keys))
    payloads = [decode(event) for event in events]
    return frozenset(
        one.message
        for one in payloads
        if isinstance(one, MessageUndeliverable) and one.error != TAKEN_BACK
    )


async def _line(kernel: Kernel, row: Row) -> str:
    """Name a message: by its words, or where others have a part in those, by what it answers."""
    goal = row.doc["goal"]
    behind = f" ({goal}: /why {goal})" if goal else ""
    about = await kernel.rows.get("goals", goal) if goal else None
    if row.doc["sources"] and about is None:
        return "what a command answered"
    what, doc = "", row.doc["text"]
    if row.doc["sources"] and about is not None:
        what, doc = "the answer to ", about.doc["title"]
    values = await kernel.log.values([doc["ref"]])
    return f"{what}“{short(str(values.get(doc['ref'], '[erased]')))}”{behind}"


def _place(row: Row) -> int:
    return int(row.doc.get("position", 0))
