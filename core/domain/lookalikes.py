"""What makes a value look like another one: letters of other scripts, marks, hidden characters.

An owner reads an address on a small screen. What a reader cannot see in it is said in words, and a
domain outside ASCII is written as the network knows it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_LIKE_LATIN = frozenset(
    {
        "ARMENIAN",
        "CHEROKEE",
        "COPTIC",
        "CYRILLIC",
        "FULLWIDTH",
        "GREEK",
        "LISU",
        "MATHEMATICAL",
        "MODIFIER",
    }
)
"""First words of the names of characters that can be taken for Latin letters."""
_WORD = re.compile(r"[^\W\d_]+")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")  # what IDNA takes for a full stop
_MAILBOX = re.compile(r"(?P<local>[^\s<>,;()\"@]+)@(?P<host>[^\s<>,;()\"@/?#]+)")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<authority>[^/?#\s\\]*)")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SEEN = frozenset("\n\t")


def punycode(host: str) -> str:
    """Return a host as the network knows it: every label outside ASCII begins with `xn--`."""
    return ".".join(map(_label, _DOTS.split(host)))


def _label(label: str) -> str:
    plain = unicodedata.normalize("NFKC", label).lower()
    return plain if plain.isascii() else f"xn--{plain.encode('punycode').decode('ascii')}"


def suspicions(text: str) -> tuple[str, ...]:
    """Return a sentence for each thing by which `text` may not be what it looks like."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return tuple(_before_host(text))
    found = [*_hosts(text), *_before_host(text), *_locals(text), *_mixed(text)]
    return tuple(dict.fromkeys([*found, *_marks(text), *_hidden(text)]))


def _hosts(text: str) -> Iterator[str]:
    """Name each host that is not plain ASCII as the network knows it."""
    authorities = (match["authority"] for match in _AUTHORITY.finditer(text))
    hosts = [authority.rpartition("@")[2].partition(":")[0] for authority in authorities]
    hosts += [match["host"] for match in _MAILBOX.finditer(text)]
    for host in hosts:
        if not host.isascii():
            yield f"The domain {host} is not in plain Latin letters: it is {punycode(host)}."


def _before_host(text: str) -> Iterator[str]:
    """Say where an address with a name before its host really leads."""
    for match in _AUTHORITY.finditer(text):
        name, at, host = match["authority"].rpartition("@")
        if at and "." in name:
            yield f"The address leads to {punycode(host)}: what stands before the @ is no host."


def _locals(text: str) -> Iterator[str]:
    for match in _MAILBOX.finditer(text):
        if strange := _named(char for char in match["local"] if not char.isascii()):
            yield f"The name before the @ of {match[0]} holds {strange}."


def _mixed(text: str) -> Iterator[str]:
    """Name the letters of other scripts that stand in a word beside Latin ones."""
    for word in _WORD.findall(text):
        scripts = {char: unicodedata.name(char, "?").partition(" ")[0] for char in word}
        strange = [char for char, script in scripts.items() if script in _LIKE_LATIN]
        if strange and "LATIN" in scripts.values():
            yield f"The word {word} mixes scripts: it holds {_named(strange)}."


def _marks(text: str) -> Iterator[str]:
    marks = [char for char in text if unicodedata.combining(char)]
    if marks:
        yield f"Letters in it carry marks: {_named(marks)}."


def _hidden(text: str) -> Iterator[str]:
    hidden = [
        char
        for char in text
        if char not in _SEEN
        and (unicodedata.category(char) in _HIDDEN or char in _BLANK or _VARIANTS.fullmatch(char))
    ]
    if hidden:
        codes = ", ".join(dict.fromkeys(f"U+{ord(char):04X}" for char in hidden))
        yield f"It holds characters that cannot be seen: {codes}."


def _named(chars: Iterable[str]) -> str:
    """Return characters with their numbers and names, each once."""
    return ", ".join(
        f"{char} (U+{ord(char):04X} {unicodedata.name(char, 'without a name')})"
        for char in dict.fromkeys(chars)
    )
