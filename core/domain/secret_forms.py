"""The forms that a known secret is looked for in, beside how it is written.

A model or a page can spell a secret so that a search for it finds nothing: in hex or base64, letter
by letter, backwards, in capitals, with characters between that nobody sees. Most of these are one
after *folding*: compatibility letters, lower case, and of those only letters and digits. What is
left, an encoding or the other direction, is a short list of strings to look for in the folded text,
so that a long text is folded once and searched in linear time.
"""

import base64
import codecs
import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

SHORTEST = 4
"""Secrets below this many characters are not looked for: they would hit ordinary words."""
SHORTEST_MIXED, SHORTEST_LETTERS, SHORTEST_DIGITS = 6, 12, 10
"""From how many letters and digits on a secret is looked for across spaces and signs.

With both among them chance spells none. Letters alone must be more than a word or two of ordinary
text run together, digits alone more than a date, a time or a row of small numbers.
"""
SHORTEST_CODE = 10
"""Letters and digits that an encoded form has at least: ten of hex are five bytes."""
_JOINTS = (
    " ",
    "-",
    ".",
    "_",
    "\n",
    ", ",
    "/",
    "*",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
)
_DROPPED = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return the letters and digits of a text alone, in lower case and compatibility form."""
    if text.isascii():
        return _DROPPED.sub("", text.lower())
    return _DROPPED.sub("", unicodedata.normalize("NFKD", text).casefold())


def places(text: str) -> list[int]:
    """Return where in a text each character of its folded form stands."""
    return [at for at, char in enumerate(text) for _ in fold(char)]


def literal_forms(secret: str) -> Iterator[str]:
    """Yield what is looked for as it stands: the secret inside JSON and in a URL, and in capitals.

    A secret too short to be looked for folded is also spelt out, with one sign between its letters.
    """
    if len(secret) < SHORTEST:
        return
    yield secret
    for escaped in (json.dumps(secret), json.dumps(secret, ensure_ascii=False)):
        yield escaped[1:-1]
    yield html.escape(secret)
    raw = secret.encode("utf-8", "surrogatepass")
    for encoded in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    for offset in range(3):
        yield from _base64_literal(raw, offset)
    if len(secret) >= SHORTEST_MIXED:
        yield from (secret.upper(), secret.lower())
        yield from (joint.join(secret) for joint in _JOINTS)
        if not secret.isdigit():
            yield secret[::-1]


def folded_forms(secret: str) -> Iterator[str]:
    """Yield what is looked for in folded text: the secret, backwards, turned by 13, and encoded."""
    if len(secret) < SHORTEST:
        return
    plain = fold(secret)
    if _is_telling(plain):
        yield from (plain, plain[::-1])
        if any(char.isalpha() for char in plain):
            yield fold(codecs.encode(secret, "rot13"))
    yield from (code for code in _codes(secret) if len(code) >= SHORTEST_CODE)


def _is_telling(plain: str) -> bool:
    """Return whether a folded secret is too much of one to be found in ordinary text by chance."""
    letters = sum(not char.isdigit() for char in plain)
    if letters == len(plain):
        return len(plain) >= SHORTEST_LETTERS
    if not letters:
        return len(plain) >= SHORTEST_DIGITS
    return len(plain) >= SHORTEST_MIXED


def _codes(secret: str) -> Iterator[str]:
    """Yield the folded forms of encodings: of bytes, and of characters by their numbers."""
    raw = secret.encode("utf-8", "surrogatepass")
    for data in (raw, raw[::-1]):
        yield from (data.hex(), "x".join(["", *(f"{byte:02x}" for byte in data)]))
        yield "".join(f"0x{byte:02x}" for byte in data)
        yield "".join(str(byte) for byte in data)
        yield "".join(f"{byte:08b}" for byte in data)
        yield fold(base64.b32encode(data).decode())
        for offset in range(3):
            yield from map(fold, _base64(data, offset))
    yield "".join(f"u{ord(char):04x}" for char in secret)
    yield "".join(f"x{ord(char):x}" for char in secret)
    yield fold("".join(f"%{byte:02X}" if chr(byte) in _RESERVED else chr(byte) for byte in raw))
    yield fold(html.escape(secret))
    whole = base64.b64encode(raw)
    yield from (fold(base64.b64encode(whole).decode()), whole.hex())


_RESERVED = frozenset(" !\"#$%&'()*+,/:;<=>?@[\\]^`{|}")


def _base64(raw: bytes, offset: int) -> Iterator[str]:
    """Yield the base64 characters that `raw` alone decides, `offset` bytes into a triple."""
    first = (offset * 8 + 5) // 6
    last = (offset + len(raw)) * 8 // 6
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(bytes(offset) + raw).decode()[first:last]


def _base64_literal(raw: bytes, offset: int) -> Iterator[str]:
    """Yield the same as it stands, and whole, so that nothing of it is left where it is alone."""
    for found in _base64(raw, offset):
        if len(found) >= SHORTEST_BASE64:
            yield found
    if offset == 0 and len(raw) * 8 // 6 >= SHORTEST_BASE64:
        yield from (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode())


SHORTEST_BASE64 = 8


class FoldedSearch:
    """Finds strings of letters and digits in text, whatever stands between and around those."""

    def __init__(self, forms: Iterable[str]) -> None:
        """Take the folded forms."""
        self._forms = sorted(set(forms), key=len, reverse=True)
        self._shortest = min(map(len, self._forms), default=0)

    def is_in(self, seen: str) -> bool:
        """Return whether one of the forms stands in a folded text."""
        return any(form in seen for form in self._forms)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in a text one of the forms stands, in order and apart from each other."""
        if not self._forms or len(text) < self._shortest:
            return []
        seen = fold(text)
        found = [span for form in self._forms if form in seen for span in _all(form, seen)]
        if not found:
            return []
        at = places(text)
        result: list[tuple[int, int]] = []
        for first, last in sorted((at[start], at[end - 1] + 1) for start, end in found):
            if result and first < result[-1][1]:
                result[-1] = result[-1][0], max(last, result[-1][1])
            else:
                result.append((first, last))
        return result


def _all(form: str, seen: str) -> Iterator[tuple[int, int]]:
    at = seen.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = seen.find(form, at + len(form))
