"""Cards and messages as plain text: pipes, logs, and platforms that refuse anything richer."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from adapters.chat.cards import Line, Look, can_edit, card_lines, verdict_line, whole_line
from adapters.chat.links import inert
from adapters.chat.safe_text import safe_line, safe_text
from core.domain.arguments import leaves
from core.domain.canonical import canonical
from core.ports.chat_surface import CardView, Enclosure, Outbound

REPEAT = "(this may be a repeat after a restart) "
LONGEST_PART = 1000
_LABELS = {"why": "Why: ", "from": "From: ", "model": "Model: ", "rule": "Rule: "}
_INDENTED = frozenset({"control", "warning", "body", "removed", "added"})
"""Roles whose text may be anybody's: indented, no line of it can pass for one of the card's own."""
_LEVEL = re.compile("[─━┄┅┈┉╌╍═╴╶╸╺╼╾]")
_UPRIGHT = re.compile("[│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▌▐▕]")
_OTHER = re.compile("[\u2500-\u257f]")


def unframed(text: str) -> str:
    """Return `text` with box drawing as ASCII, so that no text can draw a card of its own."""
    return _OTHER.sub("+", _UPRIGHT.sub("|", _LEVEL.sub("-", text)))


def plain_text(text: str) -> str:
    """Return any text as it may be printed: nothing hidden, nothing obeyed, no frames."""
    return unframed(safe_text(text))


def encodable(text: str, out: TextIO) -> str:
    """Return `text` with what `out` has no bytes for as escapes."""
    encoding = out.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def message_text(outbound: Outbound) -> str:
    """Return the text of a message as it may be shown; in outside text no link works."""
    words = outbound.outside and not outbound.plain
    return inert(outbound.text) if words else outbound.text


def plain_message(outbound: Outbound) -> str:
    """Return a message to print; one that may be a repeat says so, files are named below it."""
    repeat = REPEAT if outbound.repeat else ""
    text = plain_text(message_text(outbound))
    return repeat + "\n".join([*([text] if text else []), *map(file_line, outbound.files)])


def file_line(file: Enclosure) -> str:
    """Return the line that stands for a file: its name, what is to be seen, and where it lies."""
    parts = [file.name, file.alt, file.place]
    return "📎 " + " · ".join(unframed(safe_line(part, LONGEST_PART)) for part in parts if part)


def plain_card(view: CardView, look: Look | None = None) -> str:
    """Return a card between `┌` and `└`, with the words that answer it while it is open."""
    title, *rest = card_lines(view, look)
    top = f"┌ card {safe_line(view.card, 40)} · {_titled(title)}"
    return "\n".join([top, *(f"│ {_line(line)}".rstrip() for line in _spaced(rest)), _foot(view)])


def whole_card(view: CardView, look: Look | None = None) -> str:
    """Return a card with nothing left out, and below it every argument to its last character."""
    endless = replace(look or Look(), body_lines=sys.maxsize, body_characters=sys.maxsize)
    lines = [_line(line).rstrip() for line in card_lines(view, endless)]
    return "\n".join([f"Card {safe_line(view.card, 40)}", *lines, "", *_arguments(view)]) + "\n"


def _arguments(view: CardView) -> Iterator[str]:
    for number, item in enumerate(view.items, 1):
        which = f" of {number}" if len(view.items) > 1 else ""
        yield f"What would run{which}: {unframed(whole_line(item.action))}"
        for name, value in item.args.fields.items():
            for path, leaf in leaves(value, name):
                yield f"  {unframed(safe_text(path))}:"
                text = leaf if isinstance(leaf, str) else canonical(leaf)
                yield from (f"    | {unframed(safe_text(line))}" for line in text.split("\n"))


def plain_verdict(view: CardView, look: Look) -> str:
    """Return what became of a card whose request stands further up: one line, then what changed."""
    verdict = verdict_line(view, look)
    card = f"card {safe_line(view.card, 40)} · {unframed(whole_line(view.title))}"
    changes = [line for line in card_lines(view, look) if line.role in {"removed", "added"}]
    head = f"{_titled(verdict)} · {card}" if verdict else card
    return "\n".join([head, *(_line(line).rstrip() for line in changes)])


def _titled(line: Line) -> str:
    emoji = f"{line.emoji} " if line.role == "verdict" else ""
    return emoji + unframed(line.text)


def _line(line: Line) -> str:
    indent = "  " if line.role in _INDENTED else ""
    return indent + _LABELS.get(line.role, "") + unframed(line.text)


def _spaced(lines: list[Line]) -> list[Line]:
    """Set an empty line before the reasons when there is a body above them."""
    first = next((n for n, line in enumerate(lines) if line.role in _LABELS), 0)
    if not any(line.role in {"body", "control"} for line in lines[:first]):
        return lines
    return [*lines[:first], Line("note", ""), *lines[first:]]


def _foot(view: CardView) -> str:
    if view.state != "open":
        return "└"
    edit = " · edit field=value" if can_edit(view) else ""
    return f"└ answer: accept{edit} · reject: REASON · why"
