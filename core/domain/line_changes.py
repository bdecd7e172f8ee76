"""Which lines of a text changed, at a cost that is bounded whatever the lines are.

`difflib` compares each line with all that are equal to it, and again for every part between two
that stay: for two files of 60,000 short lines that is minutes.
"""

from collections import Counter
from collections.abc import Iterator
from difflib import Match, SequenceMatcher
from itertools import count, islice
from typing import Final

MOST_STEPS: Final = 1_000_000
"""Comparisons for one answer, less than half a second. Ten thousand lines of which every hundredth
differs take as many."""


def line_changes(before: str, after: str, *, context: int) -> Iterator[str]:
    """Yield the lines of a unified difference, without the two that name the texts.

    `context` is how many unchanged lines stand around a change. A part that would cost more than
    MOST_STEPS to compare is taken out and put in as a whole.
    """
    matcher = _Bounded(before.splitlines(), after.splitlines())
    for group in matcher.get_grouped_opcodes(context):
        first, last = group[0], group[-1]
        yield f"@@ -{_span(first[1], last[2])} +{_span(first[3], last[4])} @@"
        for kind, start, end, new_start, new_end in group:
            if kind == "equal":
                yield from (f" {line}" for line in matcher.before[start:end])
                continue
            yield from (f"-{line}" for line in matcher.before[start:end])
            yield from (f"+{line}" for line in matcher.after[new_start:new_end])


class _Bounded(SequenceMatcher[str]):
    """Finds what two texts have in common: how they begin and end, then, as far as it may, more."""

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.before, self.after = before, after
        self._left = MOST_STEPS
        self._places = Counter(after)
        super().__init__(None, before, after)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return a part that both have between these lines, one of no lines for none."""
        ahi = len(self.before) if ahi is None else ahi
        bhi = len(self.after) if bhi is None else bhi
        old, new = self.before, self.after
        room = min(ahi - alo, bhi - blo)
        head = next(n for n in count() if n == room or old[alo + n] != new[blo + n])
        if head:
            return Match(alo, blo, head)
        tail = next(n for n in count(1) if n > room or old[ahi - n] != new[bhi - n]) - 1
        if tail:
            return Match(ahi - tail, bhi - tail, tail)
        for line in islice(old, alo, ahi):
            self._left -= 1 + self._places[line]
            if self._left < 0:
                return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _span(start: int, end: int) -> str:
    """Return where lines stand, as a unified difference says it: none are behind the one before."""
    size = end - start
    if size == 1:
        return f"{start + 1}"
    return f"{start + bool(size)},{size}"
