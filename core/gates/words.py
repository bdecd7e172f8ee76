"""Cards answered in words: `accept`, `always up to $5`, `reject REASON`, `edit field=value …`.

Each may name its card: `accept CARD`.

Only a whole line that follows this small grammar is an answer; everything else is talk.
"""

import json
import re
import shlex
from typing import Any, Literal

from core.domain.base import Frozen
from core.domain.cards import CardItem, Verdict
from core.domain.errors import BadInputError
from core.gates.limits import UNLIMITED, Limits, read_limits

_LINE = re.compile(
    r"^\s*(?P<verb>accept|reject|edit)(?!\S)[ \t]*(?P<card>C[A-Z2-7]{8}(?!\S))?"
    r"\s*(?P<rest>.*)$",
    re.DOTALL | re.IGNORECASE,
)
_ALWAYS = re.compile(
    r"^\s*always(?![^\s,])[\s,]*(?P<card>C[A-Z2-7]{8}(?![^\s,]))?(?P<rest>.*)$",
    re.DOTALL | re.IGNORECASE,
)
_FIELD = re.compile(r"^(?:(?P<item>\d+)\.)?(?P<name>[A-Za-z_][\w]*)=(?P<value>.*)$", re.DOTALL)
_FIELDS = re.compile(r"(?:^|\s)(?=(?:\d+\.)?[A-Za-z_]\w*=)")


class Answer(Frozen):
    """An answer in words; `fields` are (item number or None, field, raw value)."""

    verdict: Verdict
    card: str | None = None
    always: bool = False
    limits: Limits = UNLIMITED
    reason: str | None = None
    fields: tuple[tuple[int | None, str, str], ...] = ()
    text: str | None = None


def read_answer(line: str) -> Answer | None:
    """Return the answer that a line is, None for talk.

    Raises BadInputError for an `always` whose limits cannot be read.
    """
    if always := _ALWAYS.match(line):
        return _always(always)
    match = _LINE.match(line)
    if match is None:
        return None
    verb, (card, rest) = match["verb"].lower(), _named(match)
    if verb == "reject":
        return Answer(verdict="reject", card=card, reason=rest or None)
    if verb == "accept":
        return None if rest else Answer(verdict="accept", card=card)
    fields = _fields(rest)
    if fields:
        return Answer(verdict="edit", card=card, fields=fields)
    return Answer(verdict="edit", card=card, text=rest or None)


def _always(match: re.Match[str]) -> Answer | None:
    card, rest = _named(match)
    limits = read_limits(rest)
    if limits is None:
        return None
    return Answer(verdict="accept", card=card, always=True, limits=limits)


def _named(match: re.Match[str]) -> tuple[str | None, str]:
    """Return the card that an answer names, and the rest of it."""
    card, rest = match["card"], match["rest"].strip()
    if card and rest and _is_word(card):
        return None, f"{card} {rest}"
    return card.upper() if card else None, rest


def _is_word(card: str) -> bool:
    """Whether nine letters are rather a word of a sentence (`contracts`) than a card's id."""
    return card.isalpha() and not card.isupper()


def _fields(rest: str) -> tuple[tuple[int | None, str, str], ...]:
    found = []
    for part in _FIELDS.split(rest):
        match = _FIELD.match(part.strip())
        if match is None:
            if part.strip():
                return ()
            continue
        item = int(match["item"]) if match["item"] else None
        found.append((item, match["name"], _unquoted(match["value"].strip())))
    return tuple(found)


def _unquoted(value: str) -> str:
    if value[:1] not in {'"', "'"}:
        return value
    try:
        return " ".join(shlex.split(value))
    except ValueError:
        return value


def edits_of(answer: Answer, items: tuple[CardItem, ...]) -> dict[str, dict[str, Any]]:
    """Return the new arguments by marker. Raises BadInputError for an item that is not there."""
    edits: dict[str, dict[str, Any]] = {}
    if not items:
        message = "This card has nothing to edit: accept or reject it."
        raise BadInputError(message)
    if answer.text is not None:
        item = items[0]
        edits[item.marker] = {content_field(item): answer.text}
    for number, name, raw in answer.fields:
        index = (1 if number is None else number) - 1
        if not 0 <= index < len(items):
            message = f"The card has {len(items)} item(s), so {number}.{name} names none of them."
            raise BadInputError(message)
        item = items[index]
        value = typed(raw, (item.args.value or {}).get(name))
        edits.setdefault(item.marker, {})[name] = value
    return edits


def fields_of(items: tuple[CardItem, ...]) -> list[str]:
    """Return what can be edited, with the item's number where there are several."""
    several = len(items) > 1
    return [
        f"{number}.{name}" if several else name
        for number, item in enumerate(items, 1)
        for name in item.editable
    ]


def content_field(item: CardItem) -> str:
    """Return the argument that a bare new text replaces: body, text, or else title."""
    for name in ("body", "text", "title"):
        if name in item.editable:
            return name
    message = "Say what to change: edit field=value."
    raise BadInputError(message)


def typed(raw: str, old: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value typed by hand in the type of the one it replaces; in place of none, a text."""
    if old is None and raw != "null" and raw[:1] not in {"[", "{"}:
        return raw
    kind: Literal["list", "text", "json"] = (
        "list" if isinstance(old, list) else "text" if isinstance(old, str) else "json"
    )
    if kind == "text":
        return raw
    if kind == "list" and not raw.startswith("["):
        return [part.strip() for part in raw.split(",") if part.strip()]
    try:
        return json.loads(raw)
    except json.JSONDecodeError:
        return raw
