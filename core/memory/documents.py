"""A document cut into passages: pieces short enough to find, long enough to be understood."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from core.domain.errors import BadInputError
from core.memory.document_blocks import Block, sections
from core.memory.document_sentences import fitting, sentences, words

LEAST = 120
MOST = 200
USUAL = 180
REST = 40
"""Words of a last passage that are too few to stand alone …"""
STRETCHED = 240
"""… where the one before has room for them."""
PREFIX = 80
_HEAD = 2
"""Lines of a table that name its columns."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, with the headings it stands under and its place, from 1.

    `text` begins with `[title › headings]` where that is short; `heading` is empty before the
    first one.
    """

    text: str
    heading: str
    part: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text, and the blanks that part it from what stands before it."""

    text: str
    gap: str
    size: int
    whole: bool = True


def chunks(text: str, title: str) -> list[Passage]:
    """Return the passages of a markdown or plain text, of 120 to 200 words where it has as many.

    No passage runs over a heading, and no sentence is cut unless it is longer than a passage;
    tables and code stay whole where they fit, and a longer table repeats its head. The longest has
    240 words. Raises BadInputError for a document without words.
    """
    title = " ".join(title.split())
    found: list[Passage] = []
    parts = sections(text)
    following = [*parts[1:], None]
    for section, after in zip(parts, following, strict=True):
        heading = " › ".join(section.path)
        path = _below(title, section.path)
        bodies = [_joined(pieces) for pieces in _packed(section.blocks)]
        if not bodies and section.path and (after is None or after.level <= section.level):
            path, bodies = path[:-1], [section.path[-1]]
        for body in bodies:
            found.append(Passage(_named(path, body), heading, len(found) + 1))
    if not found or not any(char.isalnum() for char in text):
        name = f"The document {title!r}" if title else "The document"
        raise BadInputError(f"{name} is empty: there are no words in it to remember.")
    return found


def _below(title: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path with the title on top, once."""
    if not title or (path and path[0].casefold() == title.casefold()):
        return path
    return (title, *path)


def _named(path: tuple[str, ...], body: str) -> str:
    """Put as much of the path before a body as is short: all, its two ends, or the nearest."""
    for names in (path, (*path[:1], *path[1:][-1:]), path[-1:]):
        prefix = " › ".join(names)
        if prefix and len(prefix) <= PREFIX and prefix != body:
            return f"[{prefix}]{_after_prefix(body)}{body}"
    return body


def _after_prefix(body: str) -> str:
    return "\n" if "\n" in body.rstrip() and not body[0].isalnum() else " "


def _packed(blocks: Sequence[Block]) -> list[list[_Piece]]:
    """Share the blocks of a section out to passages of about the same length."""
    pieces = [piece for block in blocks for piece in _whole(block)]
    left = sum(piece.size for piece in pieces)
    aim = _share(left)
    packs: list[list[_Piece]] = []
    filled = 0
    for whole in pieces:
        for piece in _as_fits(whole, filled if filled < aim else 0):
            if not packs or filled + piece.size > MOST or filled >= aim:
                packs.append([])
                aim = _share(left)
                filled = 0
            packs[-1].append(piece)
            filled += piece.size
            left -= piece.size
    return _without_rest(packs)


def _share(left: int) -> float:
    """Return how long the next of some passages of one length is, when so many words are left."""
    return left if left <= MOST else left / ceil(left / USUAL)


def _as_fits(piece: _Piece, filled: int) -> Iterator[_Piece]:
    """Yield a piece whole where it fits here or in the next passage, else its sentences."""
    fits = filled + piece.size <= MOST
    if piece.whole or fits or (filled >= LEAST and piece.size <= MOST):
        yield piece
        return
    gap = piece.gap
    for sentence in sentences(piece.text, MOST):
        yield _Piece(sentence.strip(), gap, words(sentence))
        blanks = sentence[len(sentence.rstrip()) :]
        gap = "\n" if "\n" in blanks else blanks[:1]


def _without_rest(packs: list[list[_Piece]]) -> list[list[_Piece]]:
    """Put a last passage of a few words to the one before it."""
    if len(packs) > 1:
        last, before = (sum(piece.size for piece in pack) for pack in (packs[-1], packs[-2]))
        if last < REST and before + last <= STRETCHED:
            packs[-2:] = [packs[-2] + packs[-1]]
    return packs


def _joined(pieces: Sequence[_Piece]) -> str:
    first, *others = pieces
    return first.text + "".join(piece.gap + piece.text for piece in others)


def _whole(block: Block) -> Iterator[_Piece]:
    """Yield a block as it is; a table or code longer than a passage in parts of whole lines."""
    size = words(block.text)
    if block.kind in {"prose", "list"}:
        yield _Piece(block.text, "\n\n", size, whole=False)
    elif size <= MOST:
        yield _Piece(block.text, "\n\n", size)
    else:
        yield from _in_parts(block)


def _in_parts(block: Block) -> Iterator[_Piece]:
    lines = block.text.split("\n")
    head, tail = (lines[:_HEAD], []) if block.kind == "table" else (lines[:1], lines[-1:])
    around = words("\n".join([*head, *tail]))
    if around > MOST // 2:
        head, tail, around = [], [], 0
    rows = lines[len(head) : len(lines) - len(tail)]
    for part in fitting("\n".join(rows), MOST - around):
        text = "\n".join([*head, part.strip("\n"), *tail])
        yield _Piece(text, "\n\n", words(text))
