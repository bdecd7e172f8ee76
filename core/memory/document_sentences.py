"""The sentences of a text, and how long they are."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.memory.document_blocks import starts_item

_WIDE = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_WIDE}]{{1,2}}|[^\s{_WIDE}]{{1,24}}")
_END = re.compile(r"(?:(?<![.!?…])[.!?…]+[\"'”’»)\]*_]{0,4}(?=\s)|[。！？]+[」』）]*)\s*")
_STARTS = re.compile(r"[\W_]{0,20}[^\W_]")
_SHORTENED = re.compile(
    r"(?:^|[\s(\[\"“])(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|Rev|St|Jr|Sr|No|Nr|vs|cf|ca|approx|Fig|Figs|Eq"
    r"|Sec|Art|Vol|pp|Abs|Inc|Ltd|Co|Corp|Bros|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
    r"|e\.g|i\.e|z\.B|d\.h|u\.a|a\.m|p\.m|al|\d{1,2})\.$",
    re.IGNORECASE,
)
_TAIL = 12
"""Characters before an end that are enough to know a shortened word."""
_GAPS = (re.compile(r"\n"), re.compile(r"(?<=[;:,，、；])\s*"))
"""Where a sentence that is too long is cut: between lines, then clauses."""


def words(text: str) -> int:
    """Count words; a word of more than 24 letters, or of two Chinese signs, counts for several."""
    return sum(1 for _ in _WORD.finditer(text))


def sentences(text: str, most: int) -> list[str]:
    """Cut a paragraph or list at the ends of sentences and items, all blanks kept where they were.

    A sentence of more than `most` words is cut too: at line breaks, then clauses, then words.
    """
    found = [piece for item in _items(text) for piece in _ended(item)]
    return [part for piece in found for part in fitting(piece, most)]


def fitting(piece: str, most: int, gaps: Sequence[re.Pattern[str]] = _GAPS) -> list[str]:
    """Cut a piece of more than `most` words where it hurts least; joined, the parts are it."""
    if words(piece) <= most:
        return [piece]
    if gaps:
        parts = _cut(piece, [gap.end() for gap in gaps[0].finditer(piece)])
        return [it for part in _grouped(parts, most) for it in fitting(part, most, gaps[1:])]
    starts = [word.start() for word in _WORD.finditer(piece)]
    return _cut(piece, starts[most::most])


def _grouped(parts: list[str], most: int) -> Iterator[str]:
    held, size = "", 0
    for part in parts:
        adds = words(part)
        if held and size + adds > most:
            yield held
            held, size = "", 0
        held, size = held + part, size + adds
    yield held


def _items(text: str) -> list[str]:
    """Return the items of a list; a text without any is one."""
    lines = text.splitlines(keepends=True)
    places, at = [], 0
    for line in lines:
        if starts_item(line):
            places.append(at)
        at += len(line)
    return _cut(text, places)


def _ended(text: str) -> list[str]:
    return _cut(text, [end.end() for end in _END.finditer(text) if _is_end(text, end)])


def _is_end(text: str, end: re.Match[str]) -> bool:
    mark = end[0].strip()
    after = _STARTS.match(text, end.end())
    if after is None or mark[0] in "。！？":
        return True
    if after[0][-1].islower():
        return False
    if mark != ".":
        return True
    return _SHORTENED.search(text[max(0, end.start() - _TAIL) : end.start() + 1]) is None


def _cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *(place for place in places if 0 < place < len(text)), len(text)]
    return [text[a:b] for a, b in pairwise(edges) if text[a:b]]
