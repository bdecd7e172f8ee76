"""What is published about events never changes but by version and upcaster."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from core.domain.events import UPCASTERS, Upcaster
from scripts.freeze_events import catalogue, frozen, problems

KIND = "card.shown.v1"
TASK = ("plan.proposed.v1 plan", "properties", "tasks", "items")
ITEM = ("card.opened.v1", "properties", "items", "items")


def at(types: dict[str, Any], *path: str) -> Any:  # noqa: ANN401 - any part
    """Return the part of a catalogue at a path."""
    found: Any = types
    for name in path:
        found = found[name]
    return found


def changed(
    change: Callable[[dict[str, Any]], object], revision: int = 1
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is published, and what a change would make of its types."""
    before = frozen()
    now = deepcopy(before)
    change(now["types"])
    return before, {**now, "revision": before["revision"] + revision}


def test_the_models_are_what_is_published() -> None:
    """The payload models are those of the catalogue; the message says what to do where not."""
    now = catalogue()
    assert problems(frozen(), now) == []
    assert now == frozen(), "python -m scripts.freeze_events notes what was added"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.pop(KIND), f"{KIND} is gone"),
        (lambda it: at(it, KIND, "properties").pop("card"), "card is gone"),
        (lambda it: at(it, KIND)["required"].append("draft"), "required was"),
        (lambda it: at(it, KIND)["required"].remove("card"), "required was"),
        (lambda it: at(it, KIND, "properties", "draft").update(type="string"), 'was "integer"'),
        (lambda it: at(it, KIND, "properties", "draft").update(default=1), "default was 0"),
        (lambda it: at(it, KIND, "properties", "state", "enum").remove("open"), "has no 'open'"),
        (lambda it: at(it, KIND, "properties", "draft").pop("default"), "default was 0"),
        (lambda it: at(it, KIND).update(additionalProperties=True), "additionalProperties was"),
        (lambda it: at(it, *ITEM, "properties").pop("pins"), "pins is gone"),
        (lambda it: at(it, *ITEM)["required"].append("pins"), "required was"),
        (lambda it: at(it, *ITEM).update(type="array"), 'was "object"'),
        (lambda it: at(it, *TASK, "properties").pop("needs"), "needs is gone"),
    ],
)
def test_a_change_in_place_is_refused(
    change: Callable[[dict[str, Any]], object], said: str
) -> None:
    """What would change the meaning of stored events is named, at every depth."""
    (problem,) = problems(*changed(change))
    assert said in problem


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.update({"new.thing.v1": {"type": "object"}}),
        lambda it: at(it, KIND, "properties").update(more={"type": "string", "default": ""}),
        lambda it: at(it, *ITEM, "properties").update(more={"type": "string", "default": ""}),
        lambda it: at(it, KIND, "properties", "state", "enum").append("gone"),
    ],
)
def test_what_only_adds_raises_the_revision(change: Callable[[dict[str, Any]], object]) -> None:
    """Further types, fields with a default and choices are fine where older programs can tell."""
    assert problems(*changed(change)) == []
    (problem,) = problems(*changed(change, revision=0))
    assert "raise REVISION" in problem


def test_a_type_may_go_where_an_upcaster_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next version of a type takes the place of the one before."""
    monkeypatch.setitem(UPCASTERS, KIND, Upcaster("card.shown.v2", lambda old: old.payload))

    def next_version(types: dict[str, Any]) -> None:
        types["card.shown.v2"] = types.pop(KIND)

    assert problems(*changed(next_version)) == []
