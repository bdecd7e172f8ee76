"""Plain text and markdown, whatever it was written with."""

import codecs
import re
from pathlib import Path

from adapters.documents.document import Document, cleaned, named
from core.domain.errors import BadInputError

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_TOP = re.compile(r"\A\s*+(?:# +([^ \n].*)$|([^\n#].*)\n=+[ \t]*$)", re.MULTILINE)
_CLOSING = re.compile(r"(?<! ) +#+$")
_OLD = "is not UTF-8 and was read as Latin-1; check letters with accents"


def from_text(path: Path, data: bytes) -> Document:
    """Return a plain text under the name of its file."""
    text, note = decoded(path, data)
    return Document(named("", path.stem), text, "text", note)


def from_markdown(path: Path, data: bytes) -> Document:
    """Return a markdown text under the title of its front matter, or its first heading."""
    text, note = decoded(path, data)
    front = _FRONT.match(text)
    fields = front[1].strip() if front else ""
    body = text[front.end() :] if front else text
    title = _TITLE.search(fields)
    top = _TOP.match(body)
    if title:
        found = title[1].strip().strip("\"'")
    else:
        found = re.sub(r"[*`]", "", _heading(top)) if top else ""
    # The fields stay as a paragraph: an author or a date may be asked for.
    whole = f"{fields}\n\n{body}" if fields else body
    return Document(named(found, path.stem), whole, "markdown", note)


def _heading(top: re.Match[str]) -> str:
    """Return the words of a heading, without the signs that may close it."""
    return _CLOSING.sub("", top[1].rstrip()) if top[1] else str(top[2])


def decoded(path: Path, data: bytes) -> tuple[str, str]:
    """Return the text, and a note when its encoding had to be guessed."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(path, data), ""
    if b"\0" in data or data.startswith(b"%PDF-"):
        real = "a PDF" if data.startswith(b"%PDF-") else "no text"
        message = f"{path} is {real}, whatever its name says; give it its right ending first."
        raise BadInputError(message)
    try:
        return cleaned(data.decode("utf-8-sig")), ""
    except UnicodeDecodeError:
        pass
    try:
        # The Latin-1 of Windows: the same letters, and quotation marks besides.
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return cleaned(text), f"{path.name} {_OLD}."


def _utf16(path: Path, data: bytes) -> str:
    try:
        return cleaned(data.decode("utf-16"))
    except UnicodeDecodeError as error:
        message = f"{path} is broken: it begins as UTF-16 and does not go on so; save it as UTF-8."
        raise BadInputError(message) from error
