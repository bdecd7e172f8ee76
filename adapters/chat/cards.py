"""A card as lines with roles: what every chat surface draws in its own way.

All text of a card may come from outside, so each line is made safe here. A line's text never
contains a line feed; its role, not its position, says what it is. Only bodies are ever shortened,
and say by how much; what decides where something goes stands there whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from adapters.chat.safe_text import safe_line, safe_text
from core.domain.arguments import argument_lines
from core.domain.cards import PLAN, CardItem, Confidence, Ruling
from core.domain.lookalikes import suspicions
from core.domain.money import dollars
from core.domain.quoting import quoted
from core.ports.chat_surface import CardView

Role = Literal[
    "verdict",
    "title",
    "stakes",
    "item",
    "control",
    "warning",
    "body",
    "more",
    "removed",
    "added",
    "why",
    "from",
    "model",
    "rule",
    "note",
]
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

_TWICE = "Accepting this asks once more before anything happens."
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

    `follows`: it is shown again when what it allowed has ended. `whole` says where the rest of a
    body is that is not shown.
    """

    zone: tzinfo = UTC
    today: date | None = None
    body_lines: int = 3
    follows: bool = False
    body_characters: int = 20_000
    whole: str = "/why {card} shows all"


def card_lines(view: CardView, look: Look | None = None) -> tuple[Line, ...]:
    """Return the lines of a card from top to bottom.

    A decided or expired card has its verdict first and keeps the whole request below it; changed
    lines follow the request. Several items are a numbered list.
    """
    look = look or Look()
    lines = list(_verdict(view, look))
    if view.repeat and view.state == "open":
        lines.append(Line("note", _REPEAT))
    lines.append(Line("title", whole_line(view.title), emoji_of(view)))
    if view.state == "open":
        lines += _notes(view)
    lines += _items(view, look)
    if view.draft and view.state == "open":
        lines.append(Line("note", _EDITED))
    lines += _difference(view.difference)
    if view.why:
        lines.append(Line("why", whole_line(view.why)))
    lines += _origins(view.items)
    lines += _models(view.items)
    if view.state == "open" and view.note:
        lines.append(Line("note", whole_line(view.note)))
    return (*lines, *_rules(view.items))


def whole_line(text: str) -> str:
    """Return the safe form of a text on one line, whole."""
    return " ".join(safe_text(text).split())


def _notes(view: CardView) -> Iterator[Line]:
    if view.kind in _KIND_NOTE:
        yield Line("note", _KIND_NOTE[view.kind])
    if any(item.asks_twice for item in view.items):
        yield Line("note", _TWICE)


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
        item.editable or (view.kind == "operation" and item.args.value and not item.asks_twice)
        for item in view.items
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
    note = f" · {whole_line(view.note)}" if view.note else ""
    yield Line("verdict", f"{word}{who}{when}{note}{_follows(view, look)}", emoji)
    for result in view.results:
        yield Line("note", f"→ {whole_line(result)}")


def _follows(view: CardView, look: Look) -> str:
    """Say what is still to come after an accept: another question, a next try, or that it runs."""
    if view.state != "decided" or view.verdict == "reject" or view.kind != "operation":
        return ""
    if any(item.asks_twice for item in view.items) or view.given_up == "asked":
        return " · asked once more"
    if view.given_up == "stopped":
        return " · stopped before it was done"
    if view.tries_again:
        return f" · not done yet, tries again at {_moment(view.tries_again, look)}"
    return " · under way …" if look.follows and not view.results else ""


def _person(by: str) -> str:
    return "you" if by == "owner" or by.startswith("owner:") else whole_line(by)


def _moment(at: str, look: Look) -> str:
    try:
        then = datetime.fromisoformat(at).astimezone(look.zone)
    except ValueError:
        return whole_line(at)
    if look.today in {None, then.date()}:
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b %H:%M}"


def _items(view: CardView, look: Look) -> Iterator[Line]:
    for number, item in enumerate(view.items, 1):
        if len(view.items) > 1:
            yield Line("item", f"{number}. {whole_line(item.title.text)}")
        yield Line("stakes", _stakes(item))
        yield from control_lines(item)
        yield from _body(item.body.text, look, view.card)


def control_lines(item: CardItem) -> Iterator[Line]:
    """Return every value that decides, whole, and a warning for what is not what it looks like."""
    for text in argument_lines(item.args.fields, item.control):
        yield Line("control", safe_text(text))
        for doubt in suspicions(text):
            yield Line("warning", f"⚠️ {whole_line(doubt)}")


