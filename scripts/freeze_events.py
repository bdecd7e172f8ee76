"""Keep what is published about events: `python -m scripts.freeze_events` notes what was added.

A published type changes no more, but for further fields with a default and further choices of a
field; both raise the revision. Anything else is refused here, and is a new version of the type with
an upcaster (docs/adr/0013-old-logs.md).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.domain.base import JsonObject
from core.domain.choices import Choice
from core.domain.events import PAYLOADS, REVISION, UPCASTERS
from core.domain.plan import Plan

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "events.json"
TEXTS: dict[str, type[BaseModel]] = {
    "plan.proposed.v1 plan": Plan,
    "message.queued.v1 choices": Choice,
}
"""Models whose JSON is an erasable text of an event: they are read back as well."""

_WORDS = frozenset({"title", "description"})


def catalogue() -> JsonObject:
    """Return the revision and the JSON schema of each published type, without what is prose."""
    models: dict[str, type[BaseModel]] = {**TEXTS}
    models |= {kind: it for kind, it in PAYLOADS.items() if it.__module__.startswith("core.")}
    named, shared = models_json_schema([(model, "validation") for model in models.values()])
    parts = shared["$defs"]
    types = {
        kind: _resolved(named[model, "validation"], parts) for kind, model in sorted(models.items())
    }
    found: JsonObject = json.loads(json.dumps({"revision": REVISION, "types": types}))
    return found


def frozen() -> JsonObject:
    """Return what is published."""
    found: JsonObject = json.loads(TARGET.read_text(encoding="utf-8"))
    return found


def problems(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what may not be: a sentence for each change of what is published."""
    found = [
        line
        for kind, schema in before["types"].items()
        for line in _changes(kind, schema, now["types"].get(kind))
    ]
    if not found and before["types"] != now["types"] and now["revision"] <= before["revision"]:
        found.append(
            "What is published has grown: raise REVISION in core/domain/events/upcasting.py, so "
            "that older programs refuse what they cannot read."
        )
    return found


def _resolved(schema: Any, parts: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema with its references filled in and its prose left out."""
    if isinstance(schema, list):
        return [_resolved(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(parts[schema["$ref"].rpartition("/")[2]], parts)
    found = {
        key: _properties(value, parts) if key == "properties" else _resolved(value, parts)
        for key, value in schema.items()
        if key not in _WORDS
    }
    if "const" in found:  # one choice, so that a second one is a further choice
        found["enum"] = [found.pop("const")]
    return found


def _properties(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> JsonObject:
    return {name: _resolved(value, parts) for name, value in schema.items()}


def _changes(where: str, before: Any, now: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Yield what differs and may not."""
    if before == now:
        return
    if now is None:
        if where not in UPCASTERS:
            yield f"{where} is gone: events of that type are on logs; keep it, or add an upcaster."
    elif isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            yield from _changed(f"{where}.{key}", key, before, now)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from _changes(f"{where}.{number}", old, new)
    else:
        yield f"{where} was {json.dumps(before)} and is {json.dumps(now)}: {NEXT_VERSION}"


NEXT_VERSION = "publish the next version of the type, with an upcaster."


def _changed(
    where: str, key: str, before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[str]:
    old, new = before.get(key), now.get(key)
    if key == "properties" and isinstance(old, dict) and isinstance(new, dict):
        for name in old:
            if name in new:
                yield from _changes(f"{where}.{name}", old[name], new[name])
            else:
                yield f"{where}.{name} is gone: {NEXT_VERSION}"
    elif key == "enum" and isinstance(old, list) and isinstance(new, list):
        if gone := [choice for choice in old if choice not in new]:
            yield f"{where} has no {', '.join(map(repr, gone))} any more: {NEXT_VERSION}"
    elif key == "required" and set(old or ()) != set(new or ()):
        yield f"{where} was {sorted(old or ())} and is {sorted(new or ())}: {NEXT_VERSION}"
    elif key != "required":
        missing = key not in before or key not in now
        if missing:
            yield f"{where} was {json.dumps(old)} and is {json.dumps(new)}: {NEXT_VERSION}"
        else:
            yield from _changes(where, old, new)


def main() -> None:
    """Write down what was added, or say what may not be."""
    now = catalogue()
    if found := problems(frozen(), now) if TARGET.exists() else []:
        sys.exit("\n".join(found))
    TARGET.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
