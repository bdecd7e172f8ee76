"""Cards by id; group: conversation; state: open, closing, decided, expired.

`closing` is a decided or expired card that a surface still shows as open.

A row `op:MARKER` points from an operation that a card allowed to that card.

A row `q:KEY` beside them points from an open question to its card: equal questions share it. A row
`unshown:ID` (state: unshown) stands for an open card that no surface has shown: however many are
open, those are found at once. A row `unshown:ID@CONVERSATION` is one that the owner wants to see
again there; the card keeps where that was done as `copies`.

A row `waits:GOAL` names the cards whose operations wait for their next try: `waits` of a card says
until when, by marker; `given_up` says why none is made any more.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection


def question_row(question: str) -> str:
    """Return the key of the row that points from a question to its open card."""
    return f"q:{question}"


def _unshown_row(card: str) -> str:
    return f"unshown:{card}"


def _operation_row(marker: str) -> str:
    return f"op:{marker}"


def _waits_row(goal: str | None) -> str:
    return f"waits:{goal}"


def _opened(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    for item in payload["items"]:
        yield from _asked_anew(item["marker"], get)
    yield Row(
        key=payload["card"],
        doc={
            "goal": event.goal,
            "kind": payload["kind"],
            "route": payload["route"],
            "title": payload["title"],
            "questions": payload["questions"],
            "items": [item["marker"] for item in payload["items"]],
            "actions": [item["action"] for item in payload["items"]],
            "opened": stamp(event.at),
            "position": event.position,
            "joined": [],
            "shown": {},
            "outcome": None,
        },
        group=payload["conversation"],
        state="open",
    )
    yield Row(
        key=_unshown_row(payload["card"]),
        doc={"card": payload["card"], "position": event.position},
        group=payload["conversation"],
        state="unshown",
    )
    tasks = [item["task"] for item in payload["items"]] or [""]
    for question, task in zip(payload["questions"], tasks, strict=False):
        doc = {"card": payload["card"], "task": task, "goal": event.goal}
        yield Row(key=question_row(question), doc=doc)


def _joined(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is not None:
        joined = [*row.doc["joined"], {"goal": event.goal, "conversation": payload["conversation"]}]
        yield replace(row, doc={**row.doc, "joined": joined})


def _wanted_row(card: str, conversation: str) -> str:
    return f"{_unshown_row(card)}@{conversation}"


def _wanted(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row, where = get(payload["card"]), payload["conversation"]
    if row is None or row.state != "open":
        return
    wanted = [one for one in row.doc.get("wanted", []) if one != where]
    yield replace(row, doc={**row.doc, "wanted": [*wanted, where]})
    doc = {"card": payload["card"], "position": event.position, "wanted": True}
    yield Row(key=_wanted_row(payload["card"], where), doc=doc, group=where, state="unshown")


def _told_where(row: Row, payload: dict[str, Any], *, again: bool) -> dict[str, Any]:
    """Return the document of a card with the receipt of one more message that shows it."""
    channel, receipt = payload["channel"], payload["receipt"]
    if payload["conversation"] != row.group or (again and row.doc["shown"]):
        copies = row.doc.get("copies", {})
        return {**row.doc, "copies": {**copies, channel: [*copies.get(channel, []), receipt]}}
    return {**row.doc, "shown": {**row.doc["shown"], channel: receipt}}


def _shown(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is None:
        return
    again = _wanted_row(payload["card"], payload["conversation"])
    state, doc = row.state, _told_where(row, payload, again=get(again) is not None)
    follows = row.doc.get("follows") or payload["follows"]
    if row.doc["outcome"] is not None:
        behind = follows and payload["results"] < len(row.doc.get("results", {}))
        state = "closing" if payload["state"] == "open" or behind else row.doc["outcome"]
    yield replace(row, doc={**doc, "follows": follows}, state=state)
    yield Drop(again)
    if payload["conversation"] == row.group:
        yield Drop(_unshown_row(payload["card"]))


def _begun(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    if payload["card"]:
        yield Row(key=_operation_row(payload["marker"]), doc={"card": payload["card"]})


def _allowed_by(marker: str, get: Get) -> Row | None:
    """Return the decided card that allowed an operation which has begun."""
    asked = get(_operation_row(marker))
    row = get(asked.doc["card"]) if asked is not None else None
    return row if row is not None and row.doc["outcome"] == "decided" else None


def _drawn_anew(row: Row, **doc: Any) -> Row:  # noqa: ANN401 - any JSON value
    """Return a decided card with some fields changed; it is shown once more where wanted."""
    state = "closing" if row.doc.get("follows") else row.state
    return replace(row, doc={**row.doc, **doc}, state=state)


def _without(waits: dict[str, str], marker: str) -> dict[str, str]:
    return {name: at for name, at in waits.items() if name != marker}


def _ended(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    """Keep what came of an operation that was asked, or when its next try is."""
    marker = payload["marker"]
    row = _allowed_by(marker, get)
    if row is None:
        return
    waits = _without(row.doc.get("waits", {}), marker)
    if again := payload.get("retry_at"):
        goal = _waits_row(row.doc["goal"])
        known = get(goal)
        cards = {*(known.doc["cards"] if known is not None else ()), row.key}
        yield Row(key=goal, doc={"cards": sorted(cards)})
        yield _drawn_anew(row, waits={**waits, marker: again})
        return
    told = payload.get("said") or payload.get("error")
    results = {**row.doc.get("results", {}), marker: told}
    yield _drawn_anew(row, results=results, waits=waits)


def _asked_anew(marker: str, get: Get) -> Iterable[Row | Drop]:
    """Say on the card that allowed an operation that another one asks now."""
    row = _allowed_by(marker, get)
    if row is not None and marker not in row.doc.get("results", {}):
        waits = _without(row.doc.get("waits", {}), marker)
        yield _drawn_anew(row, waits=waits, given_up="asked")


def _stopped(event: Event, _payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    """Say on the cards of a goal that nothing is tried again any more."""
    waiting = get(_waits_row(event.goal))
    if waiting is None:
        return
    yield Drop(waiting.key)
    for card in waiting.doc["cards"]:
        row = get(card)
        if row is not None and row.doc.get("waits"):
            yield _drawn_anew(row, waits={}, given_up="stopped")


def _undeliverable(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if payload["final"]:
        yield Drop(_unshown_row(payload["card"]))
        yield Drop(_wanted_row(payload["card"], payload["conversation"]))
    elif row is not None:
        yield replace(row, doc={**row.doc, "doubtful": True})


def _closed(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["card"])
    if row is None or row.state != "open":
        return
    yield Drop(_unshown_row(payload["card"]))
    for where in row.doc.get("wanted", []):
        yield Drop(_wanted_row(payload["card"], where))
    for question in row.doc["questions"]:
        yield Drop(question_row(question))
    outcome = "decided" if "verdict" in payload else "expired"
    doc = {
        **row.doc,
        "verdict": payload.get("verdict"),
        "by": payload.get("by"),
        "via": payload.get("via"),
        "closed": stamp(event.at),
        "outcome": outcome,
    }
    seen = row.doc["shown"] or row.doc.get("copies")
    yield replace(row, doc=doc, state="closing" if seen else outcome)


CARDS = TableProjection(
    "cards",
    {
        "card.opened.v1": _opened,
        "card.joined.v1": _joined,
        "card.shown.v1": _shown,
        "card.wanted.v1": _wanted,
        "card.undeliverable.v1": _undeliverable,
        "card.decided.v1": _closed,
        "card.expired.v1": _closed,
        "operation.started.v1": _begun,
        "operation.finished.v1": _ended,
        "operation.failed.v1": _ended,
        "goal.stopped.v1": _stopped,
    },
    version=2,
)
