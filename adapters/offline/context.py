"""What the planner's prompt says, read back from its lines.

Parsing is tolerant: what is absent is empty. Text under `Outside` is never more than a handle;
`hands` are those that a plan may refer to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.domain.errors import BadInputError
from core.ports.model import ModelMessage


@dataclass(frozen=True, slots=True)
class Item:
    """A line with an id: a fact, a to-do, a reminder."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """A recent message."""

    owner: bool
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """The prompt as values; `at` is None when it did not tell the time."""

    at: datetime | None = None
    owner: str = ""
    facts: tuple[Item, ...] = ()
    todos: tuple[Item, ...] = ()
    reminders: tuple[Item, ...] = ()
    recent: tuple[Said, ...] = ()
    earlier: tuple[Said, ...] = ()
    hands: tuple[Item, ...] = ()
    actions: frozenset[str] = frozenset()
    fallback: str = ""
    away: bool = False
    """Not all that is remembered could be looked through."""

    @property
    def now(self) -> datetime:
        """The time in the owner's zone. Raises BadInputError when nobody told it."""
        if self.at is None:
            message = "I was not told what time it is, so I cannot work with times now."
            raise BadInputError(message)
        return self.at

    @property
    def zone(self) -> tzinfo:
        """The owner's zone."""
        zone = self.now.tzinfo
        if zone is None:
            message = "I was not told the time zone, so I cannot work with times now."
            raise BadInputError(message)
        return zone


_HEADER: Final = re.compile(
    r"(facts|earlier|to-?dos|reminders|summary|active|recent|answers|outside\b[^:]*):\s*$",
    re.IGNORECASE,
)
_FIELD: Final = re.compile(r"(now|owner|recall|fallback):\s*(.*)$", re.IGNORECASE)
_ACTION: Final = re.compile(r"\s*[-*]\s+`?([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)`?\s*\(")
_ITEM: Final = re.compile(r"-\s*\[([A-Za-z0-9]+)\]\s*(.*)$", re.DOTALL)
_SAID: Final = re.compile(r"-\s*(?:\[\w+\]\s*)?(\w+):\s?(.*)$", re.DOTALL)
_NOW: Final = re.compile(r"(\S+)(?:\s+\w+)?(?:\s+\(([^)]+)\))?")


@dataclass
class _Reading:
    """Lines by section while the prompt is read."""

    actions: set[str] = field(default_factory=set)
    fields: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)
    section: str = ""

    def take(self, line: str) -> None:
        """Put one line where it belongs."""
        if header := _HEADER.match(line):
            self.section = header[1].lower().replace("-", "").split(" ")[0].split("(")[0]
        elif self.section:
            lines = self.sections.setdefault(self.section, [])
            if line.startswith("- ") or not lines:
                lines.append(line)
            else:
                lines[-1] += f"\n{line}"
        elif found := _FIELD.match(line):
            self.fields.setdefault(found[1].lower(), found[2].strip())
        elif action := _ACTION.match(line):
            self.actions.add(action[1])


def read_context(messages: Sequence[ModelMessage]) -> Context:
    """Return what the system messages of a planner's request say."""
    reading = _Reading()
    for message in messages:
        if message.role == "system":
            reading.section = ""
            for line in message.content.splitlines():
                reading.take(line)
    sections = reading.sections
    context = Context(
        owner=reading.fields.get("owner", "").split(",")[0].strip(),
        facts=_items(sections.get("facts", ())),
        todos=_items(sections.get("todos", ())),
        reminders=_items(sections.get("reminders", ())),
        recent=_said(sections.get("recent", ())),
        earlier=_said(sections.get("earlier", ())),
        hands=_items(sections.get("outside,", ())),
        actions=frozenset(reading.actions),
        fallback=reading.fields.get("fallback", ""),
        away="recall" in reading.fields,
    )
    return replace(context, at=_time(reading.fields.get("now", "")))


def owner_text(messages: Sequence[ModelMessage]) -> str:
    """Return what the owner wrote: the last user message before any answer of a model."""
    text = ""
    for message in messages:
        if message.role == "assistant":
            break
        if message.role == "user":
            text = message.content
    return text.strip()


def _items(lines: Sequence[str]) -> tuple[Item, ...]:
    found = (_ITEM.match(line) for line in lines)
    return tuple(Item(match[1], match[2].strip()) for match in found if match)


def _said(lines: Sequence[str]) -> tuple[Said, ...]:
    found = (_SAID.match(line) for line in lines)
    return tuple(Said(match[1].lower() == "owner", match[2].strip()) for match in found if match)


def _time(line: str) -> datetime | None:
    match = _NOW.match(line)
    if match is None:
        return None
    try:
        now = datetime.fromisoformat(match[1])
    except ValueError:
        return None
    try:
        return now.astimezone(ZoneInfo(match[2])) if match[2] else now
    except (ZoneInfoNotFoundError, ValueError):
        return now
