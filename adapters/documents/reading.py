"""A file of any kind becomes a document, or one sentence that says why it cannot."""

import re
from collections.abc import Callable
from pathlib import Path

from adapters.documents.calendar_file import from_ics
from adapters.documents.document import Document
from adapters.documents.mail_file import from_eml
from adapters.documents.office.excel import from_xlsx
from adapters.documents.office.package import OLD, OTHERS, kind_of, other, unread
from adapters.documents.office.slides import from_pptx
from adapters.documents.office.word import from_docx
from adapters.documents.pdf_file import from_pdf
from adapters.documents.tables import from_csv
from adapters.documents.text_file import from_markdown, from_text
from adapters.documents.web_file import from_html
from core.domain.errors import BadInputError

_TEXTS = (".text", ".log", ".json", ".xml", ".yaml", ".yml")
_MEDIA = {
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
_LOOKED_AT = 100_000
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_RICH = b"{\\rtf"
_READERS: dict[str, Callable[[Path, bytes], Document]] = {
    ".md": from_markdown,
    ".markdown": from_markdown,
    ".txt": from_text,
    **dict.fromkeys(_TEXTS, from_text),
    ".csv": from_csv,
    ".tsv": from_csv,
    ".html": from_html,
    ".htm": from_html,
    ".eml": from_eml,
    ".ics": from_ics,
    ".docx": from_docx,
    ".xlsx": from_xlsx,
    ".xlsm": from_xlsx,
    ".pptx": from_pptx,
    ".pdf": from_pdf,
}


def read_bytes(path: Path, data: bytes, media_type: str = "") -> Document:
    """Return the title and text of a file that was read already; sentences name it by its path.

    Its kind is told by the ending of its name, and where that says nothing by what is in it.
    Raises BadInputError, with a sentence for the owner, for everything that cannot be read.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        reader = _READERS.get(_ending_of(path, media_type, data))
    if reader is None:
        raise _unknown(path, data)
    return reader(path, data)


def _ending_of(path: Path, media_type: str, data: bytes) -> str:
    """Return the ending that a file should have, empty where that is not certain.

    Asked when its own says nothing. What it begins with counts more than what its sender says,
    and what is no more than text to the eye is read as text.
    """
    if data.startswith(b"%PDF-"):
        return ".pdf"
    office = kind_of(data)
    if office is not None:
        return office.ending
    if data.startswith((OLD, _RICH)) or path.suffix.lower() in OTHERS or not _is_text(data):
        return ""
    return _MEDIA.get(media_type.partition(";")[0].strip().lower(), ".txt")


def _is_text(data: bytes) -> bool:
    """Tell whether the beginning of a file is UTF-8 without the signs that programs use."""
    head = data[:_LOOKED_AT]
    if _CONTROLS.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last letter may be cut in two.
        return len(data) > _LOOKED_AT and error.start > _LOOKED_AT - 4
    return True


def _unknown(path: Path, data: bytes) -> BadInputError:
    """Return what is raised for a file that there is no reader for."""
    found = other(path, data)
    kind = OTHERS.get(path.suffix.lower())
    if found is not None:
        return found
    if kind is not None:
        return unread(path, kind.ending)
    endings = ", ".join(_READERS)
    return BadInputError(
        f"{path} is none of the documents that can be read ({endings}); convert it first."
    )
