"""The owner's to-dos, reminders and facts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.domain.events import Event, stamp
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection, changed


def _todo_added(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "added": stamp(event.at), "goal": event.goal}
    yield Row(key=payload["todo"], doc=doc, group=payload["project"], state="open")


def _todo_done(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["todo"]), "done")


def _todo_reopened(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["todo"]), "open")


def _todo_removed(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["todo"]), "removed")


TODOS = TableProjection(
    "todos",
    {
        "todo.added.v1": _todo_added,
        "todo.done.v1": _todo_done,
        "todo.reopened.v1": _todo_reopened,
        "todo.removed.v1": _todo_removed,
    },
)
"""To-dos by id; group: project; state: open, done, removed."""


def _reminder_set(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Row(
        key=payload["reminder"],
        doc={**payload, "goal": event.goal},
        group=payload["conversation"],
        state="set",
        due=datetime.fromisoformat(payload["at"]),
    )


def _reminder_fired(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["reminder"])
    if row is None:
        return
    following = payload["next_at"]
    doc = {**row.doc, "last_fired": payload["at"]}
    if following is None:
        yield replace(row, doc=doc, state="fired", due=None)
    else:
        yield replace(row, doc=doc, due=datetime.fromisoformat(following))


def _reminder_cancelled(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["reminder"])
    if row is not None and row.due is not None:
        doc = {**row.doc, "was_due": stamp(row.due)}
        yield replace(row, doc=doc, state="cancelled", due=None)


def _reminder_restored(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    row = get(payload["reminder"])
    if row is not None:
        yield replace(row, state="set", due=datetime.fromisoformat(payload["at"]))


REMINDERS = TableProjection(
    "reminders",
    {
        "reminder.set.v1": _reminder_set,
        "reminder.fired.v1": _reminder_fired,
        "reminder.cancelled.v1": _reminder_cancelled,
        "reminder.restored.v1": _reminder_restored,
    },
)
"""Reminders by id; group: conversation; state: set, fired, cancelled; due: the next time."""


def _fact_learned(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    doc = {**payload, "learned": stamp(event.at), "goal": event.goal, "position": event.position}
    yield Row(key=payload["fact"], doc=doc, group=payload.get("label"), state="known")


def _fact_forgotten(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["fact"]), "forgotten", erased=payload["erased"])


def _fact_superseded(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return changed(get(payload["fact"]), "superseded", by_fact=payload["by_fact"])


FACTS = TableProjection(
    "facts",
    {
        "fact.learned.v1": _fact_learned,
        "fact.forgotten.v1": _fact_forgotten,
        "fact.superseded.v1": _fact_superseded,
    },
)
"""Facts by id; group: the label another program gave it; state: known, superseded, forgotten."""


def _secret_stated(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Row(key=payload["secret"], doc=payload)


STATED = TableProjection("stated", {"secret.stated.v1": _secret_stated})
"""Secrets that the owner stated, by reference: where each stands, never what it is."""
