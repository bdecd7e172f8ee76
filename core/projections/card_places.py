"""Where cards are: which are open in a conversation, and which card a message shows.

Rows `open:CARD@CONVERSATION` (group: conversation; state: open) stand for an open card where it was
opened, and where the owner had it shown again. Rows `at:CHANNEL:RECEIPT` point from a message that
shows a card to that card, also after it was answered. A row `CARD` (group: conversation) knows
those places; state `undrawn`: the messages of the card show another edit than its newest.
"""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

UNDRAWN = "undrawn"


def place_row(card: str, conversation: str) -> str:
    """Return the key of the row of an open card in a conversation."""
    return f"open:{card}@{conversation}"


def receipt_row(channel: str, receipt: str) -> str:
    """Return the key of the row of a message that shows a card."""
    return f"at:{channel}:{receipt}"


def _opened(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    card, conversation = payload["card"], payload["conversation"]
    doc = {"places": [conversation], "shown": False, "draft": 0, "drawn": 0}
    yield Row(key=card, doc=doc, group=conversation)
    yield _open_row(event, card, conversation)


def _open_row(event: Event, card: str, conversation: str) -> Row:
    doc = {"card": card, "position": event.position}
    return Row(key=place_row(card, conversation), doc=doc, group=conversation, state="open")


def _wanted(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row, where = get(payload["card"]), payload["conversation"]
    if row is None or get(place_row(row.key, row.group or "")) is None:
        return
    places = [one for one in row.doc["places"] if one != where]
    yield _changed(row, places=[*places, where])
    yield _open_row(event, row.key, where)


def _shown(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is not None:
        drawn = max(row.doc["drawn"], payload.get("draft", 0))
        yield _changed(row, shown=True, drawn=drawn)
    key = receipt_row(payload["channel"], payload["receipt"])
    known = get(key)
    if payload["receipt"] and (known is None or known.doc["card"] != payload["card"]):
        yield Row(
            key=key,
            doc={"card": payload["card"], "at": stamp(event.at), "position": event.position},
        )


def _drafted(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is not None and get(place_row(row.key, row.group or "")) is not None:
        yield _changed(row, draft=event.version)


def _closed(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is None:
        return
    yield _changed(row, draft=0)
    for place in row.doc["places"]:
        yield Drop(place_row(row.key, place))


def _changed(row: Row, **doc: Any) -> Row:  # noqa: ANN401 - any JSON value
    """Return the row of a card with some fields changed; undrawn where an edit is yet to be shown.

    A card that no surface has shown is shown with its newest edit anyway.
    """
    new = {**row.doc, **doc}
    behind = new["shown"] and new["drawn"] < new["draft"]
    return Row(key=row.key, doc=new, group=row.group, state=UNDRAWN if behind else None)


CARD_PLACES = TableProjection(
    "card_places",
    {
        "card.opened.v1": _opened,
        "card.wanted.v1": _wanted,
        "card.shown.v1": _shown,
        "card.drafted.v1": _drafted,
        "card.decided.v1": _closed,
        "card.expired.v1": _closed,
    },
)
