"""Telegram's HTML parse mode, with its own complaints."""

import re
from html import unescape
from typing import Any, NamedTuple

from tests.servers.telegram.units import ParseError, units

KINDS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
TOKEN = re.compile(r"<(/?)([^\s>]*)([^>]*)(>?)|&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")


class Open(NamedTuple):
    """A tag that is not closed yet."""

    name: str
    attributes: dict[str, str]
    offset: int
    place: int


class Parser:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._text = ""
        self._open: list[Open] = []
        self._entities: list[dict[str, Any]] = []

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        """Return the text without its tags, and the entities."""
        at = 0
        for match in TOKEN.finditer(self._source):
            self._text += self._source[at : match.start()]
            at = match.end()
            if match.group().startswith("&"):
                self._text += unescape(match.group())
            elif match.group(1):
                self._close(match)
            else:
                self._start(match)
        self._text += self._source[at:]
        if self._open:
            name = self._open[-1].name
            raise ParseError(f'Can\'t find end tag corresponding to start tag "{name}"')
        return self._text, self._entities

    def _byte(self, match: re.Match[str]) -> int:
        return len(self._source[: match.start()].encode())

    def _start(self, match: re.Match[str]) -> None:
        name, at = match.group(2).lower(), self._byte(match)
        if not match.group(4):
            raise ParseError(f"Unclosed start tag at byte offset {at}")
        if name not in KINDS:
            raise ParseError(f'Unsupported start tag "{name}" at byte offset {at}')
        found = ATTRIBUTE.finditer(match.group(3))
        attributes = {
            one.group(1): unescape(one.group(2) or one.group(3) or one.group(4) or "")
            for one in found
        }
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self._open.append(Open(name, attributes, units(self._text), len(self._text)))

    def _close(self, match: re.Match[str]) -> None:
        name, at = match.group(2).lower(), self._byte(match)
        if not self._open:
            raise ParseError(f"Unexpected end tag at byte offset {at}")
        if not match.group(4):
            raise ParseError(f"Unclosed end tag at byte offset {at}")
        last = self._open.pop()
        if name and name != last.name:
            raise ParseError(
                f'Unmatched end tag at byte offset {at}, expected "</{last.name}>", '
                f'found "</{name}>"'
            )
        length = units(self._text) - last.offset
        if length:
            self._add(last, length)

    def _add(self, tag: Open, length: int) -> None:
        made: dict[str, Any] = {
            "type": KINDS[tag.name],
            "offset": tag.offset,
            "length": length,
        }
        if tag.name == "a":
            made["url"] = tag.attributes.get("href") or self._text[tag.place :]
        elif tag.name == "tg-emoji":
            made["custom_emoji_id"] = tag.attributes.get("emoji-id", "")
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            made["type"] = "expandable_blockquote"
        elif tag.name == "code" and self._open and self._open[-1].name == "pre":
            language = tag.attributes.get("class", "")
            self._entities.append({**made, "language": language.removeprefix("language-")})
            return
        elif tag.name == "pre":
            self._take_language(made)
        self._entities.append(made)

    def _take_language(self, made: dict[str, Any]) -> None:
        """Melt the code inside a pre into it."""
        for one in [one for one in self._entities if "language" in one and one["type"] == "code"]:
            self._entities.remove(one)
            if one["language"] and one["length"] == made["length"]:
                made["language"] = one["language"]


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text and the entities, in the order they were closed."""
    return Parser(text).run()
