"""Cuts the words of a time out of a sentence: `call Bob on friday at 9am` → `on friday at 9am`.

Every run of words that speak of time is looked at whole. What stands in such a run and is not used
is told with the cut: whoever sets a time asks then.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from adapters.when.clock_times import PARTS
from adapters.when.vocabulary import MONTHS, NUMBERS, ORDINALS, UNITS, WEEKDAYS
from adapters.when.zones import is_place


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence in two: the words of a time and the rest.

    `repeat` is an RRULE value where they come again. `left` are words of time that stand in the
    rest as well, and may have been meant: the time is not certain then.
    """

    words: str
    rest: str
    left: tuple[str, ...] = ()
    repeat: str | None = None


_MOST_WORDS: Final = 20
"""Words of one time: the longest that people write have about a dozen."""
_MOST_RUNS: Final = 12
"""Runs of time words that are looked at: a request with more is no request for one time."""
_TOKEN = re.compile(r"\S+")
_DIGITS = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)|\d{1,2}[:h.]\d\d(?::\d\d)?(?:[ap]m?)?|\d{1,2}[ap]\.?m\.?"
    r"|\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{0,4})?|\d{4}-\d\d-\d\dt\S+|\d{8}t\d+z?|\d+ ?[hmd]"
    r"|\d{1,2}h\d\d(?:m)?|[ap]\.?m\.?|o['’]?clock"
)
_ALWAYS: Final = """
today tomorrow tomorow tommorow tommorrow tmrw tmr tonight tonite yesterday every each everyday
daily hourly nightly weekly biweekly bi-weekly fortnightly monthly bimonthly quarterly yearly
annually weekdays weekends weekend workdays eod eow eom utc gmt until till noonish christmas
sometime soon asap
"""
_PERHAPS: Final = """
on at by in of for from the this next coming last past half quarter quarters other a an and or now
ago later time starting beginning ending end start around about before after through due except but
not all single weekday workday business working once twice times early late to same new year's eve
pst pdt est edt cst mst mdt cet cest bst ist et pt ct mt
"""
_STRONG: Final = frozenset(
    {*WEEKDAYS, *MONTHS, *PARTS} - {"sat", "sun", "may", "march", "mar", "lunch", "night"}
    | {f"{day}s" for day in WEEKDAYS if day.endswith("day")}
    | set(_ALWAYS.split())
)
"""Words that speak of time wherever they stand."""
_WEAK: Final = frozenset(
    {*WEEKDAYS, *MONTHS, *NUMBERS, *ORDINALS, *UNITS, *PARTS} | set(_PERHAPS.split())
)
"""Words that speak of time beside others that do."""
_HALF_STRONG: Final = frozenset({"month", "quarter", "past", "year's", "hour"})
"""Words that a time may be made of, and that mean nothing where none is."""
_CAPITALS = re.compile(r"[A-Z]{2,5}")
_WITH_DOT = re.compile(r"[ap]\.m\.|\d{1,2}\.\d{1,2}\.")
_UNIT_WORDS: Final = frozenset(UNITS)
_NUMBERED: Final = frozenset([*NUMBERS, "half", "few", "several", "next", "last", "this", "of"])
_OWNS: Final = frozenset({"the", "a", "an", "my", "our", "your", "his", "her", "their"})
_LINK: Final = frozenset(
    {
        "lunch",
        "on",
        "at",
        "by",
        "in",
        "for",
        "to",
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "about",
        "but",
    }
)
_BEFORE_HOURS: Final = frozenset({"at", "by", "around", "in"})
_TRIM = ",;:!?"
_NEXT = re.compile(r"(?:the )?next (?:week|month|year|quarter)", re.IGNORECASE)
"""What may as well be planned or looked at: `at 9 to plan next week`."""
_JOINT = re.compile(r"^[\s,:;-]+|[\s,:;-]+$")
_SPACE = re.compile(r"[ \t]+")
_QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a text, bare of its punctuation."""

    start: int
    end: int
    bare: str
    strong: bool
    known: bool
    ends: bool


def cut(text: str, understood: Callable[[str], bool]) -> Cut:
    """Cut `text`; of several times the one at an edge counts, then the longest.

    A day at one place and a time of day at another belong together: `tomorrow call Bob at 9`.
    """
    words = _words(text)
    spans, left = _spans(text, words, understood)
    if not spans:
        return Cut("", text.strip(), tuple(text[slice(*one)] for one in left))
    best = max(spans, key=lambda span: (_at_edge(text, span), span[1] - span[0]))
    found, taken = text[slice(*best)], [best]
    for span in spans:
        if span == best or _attributive(span, words):
            continue
        object_of = _NEXT.fullmatch(text[slice(*max(best, span))].strip())
        joined = (
            None
            if object_of
            else next(
                (
                    both
                    for both in (f"{found} {text[slice(*span)]}", f"{text[slice(*span)]} {found}")
                    if understood(both)
                ),
                None,
            )
        )
        if joined is not None and _at_edge(text, best) and _at_edge(text, span):
            found, taken = joined, [*taken, span]
        else:
            left.append(span)
    said = tuple(text[slice(*one)] for one in sorted(left))
    return Cut(found.strip(" ,;:"), _rest(text, taken), said)


def _words(text: str) -> list[_Word]:
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    found: list[_Word] = []
    loud = text.isupper()
    for match in _TOKEN.finditer(text):
        start = match.start()
        shown = match[0].strip("()\"'“”").rstrip(_TRIM)
        word = shown.lower()
        word = word if _WITH_DOT.fullmatch(word) else word.rstrip(".")
        if any(a <= start < b for a, b in quoted):
            word = ""
        before = found[-1].bare if found else ""
        digits = bool(_DIGITS.fullmatch(word))
        strong = digits or _is_strong(word, before)
        if not loud and _CAPITALS.fullmatch(shown) and before[:1].isdigit():
            strong = True  # an abbreviation behind a time: a zone, known or not
        known = strong or (word in _WEAK and before != "good") or word.isdecimal() or _is_zone(word)
        bare_end = start + len(match[0].rstrip(_TRIM if digits else _TRIM + "."))
        ends = match[0][-1:] in ".;:!?" and not digits
        found.append(_Word(start, bare_end, word, strong, known, ends))
    return _with_places(found)


def _is_strong(word: str, before: str) -> bool:
    """Return whether a word speaks of time, beside the one before it."""
    if word in _STRONG:
        return before != "good"  # `say good morning`
    if word in _UNIT_WORDS:
        return before in _NUMBERED or before.isdecimal()
    if word == "night":
        return before in _STRONG or before == "at"
    if word in {"may", "march", "mar"}:
        return bool(re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", before))
    return False


def _with_places(words: list[_Word]) -> list[_Word]:
    """Return words in which the place of `new york time` speaks of time too."""
    for at, word in enumerate(words):
        if word.bare != "time":
            continue
        for count in (3, 2, 1):
            named = words[max(0, at - count) : at]
            if len(named) == count and is_place(" ".join(one.bare for one in named)):
                for n in range(at - count, at + 1):
                    words[n] = replace(words[n], strong=True, known=True)
                break
    return words


def _is_zone(word: str) -> bool:
    if "-" in word and all(part in WEEKDAYS for part in word.split("-")):
        return True
    return bool(re.fullmatch(r"(?:utc|gmt)?[+-]\d{1,2}(?::?\d\d)?|[a-z]+/[a-z_]+", word))


def _spans(
    text: str, words: list[_Word], understood: Callable[[str], bool]
) -> tuple[list[Span], list[Span]]:
    """Return the times in a text, and the words of time that are part of none."""
    spans: list[Span] = []
    left: list[Span] = []
    for number, run in enumerate(_runs(words)):
        if number >= _MOST_RUNS:
            left += [(word.start, word.end) for word in run if word.strong]
        else:
            _in_run(text, run, understood, (spans, left))
    return spans, [span for span in left if not _attributive(span, words)]


def _runs(words: list[_Word]) -> list[list[_Word]]:
    runs: list[list[_Word]] = [[]]
    for word in words:
        if word.known:
            runs[-1].append(word)
        if not word.known or word.ends:
            runs.append([])
    return [run for run in runs if any(_speaks(word) or word.bare.isdecimal() for word in run)]


def _speaks(word: _Word) -> bool:
    return word.strong or word.bare in _HALF_STRONG


def _in_run(
    text: str,
    run: list[_Word],
    understood: Callable[[str], bool],
    into: tuple[list[Span], list[Span]],
) -> None:
    """Find the longest time of a run, then what is before and behind it."""
    spans, left = into
    for size in range(min(len(run), _MOST_WORDS), 0, -1):
        for at in range(len(run) - size + 1):
            part = run[at : at + size]
            if not _may_be(part, text):
                continue
            span = (part[0].start, part[-1].end)
            if understood(text[slice(*span)]):
                spans.append(span)
                for rest in (run[:at], run[at + size :]):
                    if any(word.strong for word in rest):
                        _in_run(text, rest, understood, into)
                    else:
                        left += [(w.start, w.end) for w in rest if w.bare not in _LINK]
                return
    left += [(word.start, word.end) for word in run if word.strong]


def _may_be(part: list[_Word], text: str) -> bool:
    """Return whether words can be a time in a sentence: no bare `morning`, no number alone."""
    if part[-1].bare in _LINK:
        return False
    speaks = any(_speaks(word) for word in part)
    speaks = speaks or (len(part) > 1 and any(word.bare in MONTHS for word in part))
    hour = part[0].bare in _BEFORE_HOURS and any(word.bare.isdecimal() for word in part)
    if not speaks and not hour:
        return False
    lone = part[0].bare in PARTS and part[0].bare not in {"tonight", "noon", "midday", "midnight"}
    return not lone or not text[: part[0].start].strip()


def _attributive(span: Span, words: list[_Word]) -> bool:
    """Return whether words of time only say which thing is meant: `the Monday report`."""
    inside = [n for n, word in enumerate(words) if span[0] <= word.start < span[1]]
    if not inside:
        return False
    first, last = inside[0], inside[-1]
    if words[first].bare in _OWNS and len(inside) > 1:
        owner = True
    else:
        before = first - 1
        while before > 0 and (words[before].bare.isdecimal() or words[before].bare in NUMBERS):
            if words[before].bare in _OWNS:
                break
            before -= 1
        owner = before >= 0 and words[before].bare in _OWNS
        owner = owner and not any(words[n].bare in {"every", "until", "till"} for n in inside)
    behind = last + 1 < len(words) and not words[last].ends and not words[last + 1].known
    return owner and behind and len(inside) <= 3  # noqa: PLR2004 - `a 30 minute call`


def _at_edge(text: str, span: Span) -> bool:
    return not text[: span[0]].strip(" ,") or not text[span[1] :].strip(" ,.!?")


def _rest(text: str, taken: list[Span]) -> str:
    for start, end in sorted(taken, reverse=True):
        before, after = _JOINT.sub("", text[:start]), _JOINT.sub("", text[end:])
        text = f"{before} {after}".strip()
    return _SPACE.sub(" ", text)
