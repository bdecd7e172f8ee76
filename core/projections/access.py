"""Who may talk with Equerry, and who was told that they may not."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection


def access_row(channel: str, standing: str, ident: str) -> str:
    """Return the key of the row of a user or a group."""
    return f"{standing}:{channel}:{ident}"


def _key(payload: dict[str, Any]) -> str:
    return access_row(payload["channel"], payload["standing"], payload["ident"])


def _granted(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    old = get(_key(payload))
    first = old.doc["position"] if old is not None and old.state == "granted" else event.position
    doc = {**payload, "position": first, "at": stamp(event.at)}
    yield Row(key=_key(payload), doc=doc, group=payload["channel"], state="granted")


def _revoked(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if get(_key(payload)) is not None:
        yield Drop(_key(payload))


def _refused(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    key = access_row(payload["channel"], "refused", payload["ident"])
    doc = {"at": stamp(event.at)}
    yield Row(key=key, doc=doc, group=payload["channel"], state="refused")


def _moved(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    channel, there = payload["channel"], payload["to"]
    before = get(access_row(channel, "home", payload["ident"]))
    home = before.doc["ident"] if before is not None else payload["ident"]
    doc = {"ident": home, "to": there}
    yield Row(key=access_row(channel, "moved", home), doc=doc, group=channel, state="moved")
    yield Row(key=access_row(channel, "home", there), doc=doc, group=channel, state="home")


ACCESS = TableProjection(
    "access",
    {
        "access.granted.v1": _granted,
        "access.revoked.v1": _revoked,
        "access.refused.v1": _refused,
        "access.moved.v1": _moved,
    },
)
"""`owner:CHANNEL:ID`, `group:CHANNEL:ID` (state: granted) and `refused:CHANNEL:ID` (state:
refused, with the time), `moved:CHANNEL:ID` and `home:CHANNEL:ID` (states: moved, home: a group
with its first and its newest id); group: channel."""
