"""The track record of an agent and action: what the owner decided, newest last.

Rows `AGENT|ACTION` carry the counts; rows `card:ID` remember who asked until the card is decided.
"""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

RECENT = 50


def record_key(agent: str, action: str) -> str:
    """Return the key of the record of one agent and action."""
    return f"{agent}|{action}"


def _opened(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    if payload["kind"] != "operation":
        return
    asked = sorted({record_key(payload["agent"], item["action"]) for item in payload["items"]})
    yield Row(key=f"card:{payload['card']}", doc={"asked": asked})


def _decided(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    card = get(f"card:{payload['card']}")
    if card is None:
        return
    left_out = set(payload.get("left_out", {}).values())
    for key in card.doc["asked"]:
        row = get(key)
        doc: dict[str, Any] = row.doc if row else {"accepted": 0, "decided": 0, "recent": []}
        # A card is one decision for an action: where one of its items was left out it was a no.
        verdict = "reject" if key.partition("|")[2] in left_out else payload["verdict"]
        yield Row(
            key=key,
            doc={
                "accepted": doc["accepted"] + (verdict == "accept"),
                "decided": doc["decided"] + 1,
                "recent": [*doc["recent"], verdict][-RECENT:],
            },
        )
    yield Drop(f"card:{payload['card']}")


def _expired(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Drop(f"card:{payload['card']}")


RECORD = TableProjection(
    "record",
    {"card.opened.v1": _opened, "card.decided.v1": _decided, "card.expired.v1": _expired},
)
