"""The markdown that models write, as Telegram shows it: nothing is lost, nothing is hidden.

Telegram knows no headings, lists, tables or rules, so those become bold lines, bullets, aligned
columns and a line. HTML and link definitions stay the characters that they are.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from adapters.chat.safe_text import safe_text
from adapters.telegram.addresses import may_hide, written_out
from adapters.telegram.rich import Entity, EntityType, Rich, tidy, units, without_links
from adapters.telegram.tables import cells, table
from core.agents.addresses import addresses
from core.domain.own_words import COMMAND

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

MOST_CHARACTERS = 50_000
"""Longer texts are not read as markdown: it is three times what their messages could show."""
_RULE = "—" * 8
_INDENT = "    "
_DEEPEST = 20
_LANGUAGE = re.compile(r"^[\w+#.-]{1,32}$")
_TICK = re.compile(r"^\[(?P<mark>[ xX])\] ")
_STYLES: dict[str, EntityType] = {"em": "italic", "strong": "bold", "s": "strikethrough"}


def from_markdown(text: str, *, outside: bool = False) -> Rich:
    """Return a text with its markdown as entities; any text is taken.

    In `outside` text no word hides an address, no command can be tapped, and nothing is linked but
    web addresses that stand in the text as they are.
    """
    known = addresses(text) if outside else None
    text = safe_code(text)
    tree = _tree(text) if len(text) <= MOST_CHARACTERS else None
    if tree is None:
        return _safe(Rich(text), known)
    writer = _Writer(text.split("\n"), outside=outside)
    writer.blocks(tree.children, "\n\n")
    return _safe(writer.rich(), known)


def as_printed(text: str, *, outside: bool = True, commands: Collection[int] = ()) -> Rich:
    """Return a text that is no markdown, every character of it.

    In `outside` text only those commands can be tapped that begin at the places `commands`.
    """
    rich = tidy(Rich(safe_code(text)))
    if not outside:
        return rich
    return without_links(rich, addresses(text), _shown_at(text, commands, rich.text))


def _shown_at(text: str, commands: Collection[int], shown: str) -> frozenset[tuple[int, int]]:
    """Return where commands of a text stand in it as it is shown: made safe, and trimmed."""
    trimmed = len(safe_code(text)) - len(safe_code(text).lstrip())
    found = set()
    for place in commands:
        stated = COMMAND.match(text, place)
        there = COMMAND.match(shown, len(safe_code(text[:place])) - trimmed)
        if stated is not None and there is not None and stated[0] == there[0]:
            found.add(there.span())
    return frozenset(found)


def safe_code(text: str) -> str:
    """Return `text` made safe to show, with the tabs that code needs."""
    return "\t".join(safe_text(part) for part in text.replace("\r\n", "\n").split("\t"))


def _safe(rich: Rich, known: frozenset[str] | None) -> Rich:
    rich = tidy(rich)
    return rich if known is None else without_links(rich, known)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    options = {"html": False, "maxNesting": _DEEPEST}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    return parser.disable(["reference"])


def _tree(text: str) -> "SyntaxTreeNode | None":
    """Return what a text is made of; None where it is nested so deeply that some would be lost."""
    from markdown_it.tree import SyntaxTreeNode

    tokens = _parser().parse(text)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        return None
    return SyntaxTreeNode(tokens)


class _Writer:
    """Writes a tree as text, remembering where formatting begins and ends."""

    def __init__(self, lines: list[str], *, outside: bool) -> None:
        self._lines = lines
        self._outside = outside
        self._parts: list[str] = []
        self._at = 0
        self._last = ""
        self._entities: list[Entity] = []
        self._indent = ""

    def rich(self) -> Rich:
        """Return what was written."""
        return Rich("".join(self._parts), tuple(self._entities))

    def blocks(self, nodes: "list[SyntaxTreeNode]", between: str) -> None:
        """Write blocks one below the other."""
        for number, node in enumerate(nodes):
            if number:
                self._write(between)
                self._write(self._indent)
            self._block(node)

    def _block(self, node: "SyntaxTreeNode") -> None:
        if node.type == "heading":
            with self._entity("bold"):
                self._inline(node)
        elif node.type in {"bullet_list", "ordered_list"}:
            self._list(node)
        elif node.type == "blockquote":
            with self._entity("blockquote"):
                self.blocks(node.children, "\n\n")
        elif node.type in {"fence", "code_block"}:
            self._code(node)
        elif node.type == "table":
            self._table(node)
        elif node.type == "hr":
            self._write(_RULE)
        else:
            self._inline(node)

    def _inline(self, node: "SyntaxTreeNode") -> None:
        """Write the words below a node, whatever it is."""
        if node.type == "inline" or not node.children:
            self._spans(node.children)
            return
        for child in node.children:
            self._inline(child)

    def _list(self, node: "SyntaxTreeNode") -> None:
        outer = self._indent
        loose = "\n" if all(_is_tight(item) for item in node.children) else "\n\n"
        for mark, item in zip(_marks(node), node.children, strict=True):
            if item is not node.children[0]:
                self._write(loose + outer)
            tick = _ticked(item)
            self._write(tick or mark)
            self._indent = outer + _INDENT
            self.blocks(item.children, "\n")
            self._indent = outer

    def _code(self, node: "SyntaxTreeNode") -> None:
        info, content = node.info.strip(), node.content
        language = info if _LANGUAGE.match(info) and content.strip() else None
        if info and language is None:
            content = f"{info}\n{content}"
        with self._entity("pre", language=language):
            self._write(safe_code(content).rstrip())

    def _table(self, node: "SyntaxTreeNode") -> None:
        rows = [
            [_cell(cell) for cell in row.children]
            for part in node.children
            for row in part.children
        ]
        first, last = node.map or (0, 0)
        written = self._lines[first:last]
        # Cells beyond the last column are none for the parser: then all of it stays as written.
        ragged = any(cells(line) > len(rows[0]) for line in written)
        aligned = "\n".join(written) if ragged else table(rows)
        if aligned is None:
            self._records(rows)
            return
        with self._entity("pre"):
            self._write(safe_code(aligned))

    def _records(self, rows: list[list[str]]) -> None:
        """Write a table that is too wide for a phone: a paragraph for each row."""
        head, *body = rows
        for number, row in enumerate(body or [[""] * len(head)]):
            self._write(f"\n\n{self._indent}" if number else "")
            for column, (name, value) in enumerate(zip(head, row, strict=False)):
                self._write(f"\n{self._indent}" if column else "")
                named = f"{name}: {value or '–'}" if name else value
                if column:
                    self._write(named)
                    continue
                with self._entity("bold"):
                    self._write(named)

    def _spans(self, nodes: "list[SyntaxTreeNode]") -> None:
        for node in nodes:
            if node.type in _STYLES:
                self._styled(node)
            elif node.type == "link":
                self._link(node)
            elif node.type == "image":
                self._address(node.content, str(node.attrs.get("src", "")))
            elif node.type == "code_inline":
                with self._entity("code"):
                    self._write(safe_text(node.content))
            elif node.type in {"softbreak", "hardbreak"}:
                self._write("\n" + self._indent)
            else:
                self._write(safe_text(node.content))

    def _styled(self, node: "SyntaxTreeNode") -> None:
        if node.markup == "*" and (_is_letter(self._last) or _is_letter(_first_after(node))):
            # `2*3*4` is a product, not a three in italics.
            self._write("*")
            self._spans(node.children)
            self._write("*")
            return
        with self._entity(_STYLES[node.type]):
            self._spans(node.children)

    def _link(self, node: "SyntaxTreeNode") -> None:
        url = str(node.attrs.get("href", ""))
        label = _plain(node)
        if self._outside or not may_hide(label, url):
            self._address(label, url)
            return
        with self._entity("text_link", url=url):
            self._spans(node.children)

    def _address(self, label: str, url: str) -> None:
        """Write words and, in full, the address that they stand for."""
        if not self._outside and label.strip() and may_hide(label, url):
            with self._entity("text_link", url=url):
                self._write(safe_text(label))
            return
        self._write(safe_text(written_out(label, url)))

    @contextmanager
    def _entity(
        self, kind: EntityType, *, url: str | None = None, language: str | None = None
    ) -> Iterator[None]:
        place, start = len(self._entities), self._at
        yield
        if self._at > start:
            self._entities.insert(place, Entity(kind, start, self._at - start, url, language))

    def _write(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._at += units(text)
            self._last = text[-1]


def _marks(node: "SyntaxTreeNode") -> Iterator[str]:
    """Yield what stands before each item: a bullet, or its number as it was written.

    Writers who number every item 1 leave the counting to the reader's program.
    """
    if node.type == "bullet_list":
        yield from ("• " for _ in node.children)
        return
    written = [item.info for item in node.children]
    counted = len(written) > 1 and len(set(written)) == 1 and written[0].isdigit()
    for number, item in enumerate(node.children):
        shown = str(int(written[0]) + number) if counted else item.info
        yield f"{shown}{item.markup} "


def _ticked(item: "SyntaxTreeNode") -> str:
    """Return the box of an item that is a task, without it in the item's own words."""
    text = next((node for node in item.walk() if node.type == "text"), None)
    match = _TICK.match(text.content) if text is not None and text.token is not None else None
    if match is None or text is None or text.token is None:
        return ""
    text.token.content = text.content[match.end() :]
    return "☐ " if match["mark"] == " " else "☑ "


def _is_tight(item: "SyntaxTreeNode") -> bool:
    return all(child.hidden for child in item.children if child.type == "paragraph")


def _cell(cell: "SyntaxTreeNode") -> str:
    return safe_text(_plain(cell)).strip()


def _plain(node: "SyntaxTreeNode") -> str:
    """Return the words of a node without formatting; links have their address behind them."""
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    if node.type == "image":
        return written_out(node.content, str(node.attrs.get("src", "")))
    if not node.children:
        return node.content
    return "".join(
        written_out(_plain(child), str(child.attrs.get("href", "")))
        if child.type == "link"
        else _plain(child)
        for child in node.children
    )


def _is_letter(char: str) -> bool:
    """Return whether a character belongs to a word; Chinese and such have no gaps between words."""
    return bool(char) and char[-1].isalnum() and char[-1] < "\u2e80"


def _first_after(node: "SyntaxTreeNode") -> str:
    following = node.next_sibling
    while following is not None and following.type == "text" and not following.content:
        following = following.next_sibling
    return following.content[:1] if following is not None and following.type == "text" else ""
