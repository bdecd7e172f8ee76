"""What chat clients, terminals and readers of files make a link of, whether or not it is marked.

Clients link far more than `https://`: schemes of other programs, `www.`, `//host`, bare domains
with a path, addresses of mail, mentions. Each is found as the text looks once it is shown.
Every pattern is linear: a token is entered at its beginning only, and repeats are bounded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.domain.folding import Folded, folded

LinkKind = Literal["web", "scheme", "place", "host", "mail", "mention"]
EXPLICIT: frozenset[LinkKind] = frozenset({"web", "scheme", "place"})
"""Kinds that name a place to go to; the others are names that a client may link."""

RUN = r"[^\s<>\"'`{}|\\^\[\]“”‘’«»]"
_TAIL = ".,;:!?…*_"
# Programs that clients start from a link without `//`.
_SCHEMES = (
    "https?|ftp|file|data|blob|about|javascript|vbscript|view-source|mailto|tel|callto|sms|mms"
    "|facetime(?:-audio)?|sips?|xmpp|skype|whatsapp|signal|sgnl|viber|tg|ton|tonsite|slack"
    "|discord|msteams|zoommtg|intent|market|itms(?:-apps|-services)?|magnet|bitcoin|ethereum"
    "|geo|maps|webcal|vscode(?:-insiders)?|ms-[a-z]{2,20}|search-ms|shortcuts|x-[a-z-]{2,30}"
    "|chrome|edge|jar|ssh|git|ldaps?|urn|cid|mid|news|ircs?|upi|lightning|obsidian|notion"
)
# Endings of files that are no top-level domain, so that no client links them.
_FILES = (
    "txt|pdf|csv|tsv|json|jsonl|ya?ml|toml|xml|html?|css|jsx?|tsx?|docx?|xlsx?|pptx?|odt|ods|rtf"
    "|epub|eml|ics|vcf|png|jpe?g|gif|svg|webp|heic|mp3|mp4|wav|ogg|log|ini|cfg|conf|lock|sql"
    "|sqlite|db|bak|tmp|exe|dll|gz|tar|tgz|cpp|hpp|ipynb"
)
_TOP = rf"(?:xn--[a-z0-9-]{{1,59}}|(?!(?:{_FILES})(?![\w-]))[^\W\d_]{{2,63}})(?![^\W_]|://)"
_NUMBERS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![^\W_])"
_HOST = rf"(?:(?:\w[\w-]{{0,62}}\.)+{_TOP}|{_NUMBERS})"
_FOUND = re.compile(
    rf"(?P<web>https?://{RUN}+)"
    rf"|(?P<scheme>[a-z][a-z0-9+.-]{{0,30}}://{RUN}*|(?<![\w.+-])(?:{_SCHEMES}):(?=[^\s:]){RUN}*)"
    # Entered once for each run of labels: where no word, and no word and dot, stands before.
    rf"|(?:(?P<lead>//|\\\\)|(?<!\w)(?<!\w\.))"
    rf"(?:(?P<www>www\.{RUN}+)|(?P<user>[\w.%+-]{{1,64}}@)?{_HOST}\.?(?::[0-9]{{1,5}})?"
    rf"(?P<tail>(?:[/\\]|[?#](?=[\w%])){RUN}*)?)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"(?<![\w@])@[A-Za-z]\w{2,63}|(?<![\w&#])#\w{0,60}[^\W\d_]\w{0,60}|(?<![\w$])\$[A-Z]{1,8}(?!\w)"
    r"|(?<![\w+])\+[0-9][0-9 ()./-]{5,18}[0-9]"
)
"""What has no address: names, topics, papers, and numbers of telephones."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something that may be linked: where it stands in the text, and how it reads there."""

    start: int
    end: int
    kind: LinkKind
    shown: str
    glued: bool = False
    """Whether more follows without a space, which some clients take into the link."""


def links(text: str) -> Iterator[Link]:
    """Yield what may be linked in a text, without the punctuation around it.

    Links come in order; mentions, which may be a part of one, come after them.
    """
    seen = folded(text)
    for match in _FOUND.finditer(seen.text):
        kind: LinkKind = _kind(match)
        shown = trimmed(match[0])
        if shown:
            yield _link(seen, match.start(), shown, kind)
    for match in _MENTION.finditer(seen.text):
        yield _link(seen, match.start(), match[0], "mention")
    if seen.starts is not None:  # clients differ in what they take for a part of a word
        for match in _MENTION.finditer(text):
            yield Link(*match.span(), "mention", match[0])


def trimmed(found: str) -> str:
    """Return an address without the punctuation of the sentence it stands in."""
    end, spare = len(found), found.count(")") - found.count("(")
    while end and (found[end - 1] in _TAIL or (found[end - 1] == ")" and spare > 0)):
        spare -= found[end - 1] == ")"
        end -= 1
    return found[:end]


def written_out(shown: str) -> str:
    """Return a link as text that no client links: what makes it one stands in brackets.

    It stays readable, and there is nothing left in it to be written out again.
    """
    return _JOINTS.sub(r"[\g<0>]", shown)


_JOINTS = re.compile("[.:@#$+]")
_GLUED = re.compile(r"[^\s<>\"“”«»\w]*\w")


def _link(seen: Folded, at: int, shown: str, kind: LinkKind) -> Link:
    start, end = seen.span(at, at + len(shown))
    glued = _GLUED.match(seen.text, at + len(shown)) is not None
    return Link(start, end, kind, shown, glued=glued)


def _kind(match: re.Match[str]) -> LinkKind:
    if match["web"]:
        return "web"
    if match["scheme"]:
        return "scheme"
    if match["www"] or match["lead"] or match["tail"]:
        return "place"
    return "mail" if match["user"] else "host"
