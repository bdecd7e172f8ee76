"""Long texts as several messages, or as a file.

A piece ends where a reader would pause. What was open at a cut, a code block or a quotation, is
open again in the next piece; a link is never in two of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate

from adapters.chat.links import inert
from adapters.chat.safe_text import safe_text
from adapters.telegram.breaks import best_break
from adapters.telegram.markdown import MOST_CHARACTERS, as_printed, from_markdown
from adapters.telegram.rich import Entity, Rich, cut, join, tidy, units

LIMIT = 4096
AIM = 4000
MOST_PIECES = 4
FILE_NAME, PLAIN_NAME = "answer.md", "answer.txt"
MOST_ENTITIES = 100
"""Telegram drops the formatting beyond the hundredth entity of a message without a word."""
_LEAD = 400
_WHOLE = {"text_link", "code"}
_BLOCKS = {"pre", "blockquote"}
_LEAST = 0.4
_BEGINNING = 8_000
"""Characters of a long text that its lead is drawn from."""


def split(rich: Rich, limit: int = LIMIT) -> list[Rich]:
    """Return `rich` in pieces of at most `limit` UTF-16 units, none of them empty.

    Only white space is lost, at the cuts. A limit below 2 holds no emoji.
    """
    return list(_Cutter(tidy(rich), limit).pieces())


def as_file(
    text: str, most: int = MOST_PIECES, *, outside: bool = False, plain: bool = False
) -> tuple[str, bytes] | None:
    """Return the name and bytes of a file for markdown that makes more than `most` messages.

    Links of `outside` text work no more in the file than they do in a message; `plain` text is no
    markdown.
    """
    drawn = len(text) <= MOST_CHARACTERS
    if drawn and len(split(_drawn(text, outside=outside, plain=plain))) <= most:
        return None
    text = safe_text(text) if plain else inert(text) if outside else text
    return PLAIN_NAME if plain else FILE_NAME, text.encode("utf-8", "replace")


def file_lead(text: str, *, outside: bool = False, plain: bool = False) -> Rich:
    """Return the message that goes before the file of a long text: how it begins, and where all is.

    The beginning is about half a screen of a phone.
    """
    beginning = split(_drawn(text[:_BEGINNING], outside=outside, plain=plain), _LEAD)[:1]
    words = f"{len(text.split()):,} words"
    name = PLAIN_NAME if plain else FILE_NAME
    note = f"📎 This is how it begins; the whole answer ({words}) is in {name}."
    return join([*beginning, note], "\n\n")


def _drawn(text: str, *, outside: bool, plain: bool, commands: Collection[int] = ()) -> Rich:
    if plain:
        return as_printed(text, outside=outside, commands=commands)
    return from_markdown(text, outside=outside)


def pieces_of(
    text: str,
    labels: Sequence[Rich],
    *,
    outside: bool,
    plain: bool = False,
    commands: Collection[int] = (),
) -> tuple[list[Rich], tuple[str, bytes] | None]:
    """Return a text as messages below its labels, and as a file where that would be too many."""
    if len(text) <= MOST_CHARACTERS:
        drawn = _drawn(text, outside=outside, plain=plain, commands=commands)
        whole = split(join([*labels, drawn], "\n"))
        file = as_file(text, outside=outside, plain=plain) if len(whole) > MOST_PIECES else None
        if file is None:
            return whole, None
    else:
        file = as_file(text, outside=outside, plain=plain)
    return split(join([*labels, file_lead(text, outside=outside, plain=plain)], "\n")), file


class _Cutter:
    """Cuts one text; places are characters, Telegram's lengths are units."""

    def __init__(self, rich: Rich, limit: int) -> None:
        self._rich = rich
        self._limit = limit
        self._aim = max(2, -(-limit * AIM // LIMIT))
        self._units = [0, *accumulate(units(char) for char in rich.text)]
        self._starts = sorted(entity.offset for entity in rich.entities)
        self._whole = [(0, 0), *(self._span(it) for it in rich.entities if it.type in _WHOLE)]
        self._blocks = [self._span(it) for it in rich.entities if it.type in _BLOCKS]

    def pieces(self) -> list[Rich]:
        """Return the pieces from first to last."""
        text, start, found = self._rich.text, 0, []
        while start < len(text):
            end = self._next(start)
            piece = cut(self._rich, self._units[start], self._units[end])
            if piece.text:
                found.append(piece)
            start = end
        return found

    def _next(self, start: int) -> int:
        """Return where the piece from `start` on ends."""
        rest = self._place(self._most(start, self._limit), start)
        if rest >= len(self._rich.text):
            return rest
        end = self._place(self._most(start, self._aim), start)
        if block := self._block_to_spare(start, end):
            return block
        return best_break(self._rich.text, start, end, self._allowed)

    def _most(self, start: int, length: int) -> int:
        """Return the last unit of a piece: as long as allowed, with as many entities as allowed."""
        unit = self._units[start]
        after = bisect_left(self._starts, unit) + MOST_ENTITIES - self._open(unit)
        last = unit + length
        return min(last, self._starts[after]) if after < len(self._starts) else last

    def _open(self, unit: int) -> int:
        return sum(it.offset < unit < it.end for it in self._rich.entities)

    def _place(self, unit: int, start: int) -> int:
        """Return the last character that ends before a unit, one behind `start` at least."""
        return max(start + 1, bisect_right(self._units, unit) - 1)

    def _block_to_spare(self, start: int, end: int) -> int | None:
        """Return the beginning of a block that would be cut, where the next piece has it whole."""
        least = start + (end - start) * _LEAST
        for first, last in self._blocks:
            fits = self._units[last] - self._units[first] <= self._aim
            if least < first < end < last and fits:
                return first
        return None

    def _allowed(self, place: int) -> bool:
        """Return whether no link or word of code goes on here; they are apart from each other."""
        first, last = self._whole[bisect_left(self._whole, (place, 0)) - 1]
        inside = first < place < last
        return not inside or self._units[last] - self._units[first] > self._aim

    def _span(self, entity: Entity) -> tuple[int, int]:
        return bisect_left(self._units, entity.offset), bisect_left(self._units, entity.end)
