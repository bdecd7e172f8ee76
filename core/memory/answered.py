"""The message that the owner answers: in the prompt where its words may be, else a handle."""

from collections.abc import Sequence

from core.domain.sources import Source
from core.memory.at_hand import Hand
from core.memory.lines import Line
from core.memory.turns import short
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels, Row

TRUSTED = frozenset({"new", "taken"})


async def answered(
    log: EventLog, rows: ReadModels, messages: Sequence[str]
) -> tuple[list[Line], list[Hand]]:
    """Return what the messages were written below: lines of it, and what is only at hand.

    A message that others wrote is at hand already.
    """
    lines, hands = list[Line](), list[Hand]()
    for message in messages:
        row = await rows.get("messages", message)
        name = row.doc["replies_to"] if row is not None else None
        if name is None:
            continue
        if (ours := await rows.get("outbox", name)) is not None:
            if ours.doc["sources"]:
                hands.append(_hand(ours))
            else:
                lines += await _line(log, ours, "equerry")
        elif (theirs := await rows.get("messages", name)) and theirs.state in TRUSTED:
            lines += await _line(log, theirs, "owner")
    return lines, hands


async def _line(log: EventLog, row: Row, who: str) -> list[Line]:
    ref = row.doc["text"]["ref"]
    text = (await log.values([ref])).get(ref)
    return [Line(f"{who}: {short(str(text))}", "message", row.key)] if text else []


def _hand(row: Row) -> Hand:
    return Hand(
        id=row.key,
        told="a reply of yours; the owner answers it",
        position=int(row.doc["position"]),
        text=row.doc["text"],
        source=Source(kind="memory", ref=row.key, title="an earlier reply"),
    )
