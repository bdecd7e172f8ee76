"""Cuts the words of a time out of a sentence: `call Bob on friday at 9am` → `on friday at 9am`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from adapters.when.clock_times import PARTS
from adapters.when.deltas import DELTA
from adapters.when.repeats import ADVERB, EVERY, take_repeat
from adapters.when.vocabulary import MONTH, NUMBER, WEEKDAY, any_of, tidy


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence in two: the words of a time and the rest; `repeat` is an RRULE value."""

    words: str
    rest: str
    repeat: str | None = None


_CLOCK: Final = (
    rf"(?:(?:at|by|around|about|@) ?)?(?:\d{{1,2}}[:h]\d{{2}}(?: ?[ap]\.?m\.?)?(?![\w:])"
    rf"|\d{{1,2}} ?[ap]\.?m\b\.?"
    rf"|(?:half past|quarter past|quarter to) {NUMBER}\b|noon\b|midday\b|midnight\b"
    rf"|\d{{1,2}} o['’]?clock\b)"
    rf"|(?:\b(?:at|by|around) |@ ?)\d{{1,2}}(?:\.\d\d)?(?![\w:./-])"
)
_PART: Final = rf"(?:in the |this |at )?(?:{any_of(dict.fromkeys(PARTS, 0))})\b"
_LEAD: Final = (
    r"(?:(?:on|by|before|until|till|from|due|for|starting) (?:the )?)?(?:this |next |coming )?"
)
_SPAN: Final = rf"{NUMBER} (?:days?|weeks?|fortnights?|months?|years?)\b"
_ISO: Final = r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
_TH: Final = "(?:st|nd|rd|th)"
_DATE: Final = (
    rf"\d{{1,2}}{_TH}? (?:of )?{MONTH}\b(?:,? \d{{4}})?"
    rf"|{MONTH}\b\.? \d{{1,2}}{_TH}?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}{_TH}\b(?: of (?:this|next) month)?|\d{{1,2}}\.\d{{1,2}}\.(?:\d{{4}})?"
)
_END: Final = (
    r"(?:by |at |before )?(?:the )?end of (?:the |this |next )?(?:day|week|month|year)"
    r"|(?:by )?eo[dwm]"
)
_DAY: Final = (
    r"(?:"
    rf"{_LEAD}(?:today|tomorrow|tomm?orr?ow|tmrw|tmr|(?:the )?day after tomorrow|weekend"
    rf"|{WEEKDAY}s?(?: next week)?|{_ISO}|{_DATE})"
    rf"|{_END}|next (?:week|month|year)|in {_SPAN}(?: time)?|{_SPAN} from now)\b"
)
_TONIGHT: Final = (
    rf"(?:(?:later )?tonight|tonite|this (?:morning|afternoon|evening))(?:,? (?:{_CLOCK}))?"
)
_DATED: Final = rf"{_DAY}(?:,? (?:{_PART}))?(?:,? (?:{_CLOCK}))?(?:,? {_PART})?"
_CLOCK_DAY: Final = rf"(?:{_CLOCK})(?:,? {_PART})?,? {_DAY}"
_CLOCKED: Final = rf"(?:{_CLOCK})(?:,? {_PART})?"
_REPEATED: Final = (
    rf"(?:(?:{_CLOCK}) )?(?:{re.sub(r'[?]P<[a-z]+>', '?:', EVERY)}|\b(?:{ADVERB})\b)"
    rf"(?:,? {_PART})?(?:,? (?:{_DAY}))?(?:,? (?:{_CLOCK}))?"
)
_PHRASES: Final = tuple(
    re.compile(rf"(?<![\w/@.-])(?:{phrase})", re.IGNORECASE)
    for phrase in (_REPEATED, DELTA, _TONIGHT, _CLOCK_DAY, _DATED, _CLOCKED, _PART)
)
_CLOCK_ONLY = re.compile(rf"(?:{_CLOCK})", re.IGNORECASE)
_JOINT = re.compile(r"^[\s,:;-]+|[\s,:;-]+$")
_SPACE = re.compile(r"[ \t]+")

Span = tuple[int, int]


def cut(text: str, understood: Callable[[str], bool]) -> Cut:
    """Cut `text`; of several times the one at an edge counts, then the longest.

    A day at one place and a time of day at another belong together: `tomorrow call Bob at 9`.
    """
    spans = _spans(text, understood)
    if not spans:
        return Cut("", text.strip())
    best = max(spans, key=lambda span: (_at_edge(text, span), span[1] - span[0]))
    words, taken = text[slice(*best)], [best]
    for span in spans:
        joined = f"{words} {text[slice(*span)]}"
        if span != best and _completes(text, best, span) and understood(joined):
            words, taken = joined, [best, span]
            break
    found = take_repeat(tidy(words))
    return Cut(words.strip(), _rest(text, taken), found.rule if found else None)


def _spans(text: str, understood: Callable[[str], bool]) -> list[Span]:
    taken: list[Span] = []
    for pattern in _PHRASES:
        for match in pattern.finditer(text):
            start, end = match.span()
            free = all(end <= a or start >= b for a, b in taken)
            if free and understood(match[0].strip()):
                taken.append((start, end))
    return taken


def _at_edge(text: str, span: Span) -> bool:
    return not text[: span[0]].strip(" ,") or not text[span[1] :].strip(" ,.!?")


def _completes(text: str, best: Span, other: Span) -> bool:
    """Return whether one of the two is a day and the other a time of day, one at each edge."""
    if not (_at_edge(text, best) and _at_edge(text, other)):
        return False
    return bool(_CLOCK_ONLY.fullmatch(text[slice(*best)].strip())) != bool(
        _CLOCK_ONLY.fullmatch(text[slice(*other)].strip())
    )


def _rest(text: str, taken: list[Span]) -> str:
    for start, end in sorted(taken, reverse=True):
        before, after = _JOINT.sub("", text[:start]), _JOINT.sub("", text[end:])
        text = f"{before} {after}".strip()
    return _SPACE.sub(" ", text)
