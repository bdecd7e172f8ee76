"""Messages as text that people can compare: formatting as tags, buttons in brackets."""

import os
from pathlib import Path

from adapters.telegram.keyboards import Keyboard
from adapters.telegram.rich import Entity, Rich

SNAPSHOTS = Path(__file__).parent / "snapshots"
REWRITE = "REWRITE_SNAPSHOTS"
"""Set to 1 it has the tests write what they saw; look at the difference before you keep it."""

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "blockquote": "quote",
    "expandable_blockquote": "fold",
    "text_link": "a",
}


def drawn(rich: Rich, keyboard: Keyboard | None = None) -> str:
    """Return a message with a tag where each entity begins and ends, and its buttons below."""
    rows = [
        "  ".join(f"[ {button.text} → {button.data} ]" for button in row) for row in keyboard or []
    ]
    return "\n".join([_tagged(rich), *(["---"] if rows else []), *rows]) + "\n"


def compare(name: str, text: str) -> None:
    """Hold a drawing to the one that was looked at; REWRITE_SNAPSHOTS=1 writes it."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get(REWRITE) == "1":
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def _tagged(rich: Rich) -> str:
    marks: dict[int, str] = {}
    for entity in reversed(rich.entities):
        marks[entity.end] = marks.get(entity.end, "") + f"</{_tag(entity)}>"
    for entity in reversed(rich.entities):
        marks[entity.offset] = _insert(
            marks.get(entity.offset, ""), f"<{_tag(entity)}{_more(entity)}>"
        )
    parts, at = [], 0
    for char in rich.text:
        parts += [marks.get(at, ""), char]
        at += len(char.encode("utf-16-le")) // 2
    return "".join([*parts, marks.get(at, "")])


def _insert(there: str, tag: str) -> str:
    """Return the tags of one place with another that opens before those that open there already."""
    closing = there.rfind("</")
    behind = there.find(">", closing) + 1 if closing >= 0 else 0
    return there[:behind] + tag + there[behind:]


def _tag(entity: Entity) -> str:
    return _TAGS.get(entity.type, entity.type)


def _more(entity: Entity) -> str:
    return f" {entity.url}" if entity.url else f" {entity.language}" if entity.language else ""
