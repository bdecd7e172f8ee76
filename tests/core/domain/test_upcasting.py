"""Events of earlier programs are read in the newest form of their types."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from core.domain.cards import CardItem, Confidence, Ruling, Said
from core.domain.erasable import Erasable
from core.domain.errors import UnreadableEventError
from core.domain.events import (
    PAYLOADS,
    UPCASTERS,
    Event,
    Payload,
    Upcaster,
    current,
    decode,
    stored_names,
)
from core.domain.events.gates import CardOpened
from core.domain.events.models import BudgetExceeded, ModelCalled
from core.domain.files import Pin
from core.domain.sources import Source

AT = datetime(2026, 11, 23, 19, 4, tzinfo=UTC)
PUBLISHED = [kind for kind, it in PAYLOADS.items() if it.__module__.startswith("core.")]


def event(kind: str, payload: dict[str, Any], goal: str | None = "G1") -> Event:
    """Return an event as a log holds it."""
    return Event(
        position=7,
        id="e",
        stream="s",
        version=1,
        type=kind,
        goal=goal,
        actor="a",
        at=AT,
        payload=payload,
        causation=None,
        key=None,
        prev="",
        hash="",
    )


def lean(model: BaseModel) -> dict[str, Any]:
    """Return the JSON of a model without any field that holds its default, at every depth."""
    return model.model_dump(mode="json", exclude_defaults=True)


def opened() -> CardOpened:
    """Return a card whose parts hold parts."""
    source = Source(kind="web", ref="https://x.example")
    pin = Pin(name="a.txt", place="a.txt", sources=(source,))
    ruling = Ruling(
        route="review",
        rule="default",
        reasons=("r",),
        impact="low",
        confidence=Confidence(claimed=1, earned=1),
        sources=(source,),
    )
    item = CardItem(
        marker="m",
        task="t1",
        action="note.append",
        args=Erasable.of({"text": "x"}),
        title=Erasable.of("t"),
        body=Erasable.of("b"),
        ruling=ruling,
        pins=(pin,),
        origins={"text": (source,)},
        says=(Said(by="writer", text=Erasable.of("s")),),
    )
    return CardOpened(
        card="C1",
        kind="operation",
        conversation="terminal",
        items=(item,),
        title=Erasable.of("t"),
        why=Erasable.of("w"),
        route="review",
    )


def test_what_is_absent_is_read_as_its_default_at_every_depth() -> None:
    """A card from before its items had pins, origins and privacy is read as one that has none."""
    whole = opened()
    stored = lean(whole)
    assert "questions" not in stored
    item = stored["items"][0]
    assert "control" not in item
    assert "title" not in item["origins"]["text"][0]
    assert "edited" not in item["pins"][0]
    assert "private" not in item["ruling"]
    read = current(event("card.opened.v1", stored))
    assert read.payload == whole.model_dump(mode="json")
    assert read.wire()["payload"] == stored
    assert decode(read) == CardOpened.model_validate(stored)


def test_what_is_whole_is_read_as_it_is() -> None:
    """An event of today costs no copy."""
    stored = event("card.opened.v1", opened().model_dump(mode="json"))
    assert current(stored) is stored


@pytest.mark.parametrize("kind", PUBLISHED)
def test_every_type_reads_without_its_optional_fields(kind: str) -> None:
    """Each published type is completed by exactly what its model takes for absent fields."""
    model = PAYLOADS[kind]
    optional = {name for name, it in model.model_fields.items() if not it.is_required()}
    read = current(event(kind, {}))
    early = {"model.called.v1": {"day", "outcome"}, "budget.exceeded.v1": {"scope"}}
    assert read.payload.keys() == optional | early.get(kind, set())
    empty = model.model_construct().model_dump(mode="json", warnings=False)
    assert {name: read.payload[name] for name in optional} == {
        name: empty[name] for name in optional
    }


def test_a_call_from_before_days_counts_on_the_day_it_was_made() -> None:
    """The first `model.called.v1` had no day, and outcomes that are called otherwise now."""
    stored = {
        "call": "c",
        "agent": "planner",
        "tier": "fast",
        "model": "m",
        "usd": "0.01",
        "latency_ms": 5,
        "outcome": "cancelled",
    }
    read = decode(event("model.called.v1", stored))
    assert isinstance(read, ModelCalled)
    assert (read.day, read.outcome) == ("2026-11-23", "unknown")


@pytest.mark.parametrize(
    ("cap", "scope"),
    [("goal", "goal:G1"), ("day", "day:2026-11-23"), ("month", "month:2026-11")],
)
def test_a_refusal_from_before_scopes_gets_the_one_of_its_cap(cap: str, scope: str) -> None:
    """The first `budget.exceeded.v1` named the cap alone."""
    read = decode(
        event("budget.exceeded.v1", {"cap": cap, "wanted": "1", "used": "2", "limit": "2"})
    )
    assert isinstance(read, BudgetExceeded)
    assert read.scope == scope


def test_upcasters_lead_on_version_by_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event two versions old is read as the newest, and found under its name."""

    class Third(Payload):
        wire = "made.up.v3"
        name: str
        count: int = 1

    monkeypatch.setitem(
        UPCASTERS, "made.up.v1", Upcaster("made.up.v2", lambda old: {"title": old.payload["t"]})
    )
    monkeypatch.setitem(
        UPCASTERS, "made.up.v2", Upcaster("made.up.v3", lambda old: {"name": old.payload["title"]})
    )
    try:
        read = current(event("made.up.v1", {"t": "x"}))
        assert decode(read) == Third(name="x")
        assert (read.type, read.payload) == ("made.up.v3", {"name": "x", "count": 1})
        assert (read.wire()["type"], read.wire()["payload"]) == ("made.up.v1", {"t": "x"})
        assert stored_names("made.up.v3") == ("made.up.v3", "made.up.v2", "made.up.v1")
        assert current(read) is read
    finally:
        del PAYLOADS["made.up.v3"]


def test_what_cannot_be_read_is_named_without_its_value() -> None:
    """The error says which event, what is wrong and what to do; no value stands in it."""
    with pytest.raises(UnreadableEventError) as raised:
        decode(event("todo.done.v1", {"todo": {"secret": "hunter2"}}))
    said = str(raised.value)
    assert said.startswith(
        "Event 7 (todo.done.v1) cannot be read by this version of Equerry: todo: "
    )
    assert "hunter2" not in said
