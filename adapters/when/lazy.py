"""`WordsWhen` without its import: its patterns take long to compile, and most starts need none."""

from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.when.cuts import Cut
    from adapters.when.words import WordsWhen
    from core.domain.meant import Meant


class LazyWhen:
    """The port When; the grammar is loaded when the first words come."""

    @cached_property
    def _words(self) -> "WordsWhen":
        from adapters.when.words import WordsWhen

        return WordsWhen()

    def parse(self, words: str, now: datetime, zone: tzinfo) -> datetime:
        """Return the aware time meant; see `WordsWhen.parse`."""
        return self._words.parse(words, now, zone)

    def read(self, words: str, now: datetime, zone: tzinfo) -> "Meant":
        """Return the time and the repetition meant; see `WordsWhen.read`."""
        return self._words.read(words, now, zone)

    def split(self, text: str) -> "Cut":
        """Return the text without its time, and the time; see `WordsWhen.split`."""
        return self._words.split(text)
