"""Plain text and markdown, whatever it was written with."""

import re
from pathlib import Path

from adapters.documents.document import Document, cleaned, named
from adapters.documents.encoding import guessed, labelled, marked, without_broken
from core.domain.errors import BadInputError

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE | re.IGNORECASE)
_TOP = re.compile(r"\A\s*+(?:# +([^ \n].*)$|([^\n#].*)\n=+[ \t]*$)", re.MULTILINE)
_CLOSING = re.compile(r"(?<! ) +#+$")
_SAID = re.compile(rb"""\b(?:encoding|charset|coding)[ \t]*[:=][ \t]*["']?([\w.:-]+)""")
_HEAD = 1024
"""Bytes at the beginning of a file in which it may say how it is written, as HTML has it."""
_OLD = "is not UTF-8 and was read as Latin-1; check letters with accents"
_CHECK = "check that its words are right"
_NAMES = {
    "big5": "Chinese (Big5)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1253": "Greek (Windows-1253)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1257": "Baltic (Windows-1257)",
    "cp866": "Cyrillic (DOS)",
    "cp932": "Japanese (Shift JIS)",
    "cp949": "Korean (EUC-KR)",
    "euc_jp": "Japanese (EUC-JP)",
    "gb18030": "Chinese (GBK)",
    "iso8859-2": "Central European (ISO 8859-2)",
    "koi8-r": "Cyrillic (KOI8-R)",
}


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
    if mark := marked(data):
        return _marked(path, data, mark), ""
    if b"\0" in data or data.startswith(b"%PDF-"):
        real = "a PDF" if data.startswith(b"%PDF-") else "no text"
        message = f"{path} is {real}, whatever its name says; give it its right ending first."
        raise BadInputError(message)
    said = _SAID.search(data[:_HEAD])
    text, what = readable(data, said[1].decode() if said and not _is_utf8(data) else "")
    return text, f"{path.name} {what}." if what else ""


def _is_utf8(data: bytes) -> bool:
    return labelled(data, "utf-8") is not None


def readable(data: bytes, label: str = "") -> tuple[str, str]:
    """Return the text of bytes with this label, and what the owner should know of a guess."""
    text = labelled(data, label or "utf-8")
    if text is not None:
        return cleaned(text), ""
    if label and (text := labelled(data, "utf-8")) is not None:
        return cleaned(text), ""
    if (mended := without_broken(data)) is not None:
        text, count = mended
        places = "1 place" if count == 1 else f"{count:,} places"
        return cleaned(text), f"is broken in {places}, shown as \ufffd"
    text, name = guessed(data)
    what = _OLD if name == "Latin-1" else f"is not UTF-8 and was read as {_NAMES[name]}; {_CHECK}"
    return cleaned(text), what


def _marked(path: Path, data: bytes, mark: str) -> str:
    try:
        return cleaned(data.decode(mark))
    except UnicodeDecodeError as error:
        name = mark.upper().removesuffix("-SIG").removesuffix("-LE").removesuffix("-BE")
        message = f"{path} is broken: it begins as {name} and does not go on so; save it as UTF-8."
        raise BadInputError(message) from error
