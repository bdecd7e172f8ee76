"""Private values in text that goes out: what stands in a private text and not in the owner's words.

A value is a number, an address, a name, a word of eight letters or more, or words that stand side
by side and have eight together. The check is for a planner that read no outside text and is
careless, not for one that was told to hide what it sends: where outside text was read, labels
decide and no text is compared.
"""

import base64
import calendar
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote_plus

from core.domain.base import Frozen
from core.domain.sources import SENDER, Source

LONG = 8
"""Characters of a value: shorter words are in every text."""
CONTENT = 4
"""Letters of a word that counts beside another: two of them are a value of eight."""
UNCASED = 4
"""Characters of a value in a script without spaces and capitals, where one may be a word."""
PART = 4
"""Digits from which on a part of a number is the number ("the last four")."""
GROUP = 40
"""Characters of a number that is written in groups: the longest account number has 34."""
PACKED = 12
"""Letters of a word that may be an encoding of something: shorter ones hold no value of eight."""

READS = 256
"""Texts that are not read again: facts, profile and turns stand in one prompt after the other."""

PATH = 8
"""Steps of a path that may together be one encoding: base64 has a slash of its own."""

_APART = "\n"
"""Stands between values, and in none of them."""
_WORD = re.compile(r"[^\W_]+")
_PACKED = re.compile(rf"[A-Za-z0-9+/_-]{{{PACKED},}}")
_MAIL = re.compile(r"(?<![^\s@<>,;])[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_BETWEEN = frozenset({" ", ".", ",", "'", "-", "/", "(", ")", "+", ":"})
_ENDS = frozenset(".!?:;\n\"'([•-")
_DAYS = {name.casefold() for name in (*calendar.day_name, *calendar.month_name) if name}
_GLUE = """
a all also an and any are as at but by do every for from he her his how if in is it me my no not of
on or our please she some that the their then there they this to we what when where with you your
das dein der des die ein eine er es ich ihr in ist man mein mit sie und uns unser was wenn wer wie
wir el en es la las los mi un una y au ce de du elle et il je la le les mon nous on un une vous
"""
_ROLES = """
admin contact hello info mail office post sales service support team webmaster
gmail gmx googlemail hotmail icloud mac me outlook proton protonmail web yahoo
eur usd gbp chf http https www
"""
_PUBLIC = frozenset({*_DAYS, *_GLUE.split(), *_ROLES.split()})
"""Days, months, coins, schemes, boxes and hosts of everybody's mail, and the little words that
sentences begin with tell nothing."""


class Held(Frozen):
    """A private text that stood in a prompt, and what it is.

    Of one without `words` only numbers and mail addresses count: an answer of Equerry, whose other
    words may be anybody's.
    """

    source: Source
    text: str
    words: bool = True


@dataclass(frozen=True, slots=True)
class Leak:
    """A private value that stands in an argument, and the private text that it is from."""

    value: str
    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word in one spelling and as it stands; `named` by its capital or its place."""

    text: str
    shown: str
    capital: bool
    named: bool

    @property
    def number(self) -> bool:
        return any(char.isdecimal() for char in self.text)

    @property
    def uncased(self) -> bool:
        return self.text.isalpha() and self.text.upper() == self.text.lower()


@dataclass(slots=True)
class _Read:
    """A text, read once."""

    words: list[_Word] = field(default_factory=list)
    texts: frozenset[str] = frozenset()
    numbers: dict[str, str] = field(default_factory=dict)
    digits: str = ""
    squeezed: str = ""
    pairs: frozenset[tuple[str, str]] = frozenset()
    runs: frozenset[tuple[str, str, str]] = frozenset()


class _Seen:
    """The values that were found of one source, looked through as one text: there may be many."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._sizes: set[int] = set()
        self._all = ""

    def is_new(self, value: str) -> bool:
        """Note a value, and say whether none has it in it, and it has none in it."""
        if value in self._all or self._holds_one(value):
            return False
        self._values.add(value)
        self._sizes.add(len(value))
        self._all += f"{_APART}{value}"
        return True

    def _holds_one(self, value: str) -> bool:
        return any(
            value[at : at + size] in self._values
            for size in self._sizes
            for at in range(len(value) - size + 1)
        )


class PrivateValues:
    """Finds private values; `said` are the owner's own words, `public` words that anybody knows."""

    def __init__(self, held: Iterable[Held], said: str, public: str = "") -> None:
        """Read the texts."""
        self._said = _read(f"{said}\n{public}")
        self._held = [(one, _read(one.text)) for one in held]
        reads = [self._said, *(read for _, read in self._held)]
        self._small = frozenset(w.text for r in reads for w in r.words if not w.capital)

    def find(self, argument: str) -> tuple[Leak, ...]:
        """Return the private values in an argument, each once."""
        found: list[Leak] = []
        seen: defaultdict[Source, _Seen] = defaultdict(_Seen)
        read = _read("\n".join(_variants(argument)))
        inside = {size: _grams(read.squeezed, size) for size in (UNCASED, LONG)}
        for one, held in self._held:
            values = seen[one.source]
            found += [
                Leak(value, one.source, one.text)
                for value in self._shared(read, held, one, inside)
                if values.is_new(_squeezed(value))
            ]
        return tuple(found)

    def _shared(
        self, given: _Read, held: _Read, one: Held, inside: Mapping[int, frozenset[str]]
    ) -> Iterator[str]:
        """Yield what both texts have, the most telling first."""
        yield from self._mails(given, one.text)
        yield from sorted(self._numbers(given, held), key=len, reverse=True)
        if one.words:
            yield from self._words(given, held, every=one.source == SENDER)
            yield from self._pairs(given, held)
            yield from self._runs(given, held)
            yield from self._parts(given, held, inside)

    def _own(self, word: str) -> bool:
        """Whether the owner wrote it, or it is part of a word that he wrote."""
        return (
            word in _PUBLIC
            or word in self._said.texts
            or (len(word) >= CONTENT and word in self._said.squeezed)
        )

    def _words(self, given: _Read, held: _Read, *, every: bool) -> Iterator[str]:
        for word in held.words:
            if word.text not in given.texts or word.number or self._own(word.text):
                continue
            name = word.named or (word.capital and (every or word.text not in self._small))
            short = len(word.text) == 1
            if not short and (name or word.uncased or len(word.text) >= LONG):
                yield word.shown

    def _numbers(self, given: _Read, held: _Read) -> Iterator[str]:
        for number, shown in given.numbers.items():
            own = number in self._said.numbers or _part_of(number, self._said)
            if not own and (number in held.numbers or _part_of(number, held)):
                yield shown
        for number, shown in held.numbers.items():
            hidden = len(number) >= PART and number not in given.numbers
            if hidden and number in given.squeezed and number not in self._said.squeezed:
                yield shown

    def _pairs(self, given: _Read, held: _Read) -> Iterator[str]:
        for first, second in given.pairs & held.pairs:
            if not (self._own(first) and self._own(second)):
                yield f"{first} {second}"

    def _runs(self, given: _Read, held: _Read) -> Iterator[str]:
        """Yield three words in a row, where one of some length is not the owner's."""
        for run in given.runs & held.runs:
            new = any(len(word) >= CONTENT and not self._own(word) for word in run)
            if new and len("".join(run)) >= LONG:
                yield " ".join(run)

    def _parts(
        self, given: _Read, held: _Read, inside: Mapping[int, frozenset[str]]
    ) -> Iterator[str]:
        """Yield values that stand inside a longer word, or of which a part does."""
        for word in held.words:
            size = UNCASED if word.uncased else LONG
            if len(word.text) < size or word.text in given.texts:
                continue
            there = _grams(word.text, size) & inside[size]
            if any(gram not in self._said.squeezed for gram in there):
                yield word.shown

    def _mails(self, given: _Read, text: str) -> Iterator[str]:
        """Yield mail addresses that are there whole, or the part of one that is."""
        for mail in _MAIL.findall(_folded(text)):
            local, _, host = mail.partition("@")
            parts = [local, host.rpartition(".")[0]]
            there = [part for part in parts if self._stands(part, given)]
            yield from [mail] if len(there) == len(parts) else there

    def _stands(self, part: str, given: _Read) -> bool:
        """Whether a part of an address stands in a text, and is not the owner's or anybody's."""
        words = [word.casefold() for word in _WORD.findall(part)]
        flat = "".join(words)
        own = self._own(flat) or (len(words) > 1 and flat in self._said.squeezed)
        return bool(flat) and not own and given.texts.issuperset(words) and flat in given.squeezed


def _part_of(number: str, read: _Read) -> bool:
    """Whether a number is a part of one in a text, zeros of a dialling code before it aside."""
    digits = number.lstrip("0")
    return len(digits) >= PART and digits in read.digits


def _grams(text: str, size: int) -> frozenset[str]:
    """Return all that stand side by side, so many at a time."""
    return frozenset(text[at : at + size] for at in range(len(text) - size + 1))


@lru_cache(maxsize=READS)
def _read(text: str) -> _Read:
    folded = _folded(text)
    words, numbers, group = list[_Word](), dict[str, str](), ""
    end = 0
    for match in _WORD.finditer(folded):
        word = _word(match, folded)
        joins = folded[end : match.start()] in _BETWEEN
        joins = joins and bool(group) and len(group) < GROUP
        group = f"{group}{word.text}" if word.number and joins else word.text
        if word.number:
            numbers.setdefault(word.text, word.shown)
            numbers.setdefault(group, group)
        else:
            group = ""
        words.append(word)
        end = match.end()
    every = [word.text for word in words]
    content = [word.text for word in words if word.number or len(word.text) >= CONTENT]
    return _Read(
        words=words,
        texts=frozenset(word.text for word in words),
        numbers=numbers,
        digits=_APART.join(numbers),
        squeezed=_squeezed(folded),
        pairs=frozenset((a, b) for a, b in pairwise(content) if not (a + b).isdecimal()),
        runs=frozenset(zip(every, every[1:], every[2:], strict=False)),
    )


def _word(match: re.Match[str], text: str) -> _Word:
    """Return a word.

    One with a capital is a name where no sentence begins with it, where it owns something (as in
    "Kim's"), and where another capital follows ("Ada Byron"); elsewhere it is one unless it stands
    somewhere without a capital.
    """
    after = text[match.end() : match.end() + 2]
    before = match.start() - 1
    while before >= 0 and text[before] == " ":
        before -= 1
    capital = match[0][0].isupper()
    starts = before < 0 or text[before] in _ENDS
    owns = after in {"'s", "’s"}
    first = len(after) > 1 and after[0] == " " and after[1].isupper()
    return _Word(
        text=match[0].casefold(),
        shown=match[0],
        capital=capital,
        named=capital and (not starts or owns or first),
    )


def _folded(text: str) -> str:
    """Return a text in one width, without accents and characters that nobody sees."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    kept = (char for char in apart if unicodedata.category(char) not in {"Mn", "Cf"})
    return unicodedata.normalize("NFC", "".join(kept))


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(text)).casefold()


def _variants(text: str) -> Sequence[str]:
    """Return a text as it stands, with its URL encoding undone, and what is packed in it."""
    plain = unquote_plus(unquote_plus(text))
    found = [text] if plain == text else [text, plain]
    for run in _PACKED.findall(plain):
        parts = run.split("/")
        ends = range(1, min(len(parts), PATH) + 1)
        for packed in {
            "/".join(parts[at : at + size]) for size in ends for at in range(len(parts))
        }:
            found += _unpacked(packed) if len(packed) >= PACKED else ()
    return found


def _unpacked(packed: str) -> Iterator[str]:
    """Yield what a word says when it is hexadecimal or base64, where that is text."""
    usual = packed.replace("-", "+").replace("_", "/")
    for unpack in (_hexadecimal, _base64):
        try:
            text = unpack(usual).decode()
        except ValueError:
            continue
        if text.isprintable():
            yield text


def _hexadecimal(packed: str) -> bytes:
    return bytes.fromhex(packed)


def _base64(packed: str) -> bytes:
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
