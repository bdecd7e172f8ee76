"""Cards as messages of a phone: what, how grave, the text itself, why, and from where.

What decides is never shortened: a card that is longer than a message is several, the buttons below
the last. What is not in them goes out before them as a file, so no button is there without it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from adapters.chat.cards import Line, Look, card_lines, whole_line
from adapters.chat.plain import whole_card
from adapters.chat.safe_text import safe_text
from adapters.telegram.rich import (
    EntityType,
    Rich,
    cut,
    join,
    styled,
    tidy,
    without_commands,
    without_links,
)
from adapters.telegram.split import LIMIT, MOST_ENTITIES, split
from core.domain.arguments import leaves
from core.domain.canonical import canonical
from core.domain.cards import CardItem
from core.ports.chat_surface import CardView

_LABELS = {"why": "Why", "from": "From", "model": "Model", "rule": "Rule"}
_TIGHT: tuple[tuple[int, int], ...] = ((60, 3600), (12, 1200), (3, 400), (0, 0))
"""Ever shorter forms of the bodies of a card: lines and characters of each. The first nearly fills
a message, the last but one is a first impression."""
_LEAST_TITLE = 200
"""Characters of the title on a last message: all of it stands on the first."""
MOST_PARTS = 8
"""Messages that a card may take: at one a second more would hold up the chat, and nobody reads
them. What is beyond stands in the file alone, and the card says so."""
_IN_FILE = "all of it is in the file above"
_ABOVE = "The file above this card holds all of it, to the last character."
_BEYOND = (
    "⚠️ This card asks more than its messages can hold: {count:,} more characters of what you would "
    "allow stand only in the file above. Read it before you answer."
)
_CLIPPED = "\n… (this card is longer than a message: /why tells the rest)"


@dataclass(frozen=True, slots=True)
class CardParts:
    """An open card as it is sent: a file first where there is one, then messages."""

    messages: tuple[Rich, ...]
    file: tuple[str, bytes] | None = None


def card_parts(view: CardView, look: Look | None = None) -> CardParts:
    """Return all that an open card is sent as; every control argument is in its messages.

    A file holds the card whole where anything that would run is not in the messages.
    """
    look = replace(look or Look(), whole=_IN_FILE)
    message = _tightest(view, look)
    fits = _is_one(message)
    pieces = [message] if fits else split(join([message, styled(_ABOVE, "italic")], "\n\n"))
    hidden = not fits or _holds_back(view, message)
    if len(pieces) > MOST_PARTS:
        beyond = sum(len(piece.text) for piece in pieces[MOST_PARTS - 1 :])
        last = join([styled(whole_line(view.title)[:_LEAST_TITLE], "bold")])
        note = Rich(_BEYOND.format(count=beyond))
        pieces = [*pieces[: MOST_PARTS - 1], join([last, note], "\n\n")]
    file = (f"card-{view.card}.txt", _document(view, look)) if hidden else None
    return CardParts(tuple(pieces), file)


def card_message(view: CardView, look: Look | None = None) -> Rich:
    """Return a card as one message, at most 4096 units: that of a closed card.

    A decided card has its verdict above the whole request. Its bodies give way first where it is
    too long, then its end; nothing is left out without a word.
    """
    message = _tightest(view, look or Look())
    if _is_one(message):
        return message
    note = Rich(_CLIPPED)
    return join([_least(message, LIMIT - note.units), note])


def is_clipped(view: CardView, look: Look | None = None) -> bool:
    """Return whether a card is longer than one message."""
    return not _is_one(_tightest(view, look or Look()))


def _tightest(view: CardView, look: Look) -> Rich:
    """Return the card with its bodies as long as one message allows."""
    message = Rich()
    outside = any(item.ruling.sources for item in view.items)
    for lines, characters in _TIGHT:
        short = replace(look, body_lines=lines, body_characters=characters)
        message = _message(card_lines(view, short), look.body_lines)
        if outside:
            message = _unlinked(message)
        if _is_one(message):
            break
    return message


def _unlinked(card: Rich) -> Rich:
    """Return a card that outside text has a part in: what would be a link on a phone is code.

    Where that makes more entities than Telegram shows, all of it is.
    """
    without = without_links(card, frozenset())
    return without if len(without.entities) <= MOST_ENTITIES else styled(card.text, "code")


def _is_one(message: Rich) -> bool:
    return message.units <= LIMIT and len(message.entities) <= MOST_ENTITIES


def _holds_back(view: CardView, message: Rich) -> bool:
    """Return whether some value that would run is not in a message to its last character."""
    if view.kind in {"budget", "notice"}:
        return False
    values = (leaf for item in view.items for _, leaf in leaves(_content(item.args.value, item)))
    return not all(_is_in(message.text, value) for value in values)


def _content(args: object, item: CardItem) -> dict[str, object]:
    there = args if isinstance(args, dict) else {}
    return {name: value for name, value in there.items() if name not in item.control}


def _is_in(text: str, value: object) -> bool:
    """Return whether a value stands in a text, as a body or as a title shows it."""
    if not isinstance(value, str):
        return canonical(value) in text
    lines = (safe_text(line).rstrip() for line in value.strip("\n").split("\n"))
    return "\n".join(lines) in text or whole_line(value) in text


def _document(view: CardView, look: Look) -> bytes:
    return whole_card(view, look).encode("utf-8", "replace")


def _least(message: Rich, most: int) -> Rich:
    short = cut(message, 0, most)
    return tidy(Rich(short.text, short.entities[:MOST_ENTITIES]))


def _message(lines: tuple[Line, ...], unfolded: int) -> Rich:
    parts: list[Rich] = []
    before = ""
    for role, group in groupby(lines, key=lambda line: line.role):
        texts = list(group)
        part = _block(role, texts, unfolded)
        if not part.text:
            continue
        if parts:
            parts.append(Rich("\n\n" if _is_apart(before, role) else "\n"))
        parts.append(part)
        before = role
    return without_commands(tidy(join(parts)))


def _block(role: str, lines: list[Line], unfolded: int) -> Rich:
    """Return lines of one role: bodies and what decides as blocks, all else line by line."""
    if role == "body":
        return _body([line.text for line in lines], unfolded)
    if role == "control":
        return styled("\n".join(line.text for line in lines), "pre")
    return join(_drawn(role, lines), "\n")


def _is_apart(before: str, role: str) -> bool:
    """Return whether an empty line stands between two kinds of lines."""
    if before in {"verdict", "note"} or role == "note":
        return True
    if role == "more" or "warning" in {before, role}:
        return False
    if role in _LABELS:
        return before not in _LABELS
    return role == "item" or {before, role} == {"body", "removed"}


def _drawn(role: str, lines: Iterable[Line]) -> Iterator[Rich]:
    for number, line in enumerate(lines):
        if role in {"verdict", "title"}:
            yield _headed(line)
        elif role in {"removed", "added"}:
            yield _changed(line.text, "strikethrough" if role == "removed" else "underline")
        elif role in _LABELS:
            label = join([styled(_LABELS[role], "bold"), " "]) if number == 0 else Rich()
            yield join([label, line.text])
        elif role == "stakes":
            yield _stakes(line.text)
        else:
            yield styled(line.text, "italic" if role in {"note", "more"} else "bold")


def _headed(line: Line) -> Rich:
    """Return a title or a verdict in bold; the remark behind a verdict is not."""
    text, gap, remark = line.text, "", ""
    if line.role == "verdict":
        text, gap, remark = line.text.partition(" · ")
    return join([f"{line.emoji} " if line.emoji else "", styled(text, "bold"), gap + remark])


def _stakes(text: str) -> Rich:
    """Return what is at stake; what is grave is bold."""
    impact, gap, rest = text.partition(" · ")
    return join([styled(impact, "bold"), gap + rest]) if impact == "high" else Rich(text)


def _changed(text: str, kind: EntityType) -> Rich:
    """Return a line of a difference: its sign, its field, and the value marked."""
    sign, _, rest = text.partition(" ")
    name, colon, value = rest.partition(": ")
    if not colon:
        name, value = "", rest
    return join([f"{'−' if sign == '-' else sign} {name}{colon}", styled(value, kind)])


def _body(lines: list[str], unfolded: int) -> Rich:
    """Return a body as a quotation; a difference in it is code, where columns stay in line."""
    text = "\n".join(lines)
    if lines[0].startswith("@@ "):
        return styled(text, "pre", language="diff")
    return styled(text, "expandable_blockquote" if len(lines) > unfolded else "blockquote")
