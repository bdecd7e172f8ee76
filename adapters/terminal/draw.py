"""Cards and messages drawn with rich, as text that both `print` and a live prompt can take.

Only the terminal's own sixteen colours are used, never black or white, and no meaning hangs on a
colour alone: the same words and signs stand there with `NO_COLOR`.
"""

from collections.abc import Iterable, Sequence
from io import StringIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.chat.cards import Line, Look, can_edit, card_lines
from adapters.chat.plain import file_line, message_text, plain_text, unframed
from adapters.chat.safe_text import safe_line
from core.ports.chat_surface import CardView, Outbound

WIDEST = 92
"""Columns that a card takes at most: longer lines are hard to read."""

_LABELS = {"why": "Why", "from": "From", "model": "Model", "rule": "Rule"}
_INDENTED = frozenset({"control", "warning", "body", "removed", "added"})
_IMPACT = {"high": "bold red", "medium": "bold magenta", "low": "green", "none": "green"}
_BORDER = {"accept": "green", "edit": "green", "reject": "red"}
_STYLES = {"title": "bold", "item": "bold", "verdict": "bold", "removed": "red", "added": "green"}
_STYLES |= {"control": "cyan", "warning": "bold red", "more": "dim"}
_SIGNS = {"notice": ("🔔 ", ""), "reminder": ("⏰ ", "bold"), "error": ("✗ ", "red")}
_KEYS = {"a": "accept", "e": "edit", "r": "reject", "w": "why"}


class Painter:
    """Turns things into lines of terminal text; `colours` False leaves weight and signs only."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def ansi(self, thing: RenderableType, columns: int) -> str:
        """Return the drawing of `thing`, `columns` wide, with a line feed after each line."""
        console = Console(
            file=StringIO(),
            force_terminal=True,
            color_system="standard",
            no_color=not self._colours,
            width=max(columns, 8),
            height=100,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        with console.capture() as capture:
            console.print(thing, overflow="fold")
        return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def narrow(text: str) -> str:
    """Leave out the mark that asks for a coloured emoji: terminals disagree on how wide it is."""
    return text.replace("\ufe0f", "")


def words(text: str, style: str = "") -> Text:
    """Return outside text as it may be drawn."""
    return Text(narrow(plain_text(text)), style=style, overflow="fold")


def keys_of(view: CardView) -> tuple[str, ...]:
    """Return the keys that act on a card."""
    return tuple(key for key in _KEYS if key != "e" or can_edit(view))


def card_panel(view: CardView, look: Look, *, keys: bool) -> Panel:
    """Return a card as a panel; `keys` shows how to answer it."""
    lines = card_lines(view, look)
    reasons = [line for line in lines if line.role in _LABELS]
    parts: list[RenderableType] = [_row(line) for line in lines if line.role not in _LABELS]
    if reasons:
        parts += [Text(""), _reasons(reasons)]
    if keys:
        parts += [Text(""), _keys(keys_of(view))]
    border = "magenta" if view.state == "open" else _BORDER.get(view.verdict or "", "dim")
    return Panel(
        Group(*parts),
        box=box.ROUNDED,
        title=Text(f"card {safe_line(view.card, 40)}"),
        title_align="left",
        border_style=border,
        padding=(0, 1),
        width=None,
    )


def spoken(outbound: Outbound, repeat: str) -> RenderableType:
    """Return a message to the owner, its kind told by a sign, and a line for each of its files."""
    sign, style = _SIGNS.get(outbound.kind, ("", ""))
    text = Text(sign + (repeat if outbound.repeat else ""))
    files = [words(file_line(file), "dim") for file in outbound.files]
    said = text + words(message_text(outbound), style)
    return Padding(Group(*([said] if said.plain else []), *files), (0, 0, 0, 2), expand=False)


def block(text: str) -> RenderableType:
    """Return what a command printed."""
    return Padding(words(text), (0, 0, 0, 2), expand=False)


def problem(text: str) -> RenderableType:
    """Return the sentence of an error."""
    return Padding(Text.assemble(("✗ ", "bold red"), words(text)), (0, 0, 0, 2), expand=False)


def echo(line: str) -> RenderableType:
    """Return a line of the owner as it stays on the screen."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text(">", style="bold magenta"), words(line, "bold"))
    return grid


def difference(lines: Iterable[str]) -> RenderableType:
    """Return changed lines, each with its sign."""
    styles = {"-": "red", "+": "green"}
    drawn = [words(line, styles.get(line[:1], "")) for line in lines]
    return Padding(Group(*drawn), (0, 0, 0, 2), expand=False)


def cropped(drawn: Sequence[str], most: int, foot: int, where: str) -> list[str]:
    """Return at most `most` lines: the middle gives way, the last `foot` lines stay.

    A line in its place counts what is missing and says `where` it is.
    """
    if len(drawn) <= most:
        return list(drawn)
    head = max(most - foot - 1, 0)
    gap = f"  ⋮ {len(drawn) - head - foot} lines are not here: {where}"
    return [*drawn[:head], gap, *drawn[-foot:]][:most]


def _row(line: Line) -> RenderableType:
    if line.role == "stakes":
        impact, _, rest = line.text.partition(" · ")
        style = _IMPACT.get(impact, "bold")
        return Text.assemble((impact, style), f" · {rest}", overflow="fold")
    emoji = narrow(line.emoji) + " " if line.emoji else ""
    text = Text(emoji, overflow="fold")
    text.append(narrow(unframed(line.text)), style=_STYLES.get(line.role, ""))
    if not text:
        return text
    indent = 2 if line.role in _INDENTED else 0
    return Padding(text, (0, 0, 0, indent), expand=False)


def _reasons(lines: Sequence[Line]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        style = "dim" if line.role == "rule" else ""
        label = Text(_LABELS[line.role], style="dim" if style else "bold")
        grid.add_row(label, Text(narrow(unframed(line.text)), style=style, overflow="fold"))
    return grid


def _keys(keys: Sequence[str]) -> Text:
    parts: list[str | tuple[str, str]] = []
    for key in keys:
        parts += [(f" {key} ", "reverse"), f" {_KEYS[key]}   "]
    return Text.assemble(*parts)
