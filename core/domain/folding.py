"""Text as a reader or a client takes it, with the way back to where each character came from.

An address may be spelt with full-width letters, with characters nobody sees between them, with
HTML entities, or with the marks of markdown, and is one all the same once it is shown.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Variation selectors, the grapheme joiner and the fillers have a glyph category but no glyph.
_FILLERS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_DOTS = dict.fromkeys("。｡．․", ".")
_OTHER = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"  # HTML
    r"|\\[!-/:-@\[-`{-~]"  # what markdown and JSON escape
    r"|[*~`]"  # emphasis and code, which are not shown
    r"|[^\x20-\x7e\n\r\t]"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `starts` and `ends` say where each of its characters stood, None: there."""

    text: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original for a span of the folded text that is not empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def folded(text: str) -> Folded:
    """Return the text in compatibility form, without what is hidden, escaped or mere markup."""
    if _OTHER.search(text) is None:
        return Folded(text)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for match in _OTHER.finditer(text):
        start, end = match.span()
        shown = _shown(match[0])
        parts += (text[at:start], shown)
        starts += (*range(at, start), *([start] * len(shown)))
        ends += (*range(at + 1, start + 1), *([end] * len(shown)))
        at = end
    parts.append(text[at:])
    starts += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return Folded("".join(parts), starts, ends)


def _shown(part: str) -> str:
    """Return what is seen of one character, escape or entity."""
    if part in {"*", "~", "`"}:
        return ""
    if part[0] == "&":
        decoded = html.unescape(part)
        return decoded if decoded == part else "".join(map(_shown, decoded))
    if part[0] == "\\":
        return part[1:]
    if part.isascii() and part.isprintable():
        return part
    if unicodedata.category(part) in _HIDDEN or _FILLERS.match(part):
        return ""
    return _DOTS.get(part) or unicodedata.normalize("NFKC", part)
