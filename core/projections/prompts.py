"""Which calls still have the text of their prompt; due: when the call was made."""

from collections.abc import Iterable
from typing import Any

from core.domain.events import Event
from core.ports.read_models import Drop, Get, Row
from core.projections.fold import TableProjection


def _called(event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    refs = [part["ref"] for part in (payload["prompt"], payload["answer"]) if part]
    if refs:
        key = f"{payload['call']}:{event.position}"
        yield Row(key=key, doc={"refs": refs}, due=event.at)


def _expired(_event: Event, payload: dict[str, Any], _get: Get) -> Iterable[Row | Drop]:
    for key in payload["calls"]:
        yield Drop(key)


PROMPTS = TableProjection("prompts", {"model.called.v1": _called, "prompts.expired.v1": _expired})
