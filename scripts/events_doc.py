"""`docs/events.md` from the payload models: `python -m scripts.events_doc` writes it."""

import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.domain import cards, sources
from core.domain.erasable import Erasable
from core.domain.events import PAYLOADS, UPCASTERS, Payload
from core.domain.inbound import Attachment
from core.domain.money import Usd
from core.domain.outbound import OutFile

TARGET = Path(__file__).resolve().parents[1] / "docs" / "events.md"
PARTS = (cards.CardItem, cards.Ruling, cards.Confidence, sources.Source, Attachment, OutFile)
HEAD = """\
# Events

<!-- Made by `python -m scripts.events_doc`; change the models, not this page. -->

What can happen, by the module under `core/domain/events/` that defines it. A published type is
never edited, but for further fields with a default: any other change is the next version and an
upcaster. How events become state is in [architecture.md](architecture.md).

Each line of `events --json` is an envelope around one payload:

| field | meaning |
|---|---|
| `position` | place in the log, from 1, without gaps |
| `id` | 32 hexadecimal characters, never used twice |
| `stream`, `version` | what the event is about, and its number in that stream, from 1 |
| `type` | wire name, as in the headings below |
| `goal` | the goal it belongs to, or null |
| `actor` | who caused it: `owner`, `planner`, `gate`, `executor`, `clock`, … |
| `at` | ISO 8601, UTC, microseconds; never earlier than the event before it |
| `payload` | the fields below |
| `causation` | what led to it (the message of a goal, say), or null |
| `key` | idempotency key: a second event with it is not appended; or null |
| `prev`, `hash` | SHA-256 of the event before it, and of everything in this one but `hash` |

**Erasable** text is a reference in the payload, `{"ref": "c…", "sha256": "…"}`; the text itself is
in the table `contents` and can be erased without breaking the chain. Amounts (`Usd`) are decimal
strings in US dollars, times are ISO 8601.
"""
STREAMS = (
    ("access.", "access:CHANNEL"),
    ("message.", "conversation:ID"),
    ("card.joined.", "goal:ID"),
    ("card.", "card:ID"),
    ("grant.", "grant:ID"),
    ("autonomy.", "autonomy"),
    ("model.", "calls:GOAL"),
    ("budget.exceeded.", "calls:GOAL"),
    ("budget.settled.", "settlements"),
    ("budget.warned.", "settlements"),
    ("budget.", "budget"),
    ("prompts.", "prompts"),
    ("health.", "health"),
    ("operation.undone.", "undo:MARKER"),
    ("todo.", "todo:ID"),
    ("reminder.", "reminder:ID"),
    ("fact.", "fact:ID"),
    ("summary.", "summary:SCOPE"),
    ("profile.", "profile"),
    ("", "goal:ID"),
)
"""Where events of a type are appended, by the beginning of the type; the first that fits."""

PLAIN = {"str": "text", "int": "number", "float": "number", "bool": "true or false", "Any": "JSON"}
PLAIN |= {"datetime": "time"}


def page() -> str:
    """Return the whole page."""
    blocks = [HEAD, *_modules(), "## Parts\n\nValues that occur inside payloads."]
    blocks += [f"### {part.__name__}\n\n{_sentence(part)}\n\n{_table(part)}" for part in PARTS]
    blocks.append(_upcasters())
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def _modules() -> Iterator[str]:
    module = ""
    for payload in PAYLOADS.values():
        if not payload.__module__.startswith("core."):
            continue
        if payload.__module__ != module:
            module = payload.__module__
            yield f"## {module.rpartition('.')[2]}\n\n{_first_line(module)}"
        yield _event(payload)


def _first_line(module: str) -> str:
    doc = inspect.getdoc(__import__(module, fromlist=["_"])) or ""
    return doc.partition("\n\n")[0]


def _event(payload: type[Payload]) -> str:
    parts = [f"### `{payload.wire}`", _sentence(payload), f"Stream: `{stream_of(payload.wire)}`"]
    return "\n\n".join([*parts, _table(payload)])


def stream_of(wire: str) -> str:
    """Return the pattern of the stream that events of a type are appended to."""
    return next(stream for start, stream in STREAMS if wire.startswith(start))


def _sentence(model: type[BaseModel]) -> str:
    return inspect.getdoc(model) or ""


def _table(model: type[BaseModel]) -> str:
    lines = ["| field | type | default |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        lines.append(f"| `{name}` | {_typed(field)} | {_default(field)} |")
    return "\n".join(lines)


def _typed(field: FieldInfo) -> str:
    text = _name(field.annotation)
    if any("serializer" in type(extra).__name__.lower() for extra in field.metadata):
        text = text.replace("Decimal", "Usd")
    return text.replace("|", "\\|")


def _name(kind: Any) -> str:  # noqa: ANN401 - any annotation
    if kind is Erasable:
        return "**Erasable**"
    if kind is type(None):
        return "null"
    if kind == Usd:
        return "Usd"
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(f"`{value}`" for value in args)
    if origin in {Union, types.UnionType}:
        return " | ".join(_name(arg) for arg in args)
    if origin is tuple:
        return f"list of {_name(args[0])}"
    if origin is dict:
        return f"map of {_name(args[0])} to {_name(args[1])}"
    name = re.sub(r"^.*\.", "", kind.__name__ if isinstance(kind, type) else str(kind))
    return PLAIN.get(name, name)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    shown = {(): "empty", "": "empty", None: "null", True: "true", False: "false"}
    if isinstance(value, dict):
        return "empty"
    return shown.get(value, f"`{value}`") if not isinstance(value, int) else str(value).lower()


def _upcasters() -> str:
    if not UPCASTERS:
        return "## Upcasters\n\nNone yet: every type is at its first version."
    lines = [f"- `{old}` is read as a newer version" for old in sorted(UPCASTERS)]
    return "\n".join(["## Upcasters", "", *lines])


def main() -> None:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
