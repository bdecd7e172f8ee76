"""What of a message is quoted: told by its structure alone, never by what its words mean.

Quoted are lines behind `>`, what stands in a fence of backticks, and what follows the head that
mail programs put over what they quote or forward. Words that were pasted without any of these look
like typed ones; nothing can tell them apart, and nothing here guesses.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_MARKS = (">", "\uff1e")
"""The quotation mark of mail and Markdown, and its full-width form."""
_FENCE = "```"
_RULED = re.compile(r"-{5,}\s*[^\s-].*?-{5,}")
"""`-----Original Message-----`, `---------- Forwarded message ---------`, in any language."""
_BEGINS = frozenset(
    {
        "begin forwarded message:",
        "anfang der weitergeleiteten nachricht:",
        "début du message transféré :",
        "inicio del mensaje reenviado:",
        "inizio messaggio inoltrato:",
    }
)
"""The line that Apple's mail program puts over what it forwards."""
_WROTE = re.compile(
    r"(?:On|Am|Le|El|Il|Em|Op|Den)\b.{3,300}?"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev)\b[^\n]{0,120}:",
    re.DOTALL,
)
"""`On Mon, 3 Nov 2026, Kim <kim@example.org> wrote:`, which may break over two lines."""
_FROM = re.compile(r"\W*(?:From|Von|De|Da|Van|Från|Fra)\W{0,3}:(?P<value>.*)", re.IGNORECASE)
_SUBJECT = re.compile(
    r"\W*(?:Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Assunto|Ämne|Emne)\W{0,3}:",
    re.IGNORECASE,
)
_FIELD = re.compile(r"\W*[^\W\d_][\w -]{0,20}\W{0,3}:")
LONGEST_HEAD = 500
"""Characters of a line of such a head: a name, an address and a time take far less."""
HEAD_LINES = 8
"""Lines in which the head of a quoted mail names its subject: sender, time, receivers, breaks."""

MOST_BLOCKS = 10
"""Blocks of a message: a prompt lists a dozen things at hand, and each block is an event."""


@dataclass(frozen=True, slots=True)
class Quotations:
    """The owner's own words, with the name of each block where it stood, and the blocks."""

    own: str
    blocks: tuple[str, ...] = ()
    mostly: bool = False
    """Whether more is quoted than not."""


def read_quotations(text: str, name: Callable[[int], str]) -> Quotations:
    """Return what of a text is the writer's own; `name` names the blocks, counted from 1.

    What is quoted behind the tenth place is joined to the tenth block.
    """
    own: list[str] = []
    blocks: list[str] = []
    beyond: list[str] = []
    written = 0
    for quoted, lines in _runs(text):
        if quoted:
            if len(blocks) < MOST_BLOCKS:
                blocks.append(_block(lines))
            else:
                beyond.append(_block(lines))
            own.append(f"[{name(len(blocks))}]")
        else:
            own += lines
            written += sum(len(line.strip()) for line in lines)
    if not blocks:
        return Quotations(text)
    blocks[-1] = "\n\n".join([blocks[-1], *beyond])
    if not written:
        return Quotations("", tuple(blocks), mostly=True)
    mostly = sum(len(block) for block in blocks) > written
    return Quotations("\n".join(own).strip(), tuple(blocks), mostly)


def as_quoted(text: str) -> str:
    """Return a text as a block that is read as quoted: each line of it stands behind `>`."""
    lined = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(f"> {line}" for line in lined.split("\n"))


PLACE = re.compile(r"\[M[0-9a-f]{16}q\d+\]")
"""What stands in the own words in place of a block: its name in brackets."""


def _runs(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield stretches of lines with whether they are quoted; blank ones go with those before."""
    run: list[str] = []
    before = False
    for quoted, line in _marked(text):
        if run and line.strip() and quoted != before:
            yield before, run
            run = []
        if line.strip() or not run:
            before = quoted if line.strip() else False
        run.append(line)
    if run:
        yield before, run


def _marked(text: str) -> Iterator[tuple[bool, str]]:
    """Yield each line with whether it is quoted."""
    before, fenced, after = _around_fence(text)
    rest, head = False, 0
    for part, whole in ((before, False), (fenced, True), (after, False)):
        lines = part.split("\n") if part else []
        for number, line in enumerate(lines):
            below = lines[number : number + HEAD_LINES]
            head = max(head - 1, 0 if rest or whole else _head(below))
            rest = rest or (head > 0 and not _goes_on_quoted(below[head:]))
            yield whole or rest or head > 0 or _is_marked(line), line


def _around_fence(text: str) -> tuple[str, str, str]:
    """Part a text at its first and its last fence, whatever stands between them.

    What is quoted may hold a fence itself, so an inner one neither ends nor begins anything; one
    that stands alone opens a block that is never closed.
    """
    marks = []
    position = 0
    for line in text.split("\n"):
        if not _is_marked(line):
            marks += [position + found.start() for found in re.finditer(_FENCE, line)]
        position += len(line) + 1
    if not marks:
        return text, "", ""
    end = marks[-1] + len(_FENCE) if len(marks) > 1 else len(text)
    before = text[: marks[0]].rstrip(" ").removesuffix("\n")
    return before, text[marks[0] : end], text[end:].removeprefix("\n")


def _bare(line: str) -> str:
    """Return a line without blanks and characters that cannot be seen at its beginning."""
    signs = enumerate(line)
    seen = (at for at, sign in signs if not (sign.isspace() or unicodedata.category(sign) == "Cf"))
    return line[next(seen, len(line)) :]


def _is_marked(line: str) -> bool:
    return _bare(line).startswith(_MARKS)


def _head(lines: Sequence[str]) -> int:
    """Return of how many lines a mail program's head of what it quotes is made; 0: none begins."""
    first = _bare(lines[0]).strip()
    if len(first) > LONGEST_HEAD:
        return 0
    alone = _RULED.fullmatch(first) or first.casefold() in _BEGINS or _WROTE.fullmatch(first)
    if alone or _is_letterhead(lines):
        return 1
    two = " ".join([first, *(line.strip() for line in lines[1:2])])
    return 2 if _WROTE.fullmatch(two) else 0


def _is_letterhead(lines: Sequence[str]) -> bool:
    """Whether a mail's fields stand here: a sender with an address, or with a subject below."""
    sender = _FROM.match(_bare(lines[0]))
    if sender is None:
        return False
    below = [line for line in lines[1:HEAD_LINES] if line.strip()]
    fields = [line for line in below if _FIELD.match(_bare(line))]
    return bool(fields) and ("@" in sender["value"] or any(map(_SUBJECT.match, map(_bare, fields))))


def _goes_on_quoted(lines: Sequence[str]) -> bool:
    """Whether the lines under a head stand behind `>`, so that the quotation ends where they do."""
    told = [line for line in lines if line.strip()]
    return bool(told) and _is_marked(told[0])


def _block(lines: Sequence[str]) -> str:
    """Return a block without the marks in front of its lines."""
    return "\n".join(_without_mark(line) for line in lines).strip()


def _without_mark(line: str) -> str:
    return _bare(line)[1:].removeprefix(" ") if _is_marked(line) else line
