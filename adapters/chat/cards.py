"""A card as lines with roles: what every chat surface draws in its own way.

All text of a card may come from outside, so each line is made safe here. A line's text never
contains a line feed; its role, not its position, says what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from adapters.chat.safe_text import clip, safe_line, safe_text
from core.domain.cards import CardItem, Confidence, Ruling
from core.domain.money import dollars
from core.domain.sources import Source
from core.ports.chat_surface import CardView

Role = Literal[
    "verdict", "title", "stakes", "item", "body", "removed", "added", "why", "from", "rule", "note"
]

_MOST_CHARACTERS = 600
_EMOJI = {
    "calendar": "📅",
    "file": "📄",
    "http": "🌐",
    "mail": "✉️",
    "mcp": "🔌",
    "memory": "🧠",
    "note": "📝",
    "reminder": "⏰",
    "task": "☑️",
    "web": "🌐",
}
_KIND_EMOJI = {"unknown": "❓", "undo": "↩️", "budget": "💰", "notice": "🔔"}
_KIND_NOTE = {
    "unknown": "It was begun and its end was never seen, so it may have happened. "
    "Accept does it again; reject leaves it as it is.",
    "undo": "Accept takes this back; reject leaves it as it is.",
    "budget": "The work stands at its limit. Accept lets it go on; reject ends it.",
    "notice": "Nothing happens by itself. Accept marks this as read.",
}


_EDITED = "Edited: accepting this card means the new text."
_REPEAT = "This card may be here twice: either one counts, and only once."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card; `emoji` stands before a title or a verdict."""

    role: Role
    text: str
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a card is shown: the owner's zone, the day it is there, and how long a body may be.

    `follows`: it is shown again when what it allowed has ended.
    """

    zone: tzinfo = UTC
    today: date | None = None
    body_lines: int = 3
    follows: bool = False


def card_lines(view: CardView, look: Look | None = None) -> tuple[Line, ...]:
    """Return the lines of a card from top to bottom.

    A decided or expired card has its verdict first and keeps the whole request below it; changed
    lines follow the request. Several items are a numbered list.
    """
    look = look or Look()
    lines = list(_verdict(view, look))
    if view.repeat and view.state == "open":
        lines.append(Line("note", _REPEAT))
    lines.append(Line("title", safe_line(view.title), emoji_of(view)))
    if view.kind in _KIND_NOTE and view.state == "open":
        lines.append(Line("note", _KIND_NOTE[view.kind]))
    lines += _items(view.items, look)
    if view.draft and view.state == "open":
        lines.append(Line("note", _EDITED))
    lines += _difference(view.difference)
    if view.why:
        lines.append(Line("why", safe_line(view.why, _MOST_CHARACTERS)))
    if sources := _sources(view.items):
        lines.append(Line("from", sources))
    if view.state == "open" and view.note:
        lines.append(Line("note", safe_line(view.note, _MOST_CHARACTERS)))
    return (*lines, *_rules(view.items))


def emoji_of(view: CardView) -> str:
    """Return the one emoji of a card: its kind's, or that of its action's family."""
    if view.kind in _KIND_EMOJI:
        return _KIND_EMOJI[view.kind]
    families = {item.action.split(".", 1)[0] for item in view.items}
    return _EMOJI.get(families.pop(), "❔") if len(families) == 1 else "📋"


def verdict_line(view: CardView, look: Look) -> Line | None:
    """Return what became of a card, with who, when and the remark; None while it is open."""
    return next(_verdict(view, look), None)


def can_edit(view: CardView) -> bool:
    """Return whether the owner may change arguments: operations, and what says so itself."""
    return any(
        item.editable or (view.kind == "operation" and item.args.value) for item in view.items
    )


def _verdict(view: CardView, look: Look) -> Iterator[Line]:
    if view.state == "open":
        return
    emoji, word = {
        "accept": ("✅", "Accepted"),
        "edit": ("✏️", "Accepted with changes"),
        "reject": ("❌", "Rejected"),
        None: ("⌛", "Expired"),
    }[view.verdict if view.state == "decided" else None]
    who = f" by {_person(view.decided_by)}" if view.decided_by else ""
    when = f", {_moment(view.decided_at, look)}" if view.decided_at else ""
    note = f" · {safe_line(view.note, _MOST_CHARACTERS)}" if view.note else ""
    allowed = view.state == "decided" and view.verdict != "reject" and view.kind == "operation"
    running = " · running …" if look.follows and allowed and not view.results else ""
    yield Line("verdict", f"{word}{who}{when}{note}{running}", emoji)
    for result in view.results:
        yield Line("note", f"→ {safe_line(result, _MOST_CHARACTERS)}")


def _person(by: str) -> str:
    return "you" if by == "owner" or by.startswith("owner:") else safe_line(by, 60)


def _moment(at: str, look: Look) -> str:
    try:
        then = datetime.fromisoformat(at).astimezone(look.zone)
    except ValueError:
        return safe_line(at, 40)
    if look.today in {None, then.date()}:
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b %H:%M}"


def _items(items: tuple[CardItem, ...], look: Look) -> Iterator[Line]:
    for number, item in enumerate(items, 1):
        if len(items) > 1:
            yield Line("item", f"{number}. {safe_line(item.title.text)}")
        yield Line("stakes", _stakes(item))
        for text in _body(item.body.text, look.body_lines):
            yield Line("body", text)


def _stakes(item: CardItem) -> str:
    undo = f"can be undone ({safe_line(item.undo, 60)})" if item.undo else "cannot be undone"
    if item.ruling.impact == "none":
        undo = "only reads"
    return f"{item.ruling.impact} · {undo} · {dollars(item.usd)}"


def _body(text: str, most: int) -> Iterator[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").strip("\n").split("\n")]
    shown = lines if len(lines) <= most else lines[:most]
    for number, line in enumerate(shown, 1):
        clipped = safe_text(clip(line, _MOST_CHARACTERS))
        if number == len(shown) < len(lines):
            clipped += f"      ({len(shown)} of {len(lines):,} lines)"
        if clipped or len(lines) > 1:
            yield clipped


def _difference(lines: tuple[str, ...]) -> Iterator[Line]:
    for line in lines:
        role: Role = (
            "removed" if line.startswith("-") else "added" if line.startswith("+") else "note"
        )
        yield Line(role, safe_line(line, _MOST_CHARACTERS))


def _sources(items: tuple[CardItem, ...]) -> str:
    sources = dict.fromkeys(source for item in items for source in item.ruling.sources)
    return " · ".join(_source(source) for source in sources)


def _source(source: Source) -> str:
    # A title is chosen outside, the reference is not: both are shown where they differ.
    ref, title = safe_line(source.ref, 100), safe_line(source.title, 60)
    if title and title != ref:
        return f"{title} ({source.kind}: {ref})"
    return f"{ref} ({source.kind})"


def _rules(items: tuple[CardItem, ...]) -> Iterator[Line]:
    sentences = [_rule(item.ruling) for item in items]
    if len(set(sentences)) <= 1:
        yield from (Line("rule", sentence) for sentence in sentences[:1])
        return
    for number, sentence in enumerate(sentences, 1):
        yield Line("rule", f"{number}. {sentence}")


def _rule(ruling: Ruling) -> str:
    reasons = [safe_line(reason) for reason in ruling.reasons if reason != ruling.rule]
    parts = [safe_line(ruling.rule), *reasons]
    return " · ".join([*parts, confidence_sentence(ruling.confidence)])


def confidence_sentence(confidence: Confidence) -> str:
    """Say what was claimed and what was earned, with the record behind it."""
    if confidence.decided:
        record = f"{confidence.accepted} of {confidence.decided} as proposed"
    else:
        record = "nothing decided yet"
    return f"confidence {confidence.claimed:.2f} claimed, {confidence.earned:.2f} earned ({record})"