def _stakes(item: CardItem) -> str:
    undo = f"can be undone ({whole_line(item.undo)})" if item.undo else "cannot be undone"
    if item.ruling.impact == "none":
        undo = "only reads"
    return f"{item.ruling.impact} · {undo} · {dollars(item.usd)}"


def _body(text: str, look: Look, card: str) -> Iterator[Line]:
    lines = [line.rstrip(" ") for line in text.replace("\r\n", "\n").strip("\n").split("\n")]
    if len(lines) == 1 and not lines[0]:
        return
    shown = _fitting(lines, look)
    for line in shown:
        yield Line("body", safe_text(line))
    hidden = sum(map(len, lines)) - sum(map(len, shown))
    if len(shown) < len(lines) or hidden:
        where = look.whole.format(card=safe_line(card, 40))
        count = f"{_whole(lines, shown)} of {len(lines):,} lines"
        yield Line("more", f"({count}, {hidden:,} characters not shown: {where})")


def _fitting(lines: list[str], look: Look) -> list[str]:
    """Return the first lines that there is room for, the last of them cut where it is longer."""
    shown, room = [], look.body_characters
    for line in lines[: look.body_lines]:
        if room <= 0:
            break
        shown.append(line[:room])
        room -= len(line)
    return shown


def _whole(lines: list[str], shown: list[str]) -> int:
    """Count the lines that are shown to their end."""
    return sum(line == there for line, there in zip(lines, shown, strict=False))


def _difference(lines: tuple[str, ...]) -> Iterator[Line]:
    for line in lines:
        role: Role = (
            "removed" if line.startswith("-") else "added" if line.startswith("+") else "note"
        )
        yield Line(role, safe_text(line).replace("\n", "␊"))
        for doubt in suspicions(line):
            yield Line("warning", f"⚠️ {whole_line(doubt)}")


def _origins(items: tuple[CardItem, ...]) -> Iterator[Line]:
    """Return which argument comes from which source, a line each; those of all items once."""
    found: dict[str, list[int]] = {}
    for number, item in enumerate(items, 1):
        for told in dict.fromkeys(_sources(item)):
            found.setdefault(told, []).append(number)
    for told, numbers in found.items():
        some = "" if len(numbers) == len(items) else f"{', '.join(map(str, numbers))}: "
        yield Line("from", f"⚠️ {some}{whole_line(told)}")
        for doubt in suspicions(told):
            yield Line("from", f"⚠️ {whole_line(doubt)}")


def _sources(item: CardItem) -> Iterator[str]:
    named = {source for taint in item.origins.values() for source in taint}
    for name, taint in item.origins.items():
        for source in taint:
            if name == PLAN:
                yield f"planned with outside text in sight: {source.told}"
            else:
                yield f"{name}: from {source.told}"
    yield from (f"from {source.told}" for source in item.ruling.sources if source not in named)


def _models(items: tuple[CardItem, ...]) -> Iterator[Line]:
    """Return what models say, as their words: in quotes, on one line, below all that is stated."""
    for number, item in enumerate(items, 1):
        which = f"{number}: " if len(items) > 1 else ""
        for said in item.says:
            yield Line("model", f"{which}the {whole_line(said.by)} says {_said(said.text.text)}")


def _said(text: str) -> str:
    return safe_text(quoted(text)).replace("\n", " ")


def _rules(items: tuple[CardItem, ...]) -> Iterator[Line]:
    sentences = [_rule(item.ruling) for item in items]
    if len(set(sentences)) <= 1:
        yield from (Line("rule", sentence) for sentence in sentences[:1])
        return
    for number, sentence in enumerate(sentences, 1):
        yield Line("rule", f"{number}. {sentence}")


def _rule(ruling: Ruling) -> str:
    reasons = [whole_line(reason) for reason in ruling.reasons if reason != ruling.rule]
    parts = [whole_line(ruling.rule), *reasons]
    return " · ".join([*parts, confidence_sentence(ruling.confidence)])


def confidence_sentence(confidence: Confidence) -> str:
    """Say what was claimed and what was earned, with the record behind it."""
    if confidence.decided:
        record = f"{confidence.accepted} of {confidence.decided} as proposed"
    else:
        record = "nothing decided yet"
    return f"confidence {confidence.claimed:.2f} claimed, {confidence.earned:.2f} earned ({record})"
