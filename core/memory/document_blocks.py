"""A document as sections of blocks: headings, paragraphs, lists, tables and code."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["prose", "list", "table", "code"]

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_CLOSING = re.compile(r"^ {0,3}(?:`{3,}|~{3,})[ \t]*$")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(?:={2,}|-{2,})[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:[-=*_][ \t]*){3,}$")
_RULED = r"[ \t]*+:?-++:?[ \t]*+"
_TABLE_RULE = re.compile(rf"^[ \t]*+\|?{_RULED}(?:\|{_RULED})++\|?[ \t]*+$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+\S")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|__|[*`]|\{#[^}]*\}")


_LONGEST_HEADING = 300
_FENCES = 100
"""Letters, and lines of fences: so the time to read grows with the length of a text only."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands together, with its line breaks."""

    kind: Kind
    text: str


@dataclass(slots=True)
class Section:
    """What stands under one heading; `path` leads to it from the top of the document."""

    path: tuple[str, ...]
    level: int
    blocks: list[Block] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """Return the sections in order; one without words of its own has no blocks."""
    found = [Section((), 0)]
    open_headings: list[tuple[int, str]] = []
    for block in _blocks(text.splitlines()):
        if isinstance(block, Block):
            found[-1].blocks.append(block)
            continue
        level, title = block
        open_headings = [it for it in open_headings if it[0] < level] + [(level, title)]
        found.append(Section(tuple(title for _, title in open_headings), level))
    return found


def starts_item(line: str) -> bool:
    """Tell whether a line begins an item of a list."""
    return _ITEM.match(line) is not None


def _blocks(lines: Sequence[str]) -> Iterator[Block | tuple[int, str]]:
    """Yield blocks, and headings as (level, title)."""
    closing = [number for number, line in enumerate(lines) if _CLOSING.match(line)]
    held: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = _fenced(lines, at, closing)
        heading = _heading(line, held)
        if end is not None or heading is not None or _ends_paragraph(line, held):
            yield from _paragraph([] if _underlines(line, held) else held)
            held = []
        else:
            held.append(line)
        if heading is not None and heading[1]:
            yield heading
        if end is not None:
            yield Block("code", "\n".join(lines[at:end]))
        at = at + 1 if end is None else end
    yield from _paragraph(held)


def _fenced(lines: Sequence[str], at: int, closing: Sequence[int]) -> int | None:
    """Return where fenced code that begins at a line ends; a fence nobody closes is none."""
    fence = _FENCE.match(lines[at])
    if fence is None:
        return None
    after = bisect_right(closing, at)
    for number in closing[after : after + _FENCES]:
        if lines[number].strip().startswith(fence[1]):
            return number + 1
    return None


def _heading(line: str, held: Sequence[str]) -> tuple[int, str] | None:
    if len(line) > _LONGEST_HEADING:
        return None
    marked = _HEADING.match(line)
    if marked:
        return len(marked[1]), _plain(marked[2])
    if _underlines(line, held):
        return (1 if "=" in line else 2), _plain(held[0])
    return None


def _underlines(line: str, held: Sequence[str]) -> bool:
    """Tell whether a line makes a heading of the single one before it."""
    return (
        len(held) == 1
        and len(held[0]) <= _LONGEST_HEADING
        and _UNDERLINE.match(line) is not None
        and not starts_item(held[0])
    )


def _ends_paragraph(line: str, held: Sequence[str]) -> bool:
    return not line.strip() or (_RULE.match(line) is not None and not _underlines(line, held))


def _paragraph(held: Sequence[str]) -> Iterator[Block]:
    """Yield what a run of lines holds: a table may follow its sentence without an empty line."""
    at = 0
    while at < len(held):
        rules = (n for n in range(at + 1, len(held)) if _TABLE_RULE.match(held[n]))
        ruled = next(rules, len(held) + 1)
        if before := held[at : ruled - 1]:
            yield _without_rule(before)
        if ruled > len(held):
            return
        ends = (n for n in range(ruled + 1, len(held)) if "|" not in held[n])
        at = next(ends, len(held))
        yield Block("table", _dedented(held[ruled - 1 : at]))


def _without_rule(held: Sequence[str]) -> Block:
    """Return the block that lines are among which no line is the rule of a table."""
    if len(held) > 1 and all(line.lstrip().startswith("|") for line in held):
        return Block("table", _dedented(held))
    kind: Kind = "list" if any(starts_item(line) for line in held) else "prose"
    return Block(kind, _dedented(held))


def _dedented(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _plain(title: str) -> str:
    """Return a heading without its markup, on one line."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", title)).split())
