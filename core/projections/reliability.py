"""How actions and agents fared lately: the newest outcomes, 1 for well, 0 for not.

An attempt that is made again is no outcome yet: what passes (a full disk, a server that is down)
is not held against an action that does its work afterwards.

Rows `action:NAME` and `agent:NAME`; `planned:GOAL` while a goal with a plan is open.
"""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection

WINDOW = 20
_FAULTS = frozenset({"refused", "failed"})


def _added(key: str, outcome: int, get: Get) -> Iterable[Row | Drop]:
    row = get(key)
    recent = [*(row.doc["recent"] if row else []), outcome][-WINDOW:]
    yield Row(key=key, doc={"recent": recent}, group=key.partition(":")[0])


def _well(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    return _added(f"action:{payload['action']}", 1, get)


def _badly(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if payload.get("retry_at") is None:
        yield from _added(f"action:{payload['action']}", 0, get)


def _asked(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if payload["next"] == "ask":
        yield from _added(f"action:{payload['action']}", 0, get)


def _agent_well(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if payload["agent"] != "executor":
        yield from _added(f"agent:{payload['agent']}", 1, get)


def _agent_badly(_event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    if payload["agent"] != "executor" and payload["kind"] in _FAULTS:
        yield from _added(f"agent:{payload['agent']}", 0, get)


def _planned(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    yield Row(key=f"planned:{event.goal}", doc={})
    yield from _added(f"agent:{payload['agent']}", 1, get)


def _ended(event: Event, payload: dict[str, Any], get: Get) -> Iterable[Row | Drop]:
    """Count a planner's answer; a goal that failed with no plan had none that could be used."""
    if get(f"planned:{event.goal}") is not None:
        yield Drop(f"planned:{event.goal}")
    elif payload["outcome"] in {"answered", "failed"}:
        yield from _added("agent:planner", int(payload["outcome"] == "answered"), get)


def _stopped(event: Event, _payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    yield Drop(f"planned:{event.goal}")


RELIABILITY = TableProjection(
    "reliability",
    {
        "operation.finished.v1": _well,
        "operation.failed.v1": _badly,
        "operation.unknown.v1": _asked,
        "task.finished.v1": _agent_well,
        "task.failed.v1": _agent_badly,
        "plan.proposed.v1": _planned,
        "goal.finished.v1": _ended,
        "goal.stopped.v1": _stopped,
    },
    version=2,
)
