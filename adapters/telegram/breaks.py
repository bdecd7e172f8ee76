"""Where a text may be broken: after a paragraph, a line, a sentence, a word, a character."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_SENTENCE = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*(?=\s)|[。！？]+")
_SPACE = re.compile(r"\s+")
_LEAST = 0.4
"""A piece is filled at least this far before a better place to break counts."""
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f", "\u20e3"}
_LONGEST_CHARACTER = 64


def best_break(text: str, start: int, end: int, allowed: Callable[[int], bool]) -> int:
    """Return where to break `text` after `start`, at `end` at the latest; always later than start.

    `allowed` tells of places that must stay whole; where nothing else is left they are broken too.
    """
    least = start + int((end - start) * _LEAST)
    for places, lowest in (
        (_found(text, "\n\n", least, end), least),
        (_found(text, "\n", least, end), least),
        (_ends(_SENTENCE, text, least, end), least),
        (_found(text, "\n", start, end), start),
        (_starts(_SPACE, text, start, end), start),
    ):
        for place in places:
            if place > lowest and allowed(place):
                return place
    whole = (place for place in range(end, start, -1) if allowed(place))
    return _character(text, start, next(whole, end))


def _found(text: str, what: str, start: int, end: int) -> Iterator[int]:
    """Yield the places of a text from the last to the first, also right behind the end."""
    place = text.rfind(what, start, end + len(what))
    while place > start:
        yield place
        place = text.rfind(what, start, place)


def _ends(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[int]:
    ends = [match.end() for match in pattern.finditer(text, start, min(end + 1, len(text)))]
    yield from (place for place in reversed(ends) if place <= end)


def _starts(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[int]:
    starts = [match.start() for match in pattern.finditer(text, start, end + 1)]
    yield from reversed(starts)


def _character(text: str, start: int, end: int) -> int:
    """Return the last place that breaks no character, as people see them, in two."""
    for place in range(end, max(start, end - _LONGEST_CHARACTER), -1):
        if not _inside(text, place):
            return place
    return end


def _inside(text: str, place: int) -> bool:
    if place >= len(text):
        return False
    before, after = text[place - 1], text[place]
    if after in _JOINERS or before == "\u200d" or unicodedata.category(after) in {"Mn", "Mc", "Me"}:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    return _is_flag(after) and _flags_before(text, place) % 2 == 1


def _is_flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    count = 0
    while count < place and _is_flag(text[place - 1 - count]):
        count += 1
    return count
