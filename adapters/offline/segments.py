"""Several requests in one message: cut where the next one clearly begins."""

import re
from dataclasses import dataclass
from typing import Final

_LINK: Final = re.compile(
    r"(?P<hard>\s*;\s*|\s*\n+\s*(?:[-*•]\s+|\d+[.)]\s+)?|[.!?]\s+|,?\s+(?:and "
    r")?then\s+(?:also\s+)?|,?\s+and also\s+|,?\s+also\s+)"
    r"|(?P<soft>,?\s+and\s+|,\s+)",
    re.IGNORECASE,
)
_POLITE: Final = r"(?:(?:please|also|then|and|can you|could you)[\s,]+)*"
STRONG: Final = re.compile(
    rf"{_POLITE}(?:remind me\b|set (?:a|another) reminder\b|(?:add|create|make) (?:a "
    rf"|another )?(?:new )?(?:task|to-?do)\b"
    r"|(?:to-?do|task|note|remember)\s*:|remember that\b|note that\b|make a note\b|take a "
    r"note\b|add a note\b|note down\b)",
    re.IGNORECASE,
)
_OPENER: Final = re.compile(
    rf"{STRONG.pattern}|{_POLITE}(?:remember|note|jot|write|add|put|create|list|show"
    rf"|e-?mail|mail|send|draft|get http|fetch"
    r"|cancel|delete the reminder|mark|done with|finished|complete|tick off|what|who|when"
    r"|where|which|how|tell me|i need to"
    r"|i have to|i must|my \w+ is|don['’]?t (?:let me )?forget|save|ping me|nudge me|wake me)\b",
    re.IGNORECASE,
)
_LONG: Final = re.compile(
    r"(?:please |can you |could you )*(?:(?:send|write|draft|prepare|shoot"
    r"|compose)\b[^\n]*?\be?-?mail\b|e-?mail\b|mail\b"
    r"|(?:write|create|save|make)\b[^\n]*?\.\w{1,8}\b)",
    re.IGNORECASE,
)
_OPEN_LINE: Final = re.compile(r":[ \t]*\n")
_BODY: Final = re.compile(r"\bbody\s*:", re.IGNORECASE)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”")


@dataclass(frozen=True, slots=True)
class Segment:
    """One request; `after` says that it waits for the one before."""

    text: str
    after: bool = False


def segments(text: str) -> list[Segment]:
    """Return the requests of a message in order.

    A text that belongs to a mail or a file goes on over lines and sentences: only a request that
    cannot be part of it ends it, and nothing ends one that begins on a line of its own. After
    a line that ends with a colon nothing begins: what follows may have been pasted from outside.
    """
    found: list[Segment] = []
    start, after = 0, False
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for link in _LINK.finditer(text):
        inside = any(a <= link.start() < b for a, b in quoted)
        if inside or not _begins(text[start : link.start()], text[link.end() :], link):
            continue
        found.append(Segment(_ended(text[start : link.start()], link), after))
        start, after = link.end(), "then" in link[0].lower()
    found.append(Segment(text[start:].strip(), after))
    return [segment for segment in found if segment.text]


_NO_END: Final = re.compile(
    r"\b(?:dr|mr|mrs|ms|st|prof|no|nr|vs|inc|ltd|e\.g|i\.e|\w)$", re.IGNORECASE
)
_CALL: Final = re.compile(
    r"(?:hi|hello|hey|ok|okay|yo|please)?[\s,]*(?:equerry|there)?[\s,!.]*", re.IGNORECASE
)


def _begins(before: str, rest: str, link: re.Match[str]) -> bool:
    if _CALL.fullmatch(before.strip()) or _OPEN_LINE.search(before + link[0]):
        return False
    if link[0].startswith(".") and _NO_END.search(before[-8:]):
        return False
    if _LONG.match(before.lstrip()):
        if _BODY.search(before) or link["soft"]:
            return False
        return bool(STRONG.match(rest))
    return bool((STRONG if link["soft"] else _OPENER).match(rest))


def _ended(text: str, link: re.Match[str]) -> str:
    """Keep the mark that ends a sentence: a question is known by it."""
    mark = link[0].strip()
    return f"{text.strip()}{mark if mark in {'.', '!', '?'} else ''}"
