"""Telegram's MarkdownV2 parse mode, with its own complaints: emphasis, code, links, quotes."""

from typing import Any, NamedTuple

from tests.servers.telegram.units import ParseError, units

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = {
    "||": ("spoiler", "Spoiler"),
    "__": ("underline", "Underline"),
    "*": ("bold", "Bold"),
    "_": ("italic", "Italic"),
    "~": ("strikethrough", "Strikethrough"),
    "[": ("text_link", "TextUrl"),
}
LAST_ASCII = 126


class Open(NamedTuple):
    """A mark that is not closed yet."""

    mark: str
    offset: int
    at: int


class Parser:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._at = 0
        self._text = ""
        self._open: list[Open] = []
        self._quote: int | None = None
        self._entities: list[dict[str, Any]] = []

    def run(self) -> tuple[str, list[dict[str, Any]]]:
        """Return the text without its marks, and the entities."""
        while self._at < len(self._source):
            self._quotes()
            if self._at < len(self._source):
                self._step()
        if self._quote is not None:
            self._add("blockquote", self._quote)
        if self._open:
            raise self._unclosed(self._open[-1])
        return self._text, self._entities

    def _byte(self, at: int) -> int:
        return len(self._source[:at].encode())

    def _unclosed(self, mark: Open) -> ParseError:
        name = MARKS[mark.mark][1]
        return ParseError(f"Can't find end of {name} entity at byte offset {self._byte(mark.at)}")

    def _add(self, kind: str, offset: int, **more: str) -> None:
        length = units(self._text) - offset
        if length:
            self._entities.append({"type": kind, "offset": offset, "length": length, **more})

    def _quotes(self) -> None:
        """Begin a quote at a line that starts with `>`, end it at one that does not."""
        if self._text and not self._text.endswith("\n"):
            return
        starts = self._source[self._at] == ">"
        if starts:
            self._at += 1
            self._quote = units(self._text) if self._quote is None else self._quote
        elif self._quote is not None:
            self._add("blockquote", self._quote)
            self._quote = None

    def _step(self) -> None:
        rest = self._source[self._at :]
        here = rest[0]
        if here == "\\" and len(rest) > 1 and 0 < ord(rest[1]) <= LAST_ASCII:
            self._text += rest[1]
            self._at += 2
        elif here == "`":
            self._code("```" if rest.startswith("```") else "`")
        elif here == "]" and self._open and self._open[-1].mark == "[":
            self._link()
        elif mark := next((one for one in MARKS if rest.startswith(one)), None):
            self._mark(mark)
        elif here in RESERVED:
            raise ParseError(
                f"Character '{here}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self._text += here
            self._at += 1

    def _mark(self, mark: str) -> None:
        if mark != "[" and self._open and self._open[-1].mark == mark:
            self._add(MARKS[mark][0], self._open.pop().offset)
        else:
            self._open.append(Open(mark, units(self._text), self._at))
        self._at += len(mark)

    def _code(self, fence: str) -> None:
        name = "Pre" if fence == "```" else "Code"
        start = self._at
        end = start + len(fence)
        body: list[str] = []
        while not self._source.startswith(fence, end):
            if end >= len(self._source):
                raise ParseError(
                    f"Can't find end of {name} entity at byte offset {self._byte(start)}"
                )
            end += self._source[end] == "\\" and end + 1 < len(self._source)
            body.append(self._source[end])
            end += 1
        offset = units(self._text)
        text = "".join(body)
        more: dict[str, str] = {}
        if name == "Pre":
            first, newline, rest = text.partition("\n")
            if newline and " " not in first:
                text = rest
                more = {"language": first} if first else {}
        self._text += text
        self._at = end + len(fence)
        self._add(name.lower(), offset, **more)

    def _link(self) -> None:
        mark = self._open.pop()
        self._at += 1
        url = ""
        if self._source.startswith("(", self._at):
            end = self._source.find(")", self._at)
            if end < 0:
                place = self._byte(self._at)
                raise ParseError(f"Can't find end of a URL at byte offset {place}")
            url = self._source[self._at + 1 : end].replace("\\", "")
            self._at = end + 1
        if url:
            self._add("text_link", mark.offset, url=url)


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text and the entities, in the order they were closed."""
    return Parser(text).run()
