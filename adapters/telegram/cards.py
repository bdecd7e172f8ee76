"""Cards as messages of a phone: what, how grave, the text itself, why, and from where."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from adapters.chat.cards import Line, Look, card_lines
from adapters.chat.safe_text import clip
from adapters.telegram.rich import EntityType, Rich, cut, join, styled, tidy, without_commands
from adapters.telegram.split import LIMIT, MOST_ENTITIES
from core.ports.chat_surface import CardView

_LABELS = {"why": "Why", "from": "From", "rule": "Rule"}
_TIGHT: tuple[tuple[int, int], ...] = ((60, 600), (3, 300), (1, 160), (1, 80), (0, 80))
"""Ever shorter forms of a card: lines of a body, characters of a line."""
_TITLES_ONLY = "Only what is asked is shown here; /why tells the rest."
_CLIPPED = "\n… (this card is longer than a message: /why tells the rest)"


def card_message(view: CardView, look: Look | None = None) -> Rich:
    """Return the message of a card, at most 4096 units.

    A decided card has its verdict above the whole request. A body of more lines than the look has
    room for can be unfolded. Where a card is too long its bodies give way first, then long lines;
    nothing is left out without a word.
    """
    look = look or Look()
    for lines, characters in _TIGHT:
        short = replace(look, body_lines=lines)
        message = _message(card_lines(view, short), characters, look.body_lines)
        if lines == 0:
            message = join([message, styled(_TITLES_ONLY, "italic")], "\n\n")
        if message.units <= LIMIT and len(message.entities) <= MOST_ENTITIES:
            return message
    note = Rich(_CLIPPED)
    return join([_least(message, LIMIT - note.units), note])


def is_clipped(view: CardView, look: Look | None = None) -> bool:
    """Return whether a card has more items than its message can name."""
    return card_message(view, look).text.endswith(_CLIPPED)


def _least(message: Rich, most: int) -> Rich:
    short = cut(message, 0, most)
    return tidy(Rich(short.text, short.entities[:MOST_ENTITIES]))


def _message(lines: tuple[Line, ...], characters: int, unfolded: int) -> Rich:
    parts: list[Rich] = []
    before = ""
    for role, group in groupby(lines, key=lambda line: line.role):
        found = list(group)
        part = (
            _body([line.text for line in found], characters, unfolded)
            if role == "body"
            else join(_drawn(role, [_short(line, characters) for line in found]), "\n")
        )
        if not part.text:
            continue
        if parts:
            parts.append(Rich("\n\n" if _is_apart(before, role) else "\n"))
        parts.append(part)
        before = role
    return without_commands(tidy(join(parts)))


def _short(line: Line, characters: int) -> Line:
    """Return a line at its length; titles, stakes and what was decided stay whole."""
    kept = line.role in {"verdict", "title", "stakes"}
    return line if kept else replace(line, text=clip(line.text, characters))


def _is_apart(before: str, role: str) -> bool:
    """Return whether an empty line stands between two kinds of lines."""
    if before in {"verdict", "note"} or role == "note":
        return True
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
            yield styled(line.text, "italic" if role == "note" else "bold")


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


def _body(lines: list[str], characters: int, unfolded: int) -> Rich:
    """Return a body as a quotation; a difference in it is code, where columns stay in line."""
    lines[-1], count = _counted(lines[-1])
    text = "\n".join(clip(line, characters) for line in lines)
    if lines[0].startswith("@@ "):
        block = styled(text, "pre", language="diff")
        return join([block, count], "\n") if count else block
    kind: EntityType = "expandable_blockquote" if len(lines) > unfolded else "blockquote"
    return styled(f"{text}\n{count}" if count else text, kind)


def _counted(line: str) -> tuple[str, str]:
    """Return the last line of a body, and how many lines are shown, which a card says behind it."""
    before, gap, count = line.rpartition("      (")
    if gap and count.endswith(" lines)"):
        return f"{before} …", f"({count}"
    return line, ""
