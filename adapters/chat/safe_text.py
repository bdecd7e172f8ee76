"""Text from anywhere made harmless to show, with what was hidden in it made visible.

Terminals obey control characters, every screen obeys bidirectional overrides (`gpj.exe` can be made
to read `exe.jpg`), and invisible characters let two different addresses look the same. Nothing is
dropped silently: what cannot be shown is named in place, so that the owner sees that it is there.
The ranges are the categories Cc, Cf, Cs, Zl and Zp of Unicode 16 without those that Arabic draws,
and the characters without a glyph that the standard calls default ignorable.
"""

import re

_TAB = "    "
MOST_MARKS = 6
"""How many combining marks one character may carry; more of them run over the lines around it."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f{_INVISIBLE}\ud800-\udfff]")
# Joiners belong between letters of some scripts and inside emoji, never next to ASCII or a space.
_JOINER = re.compile(
    "(?<![^\\x00-\\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\\x00-\\x7f])"
)
_MARKS = re.compile(
    f"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
    f"{{{MOST_MARKS}}})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_FIRST_PICTURE = 0x2400
_DELETE = 0x7F
_SPACE = 0x20


def safe_text(text: str) -> str:
    """Return `text` with nothing in it that a screen obeys or hides; line feeds stay.

    A control character becomes its picture (`␛`), anything else invisible its number (`‹U+202E›`),
    a tab four spaces. The result is its own safe text.
    """
    text = text.replace("\r\n", "\n")
    text = _HIDDEN.sub(_named, text)
    text = _JOINER.sub(_named, text)
    return _MARKS.sub(r"\1‹…›", text)


def safe_line(text: str, most: int = 200) -> str:
    """Return the safe form of `text` on one line, at most about `most` characters of it."""
    return clip(" ".join(safe_text(text).split()), most)


def clip(text: str, most: int) -> str:
    """Return `text`, or its beginning and how long it really is."""
    if len(text) <= most:
        return text
    return f"{text[:most]} … ({len(text):,} characters)"


def _named(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\t":
        return _TAB
    if code < _SPACE:
        return chr(_FIRST_PICTURE + code)
    if code == _DELETE:
        return "␡"
    return f"‹U+{code:04X}›"
